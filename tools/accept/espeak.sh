#!/usr/bin/env bash
# A made voice (espeak-ng), five hours of sentences of a small grammar: the attention of at least 95 % of unseen sentences is diagonal and
# none runs on. HOURS and TIME on two threads.
set -euo pipefail
tools=$(dirname "$0")/..
# A sentence takes about 2.6 s.
count=$(awk -v hours="${HOURS:-5}" 'BEGIN { print int(hours * 3600 / 2.6) }')
"$tools"/espeak_voice.sh "$RECUR_OUT/train" "$count" 1
"$tools"/espeak_voice.sh "$RECUR_OUT/all" 400 987654
cut -f2 "$RECUR_OUT/train/list.tsv" | sort -u >"$RECUR_OUT/seen"
awk -F'\t' 'NR == FNR { seen[$0]; next } !($2 in seen)' "$RECUR_OUT/seen" "$RECUR_OUT/all/list.tsv" | head -200 >"$RECUR_OUT/all/test.tsv"
run=$RECUR_OUT/run
"$RECUR" train synthesize "$RECUR_OUT/train/list.tsv" --valid 0.01 --out "$run" --set sample_rate=16000 --time "${TIME:-85m}" --threads 2 \
  --seed "${SEED:-1}"
"$RECUR" evaluate "$run" "$RECUR_OUT/all/test.tsv" --json >"$RECUR_OUT/scores.json"
"$tools"/at_most.sh "espeak-ng, sentences that run on" runs_on "$RECUR_OUT/scores.json" 0
"$tools"/mean.sh at_least "espeak-ng, diagonal attention" 0.95 "$("$tools"/number.sh diagonal "$RECUR_OUT/scores.json")"
