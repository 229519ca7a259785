#!/usr/bin/env bash
# AN4, the official 948 and 130 utterances, characters, no outside data. The options were chosen on ten training speakers held out;
# the model that is tested learns from all of them and is the last one, so that nothing is chosen on the test part. Word error
# rate of a greedy search at most 9.6 % (a DeepSpeech-style BiLSTM has 9.57, its character error 5.52), and with the words
# of the training texts as lexicon and their 3-grams at most 6 %. Their weight and the bonus of a word were chosen on those speakers.
# To hold these out: OPTIONS="--valid 0.135".
# TIME on two threads. OPTIONS are further options of training: "--output transducer", "--output ctc_attention", or, for a network
# that hears a sound while it comes in, "--no-bidirectional --normalise global". BEAM (128) is the width of the second search.
# data: an4
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/an4
cut -f2 "$data/train.tsv" | tail -n +2 >"$RECUR_OUT/texts.txt"
tr ' ' '\n' <"$RECUR_OUT/texts.txt" | sort -u >"$RECUR_OUT/words.txt"
greedy=() fused=()
for seed in ${SEEDS:-1}; do
  run=$RECUR_OUT/run-$seed
  # shellcheck disable=SC2086
  "$RECUR" train transcribe "$data/train.tsv" --out "$run" --hidden 192 --layers 2 --dropout 0.4 --set conv_widths=64,64 \
    --speeds 80,85,90,95,100,105,110,115,120 --subsample 2 --normalise speaker \
    --feature-masks 1 --feature-mask-share 0.15 --time-masks 1 --time-mask-share 0.05 \
    --lr 0.002 --clip 5 --batch 8 --time "${TIME:-60m}" --threads "${THREADS:-2}" --seed "$seed" ${OPTIONS:-}
  "$RECUR" evaluate "$run" "$data/test.tsv" --json >"$run/greedy.json"
  "$RECUR" evaluate "$run" "$data/test.tsv" --beam "${BEAM:-128}" --lexicon "$RECUR_OUT/words.txt" --lm "$RECUR_OUT/texts.txt" \
    --lm-weight 0.5 --word-bonus 1.5 --json >"$run/fused.json"
  greedy+=("$("$tools"/number.sh wer "$run/greedy.json")")
  fused+=("$("$tools"/number.sh wer "$run/fused.json")")
done
failed=0
"$tools"/mean.sh at_most "AN4 word error, greedy" 0.096 "${greedy[@]}" || failed=1
"$tools"/mean.sh at_most "AN4 word error, lexicon and 3-grams" 0.06 "${fused[@]}" || failed=1
exit $failed
