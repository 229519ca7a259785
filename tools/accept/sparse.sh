#!/usr/bin/env bash
# Tiny Shakespeare by characters, an LSTM of 512 units (the first 90 % to train on, the last 10 % to validate): 90 % of its weights are
# left out in blocks while it trains on for many times as long, with less dropout; then what is left is rounded to 8-bit integers. The loss of
# both is at most 2 % more than that of the dense model, and of another that has trained for longer, if that is lower. How much faster a
# step is: ./dev bench sparse.
# EPOCHS (12) of the dense model, DENSE_EPOCHS (24) of the other, LONGER (12), how many times as long the first is pruned, BLOCK (16x1),
# SPARSITY (0.9), DROPOUT (0.1) and RATE (0.003), the learning rate, while it is pruned, SEED, OPTIONS of all.
# data: tinyshakespeare
set -euo pipefail
tools=$(dirname "$0")/.. text=$RECUR_DATA/tinyshakespeare/input.txt
dense=$RECUR_OUT/dense longer=$RECUR_OUT/dense-for-longer sparse=$RECUR_OUT/sparse
tail -c 111540 "$text" >"$RECUR_OUT/valid.txt"
# train RUN EPOCHS
train() {
  "$RECUR" train lm "$text" --valid 0.1 --tokens chars --embedding 256 --hidden 512 --layers 1 --dropout 0.3 --bptt 100 --batch 50 \
    --epochs "$2" --optimizer adamw --lr 0.002 --weight-decay 0.02 --warmup 100 --clip 1 --precision bf16 --seed "${SEED:-1}" \
    --out "$1" --quiet ${OPTIONS:-}
}
train "$dense" "${EPOCHS:-12}"
train "$longer" "${DENSE_EPOCHS:-24}"
steps=$(grep -o '"step":[0-9]*' "$dense/metrics.jsonl" | tail -1 | cut -d: -f2)
"$RECUR" prune "$dense" --sparsity "${SPARSITY:-0.9}" --sparse-block "${BLOCK:-16x1}" --steps $((steps * ${LONGER:-12})) \
  --set dropout="${DROPOUT:-0.1}" --set lr="${RATE:-0.003}" --out "$sparse"
"$RECUR" quantize "$sparse" --out "$sparse.int8"
for model in "$dense" "$longer" "$sparse" "$sparse.int8"; do
  "$RECUR" evaluate "$model" "$RECUR_OUT/valid.txt" --json >"$model.json"
  echo "$(basename "$model"): $("$tools"/number.sh loss "$model.json") nats a character"
done
failed=()
for model in "$sparse" "$sparse.int8"; do
  ratio=$(awk -v a="$("$tools"/number.sh loss "$model.json")" -v b="$("$tools"/number.sh loss "$dense.json")" \
    -v c="$("$tools"/number.sh loss "$longer.json")" 'BEGIN { print a / (b < c ? b : c) }')
  "$tools"/mean.sh at_most "$(basename "$model") beside the better dense model, ratio of the losses" 1.02 "$ratio" || failed+=("$(basename "$model")")
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
