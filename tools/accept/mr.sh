#!/usr/bin/env bash
# Movie reviews (Pang and Lee 2005), 10-fold cross-validation, from scratch: every tenth sentence of each class is the
# test fold; a tenth of the others chooses the model. At least 76.5 % on average (a convolutional network 76.1, Kim 2014).
# data: sentiment
set -euo pipefail
tools=$(dirname "$0")/..
values=()
for fold in ${FOLDS:-0 1 2 3 4 5 6 7 8 9}; do
  run=$RECUR_OUT/run-$fold
  # The file holds one class after the other, each of 5331 lines.
  awk -v fold="$fold" -v test="$RECUR_OUT/test.txt" -v train="$RECUR_OUT/train.txt" \
    '{ print > ((NR - 1) % 10 == fold ? test : train) }' "$RECUR_DATA/sentiment/rt-polarity.all"
  "$RECUR" train classify "$RECUR_OUT/train.txt" --valid 0.1 --out "$run" --seed "${SEED:-1}"
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.txt" --json >"$run/test.json"
  values+=("$("$tools"/number.sh accuracy "$run/test.json")")
done
"$tools"/mean.sh at_least "MR accuracy, mean of folds" 0.765 "${values[@]}"
