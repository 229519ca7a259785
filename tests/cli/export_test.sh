#!/usr/bin/env bash
# A model as an ONNX file and as plain tensors: checked, whole or not at all.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
expect 0 train lm text.txt --hidden 8 --batch 4 --bptt 10 --seed 3 --steps 3 --out run

expect 0 export run --to onnx --out lm.onnx --json
check_json out
grep -q '"format":"onnx"' out || fail "no format in the JSON"
grep -q '"name":"log_probabilities"' out || fail "no output in the JSON"
below "$(number difference out)" 0.00001
[ "$(head -c 2 lm.onnx | od -An -tx1 | tr -d ' ')" = 0808 ] || fail "the file does not begin with IR version 8"

expect 0 export run --out step.onnx --stateful --check 1 --samples step.safetensors
grep -q 'checked on 1 random batch' out || fail "no word about the check"
grep -qE '^input +h_l0 +f32 \[B, 8\]' out || fail "no state among the inputs"
grep -q '0.input.ids' step.safetensors || fail "no samples"

expect 0 export run --out lm.safetensors
grep -qE '^tensor +rnn.weight_ih_l0 +f32 \[32, ' out || fail "no tensor"

expect_error 2 "--out FILE is missing" export run --to onnx
expect_error 2 "expected onnx or safetensors" export run --out model.bin
expect_error 2 "got 'onyx'" export run --to onyx --out m.onnx
expect_error 2 "has one part only" export run --out m.onnx --part decoder
expect_error 2 "expected a number of batches" export run --out m.onnx --check some
expect_error 2 "expected a file other than the model" export run --to onnx --out run/model.recur
expect_error 1 "missing" export missing --out m.onnx

expect 0 quantize run --out int8.recur
expect_error 2 "the weights of the model are int8" export int8.recur --out m.onnx
expect 0 export int8.recur --out int8.safetensors
[ ! -e m.onnx ] || fail "a failed export left a file"

# The header of plain C is a file that is written, too.
cp run/model.recur kept.h
expect_error 2 "\-\-out, the header" export kept.h --to c --out kept.c
cmp run/model.recur kept.h || fail "a header was written over the model"
[ ! -e kept.c ] || fail "a refused export left a file"
