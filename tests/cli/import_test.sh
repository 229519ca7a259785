#!/usr/bin/env bash
# A file of another tool becomes a model that predicts, streams, is described and quantised.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"
golden=$(cd "$(dirname "${BASH_SOURCE[0]}")/../golden/import" && pwd)

expect 0 import "$golden/lstm_two.pt" --out lstm.recur
grep -qE '^format +PyTorch state dict$' out || fail "no format"
grep -qE '^layer 0 +lstm 5 layers=2$' out || fail "no layer"
grep -q 'note: .*taken as rnn (3 to lstm 5 layers=2), fc (10 to dense 2)' err ||
  grep -q 'note: .*taken as rnn (3 to lstm 5 layers=2), fc (5 to dense 2)' err || fail "the guess is not said"
printf '0.5,1,0\n-1,2,0.25\n0,0,1\n' >x.csv
expect 0 predict lstm.recur x.csv
[ "$(head -1 out)" = id,step,y1,y2 ] || fail "columns"
cut -d, -f3- out >whole
expect 0 predict lstm.recur - <x.csv
cut -d, -f2- out | tail -n +2 >streamed
paste -d, <(tail -n +2 whole) streamed | awk -F, '{ if (($1-$3)^2 > 1e-12 || ($2-$4)^2 > 1e-12) exit 1 }' ||
  fail "a stream gives something else"
expect 0 inspect lstm.recur
grep -qE '^0.weight_ih_l0 +F32 +\[20, 3\]' out || fail "inspect: no tensor"
grep -qE '^imported from +lstm_two.pt$' out || fail "inspect: no origin"
expect 0 quantize lstm.recur --out small.recur
expect 0 predict small.recur x.csv
expect 0 import "$golden/lstm_two.safetensors" --out lstm.recur --json --quiet
check_json out
grep -q '"parameters":' out || fail "no parameters"

# ONNX, in and out.
expect 0 import "$golden/onnx_both.onnx" --out both.recur
grep -qE '^layer 0 +lstm 5 bidirectional$' out || fail "onnx: no layer"
expect 0 export both.recur --to onnx --out both.onnx
expect 0 import both.onnx --out again.recur
printf '1,0,0,0\n0,1,0.5,0\n' >four.csv
expect 0 predict both.recur four.csv
cp out first
expect 0 predict again.recur four.csv
cmp -s first out || fail "onnx: not the same after a round trip"
expect 0 import "$golden/onnx_step.onnx" --input sr=16000 --input x=1x12 --out step.recur
grep -qE '^layer 6 +lstm 3$' out || fail "onnx: no LSTM of a step"
expect_error 1 "its condition is no constant" import "$golden/onnx_step.onnx" --input x=1x12 --out never.recur
expect_error 2 "the graph has no input 'rate'" import "$golden/onnx_step.onnx" --input rate=16000 --out never.recur
expect_error 2 "--input is for ONNX graphs" import "$golden/lstm_two.pt" --input x=1 --out never.recur
expect_error 2 "lists its layers in order" import "$golden/onnx_both.onnx" --layers lstm --out never.recur

# One output a sequence, and metrics.
expect 0 import "$golden/sentence.pt" --layers embed,norm,gru,last,hidden,batch_norm,relu,out,log_softmax --out text.recur
printf 'id,word,a,b,c\n1,1,0,0,0\n1,4,0,0,0\n2,2,0,0,0\n' >words.csv
expect 0 predict text.recur words.csv --id-column id --value-columns word
[ "$(wc -l <out)" = 3 ] || fail "a row for each sequence"
expect 0 evaluate text.recur words.csv --id-column id --target-columns a,b,c --json
grep -q '"examples":6,' out || fail "evaluate: examples"

expect_error 2 "hidden and out are consecutive linear layers" import "$golden/sentence.pt" --out never.recur --quiet
expect_error 2 "set --key to one of: generator, critic" import "$golden/two_models.pt" --out never.recur
expect_error 1 "a whole module of the class __main__.Tagger" import "$golden/module.pt" --out never.recur
expect_error 1 "before 1.6" import "$golden/legacy.pt" --out never.recur
expect_error 1 "missing" import missing.pt --out never.recur
# Weights of a training that went wrong: a safetensors file with two NaNs.
header='{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}'
printf "\\x$(printf %x ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header" >nan.safetensors
for word in '\0\0\xc0\x7f' '\0\0\x80\x3f' '\0\0\xc0\x7f' '\0\0\0\0' '\0\0\0\0' '\0\0\0\0'; do printf "$word"; done >>nan.safetensors
expect_error 1 "2 of 4 weights are NaN or infinite" import nan.safetensors --layers fc:dense --out never.recur
expect_error 2 "--out MODEL is missing" import "$golden/lstm_two.pt"
cp "$golden/lstm_two.pt" same.pt
expect_error 2 "same.pt" import same.pt --out same.pt
expect_error 2 "recur import FILE --out MODEL" train network x.csv --out never
[ ! -e never.recur ] || fail "a failed import left a file"
