#!/usr/bin/env bash
# Signals: a run that is told to stop does so within a validation, a step that takes minutes, or while data are read.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt

# A validation is stopped by a signal, and made when the run goes on: the same bytes as without.
awk 'BEGIN { for (i = 0; i < 20000; ++i) print "abc abc abd" }' >long.txt
options=(long.txt --valid 0.95 --hidden 96 --batch 4 --bptt 8 --steps 8 --set validate_every=4 --set eval_batch=1)
expect 0 train lm "${options[@]}" --out whole
"$RECUR" train lm "${options[@]}" --out cut >out 2>err &
pid=$!
for _ in $(seq 3000); do grep -q '^validation results' out && break; sleep 0.01; done
sleep 0.3
kill -TERM $pid
wait $pid || fail "the stopped run failed"
grep -q 'to resume: recur resume cut' out || fail "the run was not stopped"
expect 0 resume cut
cmp whole/model.recur cut/model.recur || fail "after a stopped validation the model differs"

# The process in the background ends with this exit code.
ends_with() {
  local code=0
  wait $pid || code=$?
  [ $code = "$1" ] || fail "exit code $code instead of $1"
}

# A step that takes minutes does not hold up a signal: the process ends, and the checkpoint before it stays.
awk 'BEGIN { print "id,label,x"; for (i = 1; i <= 2; ++i) for (t = 0; t < 40000; ++t) print i "," i "," t % 7 }' >steps.csv
"$RECUR" train classify steps.csv --label-column label --id-column id --hidden 1536 --steps 1 --out slow >out 2>err &
pid=$!
for _ in $(seq 3000); do [ -s slow/last.ckpt ] && break; sleep 0.01; done
sleep 0.5
kill -TERM $pid
ends_with 1
grep -q 'stopped within a step, which took longer than 10 s; .* recur resume slow' err || fail "the step went on"
grep -q '"step":' slow/metrics.jsonl && fail "there was a step"

# While data are read there is nothing to save; and a second signal of any kind ends the process at once.
"$RECUR" train classify <(sleep 20) --out unread >out 2>err &
pid=$!
sleep 0.5
kill -TERM $pid
ends_with 1
grep -q 'stopped before the training began' err || fail "the reading went on"
"$RECUR" train lm text.txt --hidden 1024 --layers 4 --batch 1000 --bptt 1000 --steps 1 --out twice >out 2>err &
pid=$!
for _ in $(seq 3000); do [ -s twice/last.ckpt ] && break; sleep 0.01; done
sleep 0.5
kill -INT $pid
kill -TERM $pid
code=0
wait $pid || code=$?
[ $code = 143 ] || [ $code = 130 ] || fail "exit code $code instead of that of a signal"
