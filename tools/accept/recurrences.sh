#!/usr/bin/env bash
# Tiny Shakespeare by characters with every recurrence: two layers of about 850,000 parameters in all, the same passes over the text,
# the first 90 % to train on, the last 10 % to validate; the loss of the last step in nats a character, and the processor time. Cells
# stand alone, the newer layers in feed-forward blocks. minGRU at most 1.55 (published 1.548), from 25 passes on.
# EPOCHS (30), SEED, CELLS, a list of NAME:UNITS, and OPTIONS of those in blocks, such as --block-conv 4.
# data: tinyshakespeare
set -euo pipefail
tools=$(dirname "$0")/.. text=$RECUR_DATA/tinyshakespeare/input.txt
tail -c 111540 "$text" >"$RECUR_OUT/valid.txt"
TIMEFORMAT=%U
for cell in ${CELLS:-rnn:512 lstm:252 gru:292 mingru:240 minlstm:224 qrnn:192 indrnn:260 sru:224 lru:202 rg_lru:224 griffin:200 slstm:192 \
  mlstm:212 delta:212 delta_negative:212 attention:224}; do
  name=${cell%:*} run=$RECUR_OUT/$name
  read -r -a block <<<"--block feed_forward ${OPTIONS:-}"
  if [[ $name =~ ^(rnn|lstm|gru)$ ]]; then block=(--block none); fi
  seconds=$({ time "$RECUR" train lm "$text" --valid 0.1 --tokens chars --cell "$name" --hidden "${cell#*:}" --layers 2 "${block[@]}" \
    --dropout 0.2 --bptt 100 --batch 50 --epochs "${EPOCHS:-30}" --optimizer adamw --lr 0.002 --weight-decay 0.02 --warmup 100 \
    --clip 1 --validate-every 1000000 --seed "${SEED:-1}" --out "$run" >"$run.log"; } 2>&1 | tail -1)
  "$RECUR" evaluate "$run" "$RECUR_OUT/valid.txt" --json >"$run.json"
  echo "$cell, $(sed -n 's/^parameters *//p' "$run.log") parameters: $("$tools"/number.sh loss "$run.json") nats a character, $seconds s"
done
if [ "${EPOCHS:-30}" -ge 25 ] && [ -f "$RECUR_OUT/mingru.json" ]; then
  "$tools"/at_most.sh "minGRU, nats a character" loss "$RECUR_OUT/mingru.json" 1.55
fi
