#!/usr/bin/env bash
# A made voice (espeak-ng), five hours of sentences of a small grammar: the attention of at least 95 % of unseen sentences is diagonal and
# none runs on. What is spoken is heard by a recogniser of ours, which has learnt from other sentences of the voice: at most 8 % of
# espeak-ng's own words are wrong, and at most 15 % of ours (by the algorithm of Griffin and Lim, or by WAVEFORM=vocoder). HOURS; TIME of
# the speaker and HEARING_TIME of the recogniser on THREADS (2).
set -euo pipefail
tools=$(dirname "$0")/..
threads=${THREADS:-2} seed=${SEED:-1}
# A sentence takes about 2.6 s.
count=$(awk -v hours="${HOURS:-5}" 'BEGIN { print int(hours * 3600 / 2.6) }')
"$tools"/espeak_voice.sh "$RECUR_OUT/train" "$count" 1
"$tools"/espeak_voice.sh "$RECUR_OUT/heard" 2500 424242
"$tools"/espeak_voice.sh "$RECUR_OUT/all" 400 987654
# Sentences that neither has learnt from.
cat "$RECUR_OUT"/{train,heard}/list.tsv | cut -f2 | sort -u >"$RECUR_OUT/seen"
awk -F'\t' 'NR == FNR { seen[$0]; next } !($2 in seen) && ++taken <= 200' "$RECUR_OUT/seen" "$RECUR_OUT/all/list.tsv" >"$RECUR_OUT/all/test.tsv"
run=$RECUR_OUT/run
"$RECUR" train synthesize "$RECUR_OUT/train/list.tsv" --valid 0.01 --out "$run" --set sample_rate=16000 --time "${TIME:-65m}" \
  --threads "$threads" --seed "$seed"
"$RECUR" evaluate "$run" "$RECUR_OUT/all/test.tsv" --json >"$RECUR_OUT/scores.json"
failed=0
"$tools"/at_most.sh "espeak-ng, sentences that run on" runs_on "$RECUR_OUT/scores.json" 0 || failed=1
"$tools"/mean.sh at_least "espeak-ng, diagonal attention" 0.95 "$("$tools"/number.sh diagonal "$RECUR_OUT/scores.json")" || failed=1

# A list for the recogniser: words without punctuation.
words_only() { awk -F'\t' -v OFS='\t' -v folder="$1" '{ gsub(/[^a-z ]/, "", $2); print folder "/" $1, $2 }'; }
words_only "$RECUR_OUT/heard" <"$RECUR_OUT/heard/list.tsv" >"$RECUR_OUT/heard.tsv"
words_only "$RECUR_OUT/all" <"$RECUR_OUT/all/test.tsv" >"$RECUR_OUT/real.tsv"
"$RECUR" predict "$run" "$RECUR_OUT/all/test.tsv" --sounds "$RECUR_OUT/said" --waveform "${WAVEFORM:-griffin_lim}" --json --quiet >"$RECUR_OUT/said.jsonl"
sed -E 's/.*"text":"([^"]*)".*"file":"([^"]*)".*/\2\t\1/' "$RECUR_OUT/said.jsonl" | awk -F'\t' -v OFS='\t' \
  '{ sub(/.*\//, "", $1); print }' | words_only "$RECUR_OUT/said" >"$RECUR_OUT/said.tsv"
"$RECUR" train transcribe "$RECUR_OUT/heard.tsv" --valid 0.04 --out "$RECUR_OUT/hearing" --set sample_rate=16000 \
  --hidden 128 --layers 2 --subsample 4 --time "${HEARING_TIME:-12m}" --threads "$threads" --seed "$seed" --quiet
for what in real said; do
  "$RECUR" evaluate "$RECUR_OUT/hearing" "$RECUR_OUT/$what.tsv" --json >"$RECUR_OUT/$what.json"
done
"$tools"/at_most.sh "espeak-ng's own words, word error" wer "$RECUR_OUT/real.json" 0.08 || failed=1
"$tools"/at_most.sh "words of the model, word error" wer "$RECUR_OUT/said.json" 0.15 || failed=1
exit $failed
