#!/usr/bin/env bash
# Products in bf16 learn as well as in f32: the same network, seed and number of epochs on Tiny Shakespeare, whose
# validation loss may be at most 1 % higher.
# data: tinyshakespeare
set -euo pipefail
tail -c 111540 "$RECUR_DATA/tinyshakespeare/input.txt" >"$RECUR_OUT/valid.txt"
for precision in f32 bf16; do
  "$RECUR" train lm "$RECUR_DATA/tinyshakespeare/input.txt" --valid 0.1 --out "$RECUR_OUT/$precision" \
    --precision "$precision" --set tokens=chars --hidden "${HIDDEN:-256}" --layers 2 --dropout 0.2 --bptt 100 --batch 50 \
    --epochs "${EPOCHS:-8}" --optimizer adamw --lr 0.002 --set schedule=cosine --set warmup=100 --set forget_bias=1 \
    --clip 1 --seed "${SEED:-1}"
  "$RECUR" evaluate "$RECUR_OUT/$precision" "$RECUR_OUT/valid.txt" --json | tee "$RECUR_OUT/$precision.json"
done
bound=$(sed -n 's/.*"loss": *\([0-9.]*\).*/\1/p' "$RECUR_OUT/f32.json" | awk '{ printf "%.4f", 1.01 * $1 }')
"$(dirname "$0")"/../at_most.sh "bf16: validation nats a character" loss "$RECUR_OUT/bf16.json" "$bound"
