#!/usr/bin/env bash
# MNIST, each image as 28 steps of 28 pixels, a tenth of the training part held out to choose the model. At least 98.8 %
# of the test images. EPOCHS makes it shorter (3 take minutes); DEFAULTS=1: defaults alone, whatever EPOCHS is.
# data: mnist
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/mnist
chosen=(--network rnn --members 1 --augment none --batch 32 ${EPOCHS:+--epochs "$EPOCHS"})
if [ -n "${DEFAULTS:-}" ]; then chosen=(); fi
values=()
for seed in ${SEEDS:-1 2 3}; do
  run=$RECUR_OUT/run-$seed
  "$RECUR" train classify "$data/train-images-idx3-ubyte.gz" --labels-file "$data/train-labels-idx1-ubyte.gz" \
    --valid 0.1 "${chosen[@]}" --seed "$seed" --out "$run"
  "$RECUR" evaluate "$run" "$data/t10k-images-idx3-ubyte.gz" --labels-file "$data/t10k-labels-idx1-ubyte.gz" \
    --json >"$run/test.json"
  values+=("$("$tools"/number.sh accuracy "$run/test.json")")
done
"$tools"/mean.sh at_least "MNIST by rows, test accuracy" 0.988 "${values[@]}"
