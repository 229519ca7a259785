#!/usr/bin/env bash
# Tiny Shakespeare, characters: the first 90 % to train on, the last 10 % to validate. At most 1.55 nats a character
# after 30 minutes (TIME=30m) on one thread.
# data: tinyshakespeare
set -euo pipefail
"$RECUR" train lm "$RECUR_DATA/tinyshakespeare/input.txt" --valid 0.1 --out "$RECUR_OUT/run" \
  --set tokens=chars --hidden "${HIDDEN:-256}" --layers 2 --dropout "${DROPOUT:-0.3}" --bptt 100 --batch 50 \
  --time "${TIME:-30m}" --optimizer adamw --lr 0.002 --set weight_decay=0.02 --set schedule=cosine --set warmup=100 \
  --set forget_bias=1 --clip 1 --seed "${SEED:-1}"
tail -c 111540 "$RECUR_DATA/tinyshakespeare/input.txt" >"$RECUR_OUT/valid.txt"
"$RECUR" evaluate "$RECUR_OUT/run" "$RECUR_OUT/valid.txt" --json | tee "$RECUR_OUT/valid.json"
"$(dirname "$0")"/../at_most.sh "validation nats a character" loss "$RECUR_OUT/valid.json" 1.55
