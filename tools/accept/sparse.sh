#!/usr/bin/env bash
# Tiny Shakespeare by characters, an LSTM of 512 units (the first 90 % to train on, the last 10 % to validate): 90 % of its weights are
# left out in blocks while it trains on as long again, without dropout; then what is left is rounded to 8-bit integers. The loss of both is
# at most 2 % more than that of the dense model. How much faster a step is: ./dev bench sparse.
# EPOCHS (12) of the dense model, LONGER (1), how many times as long it is pruned, BLOCK (16x1), SPARSITY (0.9), DROPOUT (0) while it
# is pruned, SEED.
# data: tinyshakespeare
set -euo pipefail
tools=$(dirname "$0")/.. text=$RECUR_DATA/tinyshakespeare/input.txt dense=$RECUR_OUT/dense sparse=$RECUR_OUT/sparse
epochs=${EPOCHS:-12} batch=50 bptt=100
tail -c 111540 "$text" >"$RECUR_OUT/valid.txt"
"$RECUR" train lm "$text" --valid 0.1 --tokens chars --hidden 512 --layers 1 --dropout 0.3 --bptt $bptt --batch $batch --epochs "$epochs" \
  --optimizer adamw --lr 0.002 --weight-decay 0.02 --warmup 100 --clip 1 --seed "${SEED:-1}" --out "$dense" --quiet
steps=$(grep -o '"step":[0-9]*' "$dense/metrics.jsonl" | tail -1 | cut -d: -f2)
"$RECUR" prune "$dense" --sparsity "${SPARSITY:-0.9}" --sparse-block "${BLOCK:-16x1}" --steps $((steps * ${LONGER:-1})) \
  --set dropout="${DROPOUT:-0}" --out "$sparse"
"$RECUR" quantize "$sparse" --out "$sparse.int8"
for model in "$dense" "$sparse" "$sparse.int8"; do
  "$RECUR" evaluate "$model" "$RECUR_OUT/valid.txt" --json >"$model.json"
  echo "$(basename "$model"): $("$tools"/number.sh loss "$model.json") nats a character"
done
failed=()
for model in "$sparse" "$sparse.int8"; do
  "$tools"/mean.sh at_most "$(basename "$model") beside dense, ratio of the losses" 1.02 "$(awk -v a="$("$tools"/number.sh loss "$model.json")" \
    -v b="$("$tools"/number.sh loss "$dense.json")" 'BEGIN { print a / b }')" || failed+=("$(basename "$model")")
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
