#!/usr/bin/env bash
# Stanford Sentiment Treebank, two classes: trained on its sentences alone, from scratch, chosen on its validation part.
# At least 79.5 % of the test sentences (LSTM trained on all phrases 84.9, Tai et al. 2015).
# data: sentiment
set -euo pipefail
tools=$(dirname "$0")/..
values=()
for seed in ${SEEDS:-1 2 3}; do
  run=$RECUR_OUT/run-$seed
  "$RECUR" train classify "$RECUR_DATA/sentiment/stsa.binary.train" --valid "$RECUR_DATA/sentiment/stsa.binary.dev" \
    --out "$run" --seed "$seed"
  "$RECUR" evaluate "$run" "$RECUR_DATA/sentiment/stsa.binary.test" --json >"$run/test.json"
  values+=("$("$tools"/number.sh accuracy "$run/test.json")")
done
"$tools"/mean.sh at_least "SST-2 test accuracy" 0.795 "${values[@]}"
