#!/usr/bin/env bash
# What was taken for what, and what was left out, is said on the standard error output; few lines of a kind.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

mkdir texts
for i in $(seq 12); do printf '\0\1\2' >texts/z$i.bin; done
easy_text >texts/a.txt
small=(--hidden 4 --batch 2 --bptt 8 --steps 2)
expect 0 train lm texts "${small[@]}" --out run
[ "$(grep -c '^recur: note: .*texts/z.*skipped' err)" = 8 ] || fail "not the first eight of a kind"
grep -q '^recur: note: ... and 4 more of this kind: skipped' err || fail "the rest are not counted"
grep -q '^data  *text: [0-9]* symbols' out || fail "the text is not described"
cp err whole
expect 0 train lm texts "${small[@]}" --out run --force --quiet
[ -s err ] && fail "--quiet leaves notes"
[ -s out ] && fail "--quiet leaves lines"
expect 0 quantize run --out small.recur --data texts
grep -q '^recur: note: .*skipped' err || fail "quantize: no notes"
expect 0 quantize run --out small.recur --data texts --quiet
[ -s err ] && fail "quantize --quiet leaves notes"
grep -q '^loss ' out || fail "quantize --quiet: no comparison"
expect 0 train lm texts "${small[@]}" --out run --force --json
check_json out
cmp -s err whole || fail "--json changes the notes"

awk 'BEGIN {
  print "id,time,remark,sold"
  for (s = 0; s < 3; ++s) for (t = 0; t < 30 + s; ++t) printf "s%d,%d,word%d,%d\n", s, t + 1, t * t % 7, 5 + t % 7
}' >sales.csv
expect 0 train forecast sales.csv --horizon 3 --hidden 4 --steps 2 --out forecast
grep -q '^recur: note: .*column remark is left out: it is text' err || fail "a column that is left out is not named"
grep -q '^data .*sales.csv: 3 sequences of 30 to 32 steps; id: id; time: time; channels: sold; left out: remark' out ||
  fail "it is not said what was taken for what"
expect 0 evaluate forecast sales.csv
expect 0 predict forecast sales.csv
expect 0 predict forecast sales.csv --quiet
[ -s err ] && fail "predict --quiet leaves notes"

# Lines of validation are few, whatever their number; the file has all.
easy_text >text.txt
expect 0 train lm text.txt --valid 0.2 --hidden 4 --batch 2 --bptt 8 --steps 60 --set validate_every=1 --out often
[ "$(grep -c 'valid:' out)" -le 12 ] || fail "a line for every validation"
grep -q 'step *1 .*valid:' out || fail "no line for the first validation"
grep -q 'step *60 .*valid:' out || fail "no line for the last validation"
[ "$(grep -c valid_loss often/metrics.jsonl)" = 60 ] || fail "metrics.jsonl lacks validations"
expect 0 train lm text.txt --valid 0.2 --hidden 4 --batch 2 --bptt 8 --steps 60 --set validate_every=1 --out json --json
[ "$(grep -c '"event":"validation"' out)" = 60 ] || fail "--json lacks validations"

# The options of a model's task are in the help of what uses it.
expect 0 predict forecast --help
grep -q -- '--history' out || fail "predict RUN --help lacks the task's options"
grep -q -- '--prompt\|--labels-file' out && fail "predict RUN --help has another task's options"
expect 0 evaluate detect --help
grep -q -- '--labels-file' out || fail "evaluate TASK --help lacks the task's options"
expect 0 predict --help
grep -q -- '--threads' out || fail "predict --help lacks the common options"
grep -q -- '--max-ids' out || fail "predict --help does not say which task has which options"
