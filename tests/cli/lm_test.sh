#!/usr/bin/env bash
# Trains a small model and uses it: it learns an easy text, and evaluate, predict, generate and inspect agree on it.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
options=(--hidden 24 --batch 16 --bptt 32 --lr 0.01 --seed 3 --steps 250 --valid 0.1)
expect 0 train lm text.txt "${options[@]}" --out run
grep -q 'the model is in run' out || fail "the result does not say where the model is"
for file in config.toml model.recur last.ckpt metrics.jsonl; do
  [ -s run/$file ] || fail "no run/$file"
done
ls run/events.out.tfevents.* >/dev/null || fail "no event file"
check_json run/metrics.jsonl

# A text of one repeated line has next to nothing left to learn; a broken model stays above 1 nat.
expect 0 evaluate run text.txt --json
check_json out
[ "$(wc -l <out)" = 1 ] || fail "not one object"
grep -q '"task":"lm","examples":7199,' out || fail "task and examples"
below "$(number loss out)" 0.05
below "$(number perplexity out)" 1.06
below "$(number bits_per_character out)" 0.08
expect 0 evaluate --json run/model.recur text.txt
below "$(number loss out)" 0.05

# It writes what it has read; a seed gives one text, another seed another.
expect 0 generate run --prompt 'abc a' --length 60 --temperature 0
grep -q '^abc abc abd$' out || fail "the text does not go on as it was learnt"
[ "$(head -c 5 out)" = 'abc a' ] || fail "the prompt is not at the start"
"$RECUR" generate run --length 300 --temperature 3 --seed 5 >first
"$RECUR" generate run --length 300 --temperature 3 --seed 5 >second
"$RECUR" generate run --length 300 --temperature 3 --seed 6 >third
cmp first second || fail "the same seed gave another text"
! cmp -s first third || fail "another seed gave the same text"
expect 0 generate run --length 20 --seed 5 --json
check_json out
grep -q '"text":"' out || fail "no text in the JSON"

expect_error 2 '--prompt: expected the prompt here or with -, got both' generate run - --prompt abc <text.txt

# A reader that goes away ends it quietly.
"$RECUR" generate run --length 1000000 2>err | head -c 100 >out
[ "$(wc -c <out)" = 100 ] || fail "head got less than it asked for"
[ ! -s err ] || fail "a closed pipe is an error"

# A row a line, to the standard output, to a file, as JSON.
head -5 text.txt >five.txt
expect 0 predict run five.txt
[ "$(wc -l <out)" = 6 ] || fail "predict: not a header and five rows"
cp out rows
expect 0 predict run five.txt --out rows.csv
cmp rows rows.csv || fail "predict --out differs"
expect 0 predict run five.txt --json
check_json out
[ "$(wc -l <out)" = 5 ] || fail "predict --json: not five rows"
for name in never.wav never.PNG never.svg; do
  expect_error 2 "--out: writes rows: expected a name such as rows.csv" predict run five.txt --out $name
  expect_error 2 "--examples: writes rows: expected a name such as rows.csv" evaluate run five.txt --examples $name
done
expect_error 2 "DATA is missing" evaluate run
expect_error 1 "missing.txt" predict run missing.txt --out never.csv
[ ! -e never.csv ] || fail "a failed predict left a file"

# What a text for validation has beyond the model is said once, however often it is validated on.
{ cat five.txt five.txt five.txt; echo 'abc Z'; } >other.txt
expect 0 train lm text.txt --hidden 8 --batch 16 --bptt 32 --steps 6 --valid other.txt --set validate_every=2 --out other
[ "$(grep -c 'not in the vocabulary of the model' err)" = 1 ] || fail "unknown symbols are not said once"

# What is in it.
expect 0 inspect run
grep -q 'vocabulary' out || fail "inspect run: no vocabulary"
grep -q 'valid loss' out || fail "inspect run: no history"
expect 0 inspect run --json
check_json out
expect 0 inspect run/model.recur
grep -q 'weight_hh_l0' out || fail "inspect model: no tensors"
expect 0 inspect run/model.recur --json
grep -q '"hidden":[0-9]' out || fail "inspect model: options are not typed"
grep -q '"valid_loss":[0-9]' out || fail "inspect model: facts are not numbers"
check_json out
expect 0 inspect run/last.ckpt
expect 0 inspect text.txt --baselines
grep -q '^5-gram' out || fail "inspect text: no baselines"
expect 0 inspect text.txt --json
check_json out
[ "$(number lines out)" = 600 ] || fail "inspect text: lines"
[ "$(number different_characters out)" = 6 ] || fail "inspect text: characters"
printf 'ok\nbad \xff\n' >latin.txt
expect 0 inspect latin.txt
grep -q 'not UTF-8.*latin.txt at byte 7' out || fail "inspect: where the encoding breaks"

# A run is not overwritten by accident.
expect_error 2 "run" train lm text.txt --steps 5 --out run
expect 0 train lm text.txt --steps 5 --out run --force --quiet
[ ! -s out ] || fail "--quiet is not"

# Without --out the folder is the next free one, and the program says which.
expect 0 train lm text.txt --steps 5
grep -q 'runs/lm-1' out || fail "the run's folder is not named"
expect 0 train lm text.txt --steps 5 --json
check_json out
[ -s runs/lm-1/model.recur ] && [ -s runs/lm-2/model.recur ] || fail "no model in runs/"

# Five lines are enough to train on.
expect 0 train lm five.txt --steps 20 --batch 2 --bptt 8 --out tiny

# Nobody has to watch: a training whose output is closed goes on to its end.
"$RECUR" train lm text.txt --hidden 16 --steps 200 --valid 0.1 --out unseen --set validate_every=10 2>err | head -1 >out
[ ! -s err ] || fail "a closed pipe is an error"
expect 0 inspect unseen --json
[ "$(grep -o '"step":[0-9]*' out | tail -1)" = '"step":200' ] || fail "the unseen training did not end"
