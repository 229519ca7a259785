#!/usr/bin/env bash
# Runs and what could go wrong around them: metrics that cannot be, data that changed, folders that two want, files that
# would be overwritten or are left behind.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# A metric that these validation data cannot give is refused before the first step.
{ echo text,label; for i in $(seq 12); do echo "good good fine,up"; echo "bad awful,down"; done; } >texts.csv
{ echo text,label; for i in $(seq 3); do echo "good fine,up"; done; } >one_class.csv
small=(--hidden 4 --set embedding=4 --steps 4)
expect_error 1 "select = auc: expected validation data of two classes or more, but all 3 examples have the label 'up'" \
  train classify texts.csv --valid one_class.csv --select auc "${small[@]}" --out none
[ -e none ] && fail "a folder was made"
awk 'BEGIN { print "t,x"; for (t = 0; t < 60; ++t) print t ",5" }' >constant.csv
for metric in owa mase rse; do
  expect_error 1 "select = $metric: it cannot be computed on the validation data" \
    train forecast constant.csv --horizon 5 --valid 0.2 --select $metric --hidden 4 --steps 2 --out none
done
expect_error 2 "select = crps: expected a head that gives a distribution, got mae" \
  train forecast constant.csv --horizon 5 --valid 0.2 --select crps --head mae --hidden 4 --steps 2 --out none
expect 0 train forecast constant.csv --horizon 5 --valid 0.2 --select loss --hidden 4 --steps 2 --out loss

# Lengths that do not suffice are given.
expect_error 1 "has 60 steps, and a window needs 70" train forecast constant.csv --horizon 70 --out none
head -4 constant.csv >short.csv
expect_error 1 "the longest series has 3 known steps; a window needs 6" evaluate loss short.csv

# A label that is no answer is named where it stands.
awk 'BEGIN { print "id,t,x"; for (i = 1; i <= 6; ++i) for (t = 0; t < 3; ++t) printf "r%d,%d,%d\n", i, t, i * t }' >records.csv
printf 'id,sick\nr1,0\nr2,1\nr3,maybe\nr4,1\nr5,0\nr6,1\n' >answers.csv
expect_error 1 "answers.csv:4: record 'r3': label sick: expected 0 or 1" \
  train diagnose records.csv --set labels_file=answers.csv --set label_columns=sick --out none
sed -i 's/maybe/0/' answers.csv
expect 0 train diagnose records.csv --set labels_file=answers.csv --set label_columns=sick --hidden 4 --steps 2 --out sick

# A run goes on with the data that it began with, wherever they are, and with no others.
expect 0 train classify texts.csv "${small[@]}" --out run
cp texts.csv kept.csv
sed -i 's/,up/,UP/' texts.csv
expect_error 1 "the training data have changed since the run began" resume run --steps 6
{ head -1 kept.csv; tail -n +2 kept.csv | tac; } >texts.csv
expect_error 1 "the training data have changed" resume run --steps 6
rm texts.csv
expect_error 1 "texts.csv" resume run --steps 6
expect 0 resume run --steps 6 --data kept.csv
grep -q 'kept.csv' run/config.toml || fail "the new place is not kept"
expect 0 resume run --steps 8
easy_text >text.txt
expect 0 train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 2 --out lm
tr ab ba <text.txt >turned.txt
expect_error 1 "the training data have changed" resume lm --steps 4 --data turned.txt

# No command writes over what it reads.
cp kept.csv new.csv
ln new.csv link.csv
for out in new.csv ./new.csv link.csv; do
  expect_error 2 "\-\-out: would overwrite" predict run new.csv --out $out
done
for out in run/model.recur run/last.ckpt run/config.toml; do
  expect_error 2 "\-\-out: " predict run new.csv --out $out
done
expect_error 2 "\-\-examples: would overwrite" evaluate run new.csv --examples new.csv
expect_error 2 "\-\-out: would overwrite" predict sick records.csv --labels-file answers.csv --out answers.csv
expect_error 2 "\-\-out: would overwrite" quantize run --data new.csv --out new.csv
expect_error 2 "expected two files, got both.svg for both" predict loss constant.csv --chart both.svg --out both.svg
expect_error 2 "\-\-chart: would overwrite" predict loss constant.csv --chart constant.csv
mkdir folder
cp text.txt folder/a.txt
expect_error 2 "is one of the files of folder" predict lm folder --out folder/a.txt
cmp -s folder/a.txt text.txt || fail "the input was changed"
cmp -s new.csv kept.csv || fail "the input was changed"
expect 0 predict lm folder --out folder/rows.csv

# Runs without a name never share a folder.
for i in 1 2 3 4; do
  "$RECUR" train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 2 --quiet &
done
wait
[ "$(ls runs | tr '\n' ' ')" = 'lm-1 lm-2 lm-3 lm-4 ' ] || fail "the folders are $(ls runs)"
for i in 1 2 3 4; do expect 0 inspect runs/lm-$i; done
expect 1 train lm missing.txt
[ -e runs/lm-5 ] && fail "a folder is left of a run that did not begin"

# One process at a time has a run.
"$RECUR" train lm text.txt --hidden 4 --batch 2 --bptt 8 --time 60s --set checkpoint_every=1s --out live --quiet &
pid=$!
for _ in $(seq 500); do [ -s live/last.ckpt ] && break; sleep 0.02; done
expect_error 1 "live: the run is in use by process $pid since 20" resume live
expect_error 1 "live: the run is in use by process $pid" train lm text.txt --hidden 4 --out live --force
kill -KILL $pid
wait $pid 2>/dev/null || true

# What a killed process was writing is removed by the next that writes there; what a live one writes, or a name that only
# looks alike, is not.
: >"live/last.ckpt.tmp-$pid-7"
: >"live/last.ckpt.tmp-$$-7"
: >"live/notes.tmp-99999999-1"
expect 0 resume live --time 1s --steps 1
[ -e "live/last.ckpt.tmp-$pid-7" ] && fail "a file of a killed process is left"
[ -e "live/last.ckpt.tmp-$$-7" ] || fail "a file of a live process is gone"
[ -e live/notes.tmp-99999999-1 ] || fail "a file of no process is gone"
[ -e live/run.lock ] && fail "the lock is left"

# A line of the log that is damaged holds up nothing.
expect 0 train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 4 --set log_every=1 --out logged
sed -i '2s/.*/{"step": 2, "epo/' logged/metrics.jsonl
expect 0 inspect logged
grep -q 'metrics.jsonl:2: a line that is not a row of metrics was skipped' err || fail "the damaged line is not named"
expect 0 resume logged --steps 6
[ "$(wc -l <logged/metrics.jsonl)" = 5 ] || fail "the sound lines are not kept"

# A run that ends far above its lowest loss says so, and one that never began, too.
expect 0 train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 30 --optimizer sgd --lr 1e4 --clip 0 --out wild
grep -q 'warning: the training loss went from .*: the run diverged' err || fail "nothing is said of a run that diverged"
expect_error 2 "levels: 0.5 is given twice" predict loss constant.csv --levels 0.5,0.5
expect 0 predict lm text.txt --out /dev/stdout
[ "$(wc -l <out)" -gt 1 ] || fail "the rows are not on the standard output"

# The best model so far is that of the run, or it is said.
expect 0 train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 6 --valid 0.2 --seed 1 --out one
expect 0 train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 6 --valid 0.2 --seed 2 --out two
expect 0 resume one --steps 7
grep -q 'not the model that' err && fail "a run does not know its own model"
cp two/model.recur one/model.recur
expect 0 resume one --steps 8
grep -q 'one/model.recur: not the model that this run wrote at step' err || fail "a model of another run is not noticed"

# Files do not take the numbers of closed standard descriptors.
"$RECUR" train lm text.txt --hidden 4 --batch 2 --bptt 8 --steps 2 --out closed <&- >&- 2>&- && fail "the output is closed"
if grep -qv '^{' closed/metrics.jsonl; then fail "the output went into a file of the run"; fi

# Paths: an empty one is none, and of a long one an error shows the ends.
expect_error 2 "--out: expected a path, got ''" train lm text.txt --out ''
expect_error 2 "--out: expected a path, got ''" predict lm text.txt --out ''
expect_error 1 'too long' train lm text.txt --steps 1 --out "$(head -c 6000 /dev/zero | tr '\0' x)"
[ "$(wc -c <err)" -lt 2000 ] || fail "all of a long path is shown"
cp text.txt input.txt
expect_error 2 'would overwrite' predict lm - --out input.txt <input.txt
