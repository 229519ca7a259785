#!/usr/bin/env bash
# Lines of three early printed books, 300 to learn from and 150 held out: a character error rate of at most 5 %. TIME on two threads.
# data: early_print_lines
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/early_print_lines
for part in train test; do
  awk -F '\t' -v OFS='\t' -v part=$part -v data="$data" 'NR > 1 && $4 == part { print data "/" $1, $2 }' "$data/lines.tsv" \
    >"$RECUR_OUT/$part.tsv"
done
values=()
for seed in ${SEEDS:-1}; do
  run=$RECUR_OUT/run-$seed
  "$RECUR" train transcribe "$RECUR_OUT/train.tsv" --valid 0.1 --out "$run" --hidden 128 --layers 2 --dropout 0.3 --set conv_widths=64,64 \
    --set conv_kernels=5 --set time_masks=0 --set select=cer --lr 0.002 --clip 5 --batch 8 --time "${TIME:-30m}" --threads "${THREADS:-2}" --seed "$seed"
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.tsv" --json >"$run/test.json"
  values+=("$("$tools"/number.sh cer "$run/test.json")")
done
"$tools"/mean.sh at_most "early print, character error" 0.05 "${values[@]}"
