#!/usr/bin/env bash
# A model with 8-bit weights is smaller, costs little, and opens like any other.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
expect 0 train lm text.txt --hidden 48 --batch 16 --bptt 32 --lr 0.01 --seed 3 --steps 120 --valid 0.1 --out run
expect 0 quantize run --out small.recur --data text.txt
grep -qE '^size ' out || fail "no sizes"
grep -qE '^loss ' out || fail "no loss"
[ "$(wc -c <small.recur)" -lt $(($(wc -c <run/model.recur) / 2)) ] || fail "not half the size"

expect 0 quantize run --out small.recur --data text.txt --json
check_json out
grep -q '"metrics":{.*"loss":{"before":' out || fail "no loss in the JSON"
expect 0 evaluate small.recur text.txt --json
below "$(number loss out)" 0.2
expect 0 generate small.recur --prompt 'abc a' --length 60 --temperature 0
grep -q '^abc abc abd$' out || fail "the text does not go on as it was learnt"
head -2 text.txt >two.txt
expect 0 predict small.recur two.txt
expect 0 inspect small.recur
grep -qE 'rnn.weight_hh_l0 +I8 ' out || fail "inspect: no tensor of type I8"

expect_error 1 "already int8" quantize small.recur --out smaller.recur
[ ! -e smaller.recur ] || fail "a failed quantize left a file"
expect_error 2 "--out FILE is missing" quantize run
expect_error 2 "MODEL is missing" quantize --out x.recur
expect_error 2 "expected a file other than the model" quantize run --out run/model.recur
expect_error 1 "missing" quantize missing --out x.recur

# Options of the use of a model hold for both.
expect 0 quantize run --out small.recur --data text.txt --eval-batch 2 --json
before=$(grep -o '"before":[0-9.e-]*' out | head -1)
expect 0 evaluate run text.txt --eval-batch 2 --json
grep -q "\"loss\":${before#*:}" out || fail "the option was not used"
expect_error 2 "eval-batch" quantize run --out other.recur --data text.txt --eval-batch 0
