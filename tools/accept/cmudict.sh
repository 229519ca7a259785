#!/usr/bin/env bash
# Spelling to sounds of CMUdict 0.7a, stress left out: every tenth word is held for the test, every fiftieth of the others for
# validation; pronunciations of one word stay on one side, and the one nearest to the prediction counts. At most 7 % of phonemes and
# 30 % of words (bi-LSTM of Yao and Zweig 2015, other split: 5.45 and 23.55). OPTIONS are further options of training:
# "--scheduled-sampling inverse_sigmoid --sampling-steps 1000 --least-teaching 0.5".
# data: cmudict
set -euo pipefail
tools=$(dirname "$0")/..
zcat "$RECUR_DATA/cmudict/cmudict-0.7a.gz" | awk -v out="$RECUR_OUT" '$1 ~ /^[A-Z]/ && $2 ~ /^[0-9]+$/ {
  sounds = ""
  for (i = 3; i <= NF; ++i) { s = $i; sub(/[0-9]$/, "", s); sounds = sounds (i > 3 ? " " : "") s }
  if ($1 != last) ++words
  if (words % 10 == 3) { if ($1 != last) print $1 >(out "/test.txt"); print $1 "\t" sounds >(out "/test.tsv") }
  else if (words % 50 == 7) { if ($1 != last) print $1 "\t" sounds >(out "/valid.tsv") }
  else print $1 "\t" sounds >(out "/train.tsv")
  last = $1
}'
phonemes=() words=()
for seed in ${SEEDS:-1}; do
  run=$RECUR_OUT/run-$seed
  # shellcheck disable=SC2086
  "$RECUR" train translate "$RECUR_OUT/train.tsv" --valid "$RECUR_OUT/valid.tsv" --out "$run" --tokens chars --target-tokens words \
    --hidden 256 --embedding 128 --dropout 0.2 --batch 128 --lr 0.002 --clip 2 --epochs "${EPOCHS:-15}" --seed "$seed" ${OPTIONS:-}
  "$RECUR" predict "$run" "$RECUR_OUT/test.txt" --beam 8 --out "$run/test.csv"
  # Edits against the nearest pronunciation: "phoneme error, word error".
  read -r phoneme word < <(awk -F '\t' '
    function distance(a, b,    n, m, x, y, i, j, row, old, now) {
      n = split(a, x, " "); m = split(b, y, " ")
      for (j = 0; j <= m; ++j) row[j] = j
      for (i = 1; i <= n; ++i) {
        old = row[0]; row[0] = i
        for (j = 1; j <= m; ++j) {
          now = old + (x[i] != y[j])
          if (row[j] + 1 < now) now = row[j] + 1
          if (row[j - 1] + 1 < now) now = row[j - 1] + 1
          old = row[j]; row[j] = now
        }
      }
      length_of = m
      return row[m]
    }
    FILENAME ~ /test.txt$/ { word[++count] = $1; next }
    FILENAME ~ /test.tsv$/ { right[$1] = right[$1] (right[$1] == "" ? "" : "|") $2; next }
    FNR > 1 {
      split($0, cell, ","); k = split(right[word[cell[1]]], each, "|"); best = -1
      for (v = 1; v <= k; ++v) { d = distance(cell[2], each[v]); if (best < 0 || d < best) { best = d; size = length_of } }
      edits += best; tokens += size; wrong += best > 0; ++total
    }
    END { print edits / tokens, wrong / total }' "$RECUR_OUT/test.txt" "$RECUR_OUT/test.tsv" "$run/test.csv")
  phonemes+=("$phoneme") words+=("$word")
done
failed=0
"$tools"/mean.sh at_most "CMUdict phoneme error" 0.07 "${phonemes[@]}" || failed=1
"$tools"/mean.sh at_most "CMUdict word error" 0.30 "${words[@]}" || failed=1
exit $failed
