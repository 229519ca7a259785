#!/usr/bin/env bash
# One voice, 26 minutes: no test sentence runs on, the attention of at least 80 % is diagonal, the frames are nearer than the mean frame,
# and the vocoder's spectra are nearer to the recordings than those of Griffin and Lim. TIME on two threads.
# data: ljspeech30 ljspeech32
set -euo pipefail
tools=$(dirname "$0")/..
awk -F'|' -v folder="$RECUR_DATA/ljspeech30/opus" '$4 + 0 <= 11 { print folder "/" $1 ".opus\t" $3 }' "$RECUR_DATA/ljspeech30/metadata.csv" \
  >"$RECUR_OUT/train.tsv"
awk -F'|' -v folder="$RECUR_DATA/ljspeech32/wavs" '{ print folder "/" $1 ".wav\t" $2 }' "$RECUR_DATA/ljspeech32/metadata.txt" >"$RECUR_OUT/test.tsv"
run=$RECUR_OUT/run
"$RECUR" train synthesize "$RECUR_OUT/train.tsv" --valid 0.05 --out "$run" --set sample_rate=16000 --time "${TIME:-85m}" --threads "${THREADS:-2}" \
  --seed "${SEED:-1}"
"$RECUR" evaluate "$run" "$RECUR_OUT/test.tsv" --examples "$RECUR_OUT/rows.csv" --json >"$RECUR_OUT/scores.json"
"$RECUR" predict "$run" "$RECUR_OUT/test.tsv" --sounds "$RECUR_OUT/said" --chart "$RECUR_OUT/attention.svg" --quiet >"$RECUR_OUT/said.csv"
"$tools"/at_most.sh "LJ Speech, sentences that run on" runs_on "$RECUR_OUT/scores.json" 0
"$tools"/mean.sh at_least "LJ Speech, diagonal attention" 0.8 "$("$tools"/number.sh diagonal "$RECUR_OUT/scores.json")"
"$tools"/at_most.sh "LJ Speech, vocoder beside Griffin-Lim" vocoder_distance "$RECUR_OUT/scores.json" \
  "$("$tools"/number.sh griffin_lim_distance "$RECUR_OUT/scores.json")"
