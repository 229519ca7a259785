#!/usr/bin/env bash
# Sparse training and recur prune: fewer bytes, little loss, and models that open like any other.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
small=(--hidden 48 --batch 16 --bptt 32 --lr 0.01 --seed 3 --valid 0.1)
expect 0 train lm text.txt "${small[@]}" --steps 100 --out run
expect 0 prune run --sparsity 0.8 --steps 80 --out sparse
grep -q '^size ' out || fail "no sizes"
grep -q '^valid loss ' out || fail "no loss"
grep -q '^symbols per second, evaluation ' out || fail "no speed"
grep -q 'step 40: 80 % of the recurrent layers' out || fail "no word of the sparsity"
[ "$(wc -c <sparse/model.recur)" -lt $(($(wc -c <run/model.recur) * 6 / 10)) ] || fail "not six tenths of the size"
expect 0 evaluate sparse text.txt --json
below "$(number loss out)" 0.3
expect 0 generate sparse --prompt 'abc a' --length 60 --temperature 0
grep -q '^abc abc abd$' out || fail "the text does not go on as it was learnt"
expect 0 inspect sparse/model.recur
grep -qE 'rnn.weight_hh_l0.sparse +I64 ' out || fail "inspect: no sparse tensor"
expect 0 quantize sparse --out tiny.recur --data text.txt
[ "$(wc -c <tiny.recur)" -lt "$(wc -c <sparse/model.recur)" ] || fail "int8 is not smaller"
expect 0 evaluate tiny.recur text.txt --json
below "$(number loss out)" 0.3
expect 0 export sparse --to safetensors --out whole.safetensors

expect 0 prune run --sparsity 0.5 --sparse-block 4x16 --steps 20 --data text.txt --out other --json
check_json out
tail -1 out | grep -q '"bytes_before":' || fail "no sizes in the JSON"
tail -1 out | grep -q '"metrics":{.*"loss":{"before":' || fail "no loss in the JSON"
expect 0 resume other --steps 25

expect 0 train lm text.txt "${small[@]}" --steps 40 --int8-training --sparsity 0.5 --out both
expect 0 quantize both --out both.recur

cp -r run before
for bad in 1 1.5 -0.1 nan 0; do
  expect_error 2 "--sparsity" prune run --sparsity "$bad" --out x
done
expect_error 2 "--sparse-block" prune run --sparsity 0.5 --sparse-block 8x8 --out x
expect_error 2 "--sparsity S is missing" prune run --out x
expect_error 2 "--out RUN is missing" prune run --sparsity 0.5
expect_error 2 "another folder than that of RUN" prune run --sparsity 0.5 --out run --force
expect_error 2 "expected the folder of a run" prune tiny.recur --sparsity 0.5 --out x
expect_error 1 "no such folder" prune missing --sparsity 0.5 --out x
expect_error 2 "--steps" prune run --sparsity 0.5 --steps 0 --out x
tr 'abcd' 'wxyz' <text.txt >letters.txt
expect 0 prune run --sparsity 0.5 --steps 2 --data letters.txt --out letters
grep -q 'symbols of the training text are not in the vocabulary of the model' err || fail "other letters are not said to be unknown"
expect_error 2 "hidden: expected 48, as the model .*run has it, which training begins from, got 8" prune run --sparsity 0.5 --set hidden=8 --out x
[ ! -e x ] || fail "a failed prune left a folder"
diff -r before run || fail "prune changed its input"
