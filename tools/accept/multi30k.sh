#!/usr/bin/env bash
# Multi30k English to German, the lower-cased, tokenised files, joint BPE; BLEU of test2016 in words as those files have them,
# beam 8. At least 36 within TIME (100 minutes on two threads); a published single model has 39.0.
# data: multi30k
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/multi30k
values=()
for seed in ${SEEDS:-1}; do
  run=$RECUR_OUT/run-$seed
  "$RECUR" train translate "$data/train.lc.norm.tok.en" --target "$data/train.lc.norm.tok.de" --valid "$data/val.lc.norm.tok.en" \
    --set valid_target="$data/val.lc.norm.tok.de" --out "$run" --tokens subwords --target-tokens subwords --joint-vocabulary \
    --subword-model bpe --vocabulary 6000 --cell gru --hidden 320 --embedding 320 --dropout 0.4 --batch 64 --lr 0.001 --clip 1 \
    --time "${TIME:-100m}" --threads 2 --seed "$seed"
  "$RECUR" evaluate "$run" "$data/test_2016_flickr.lc.norm.tok.en" --target "$data/test_2016_flickr.lc.norm.tok.de" --beam 8 --json \
    >"$run/test.json"
  values+=("$("$tools"/number.sh bleu "$run/test.json")")
done
"$tools"/mean.sh at_least "Multi30k test2016 BLEU" 36 "${values[@]}"
