#!/usr/bin/env bash
# ListOps (Long Range Arena), expressions of 500 to 2000 symbols that listops.py makes: SAMPLES (48,000, half of what is published) to
# learn from, 2,000 to test on. Networks first learn from SHORT (200,000) expressions of fewer than 200 symbols, which take a thirtieth
# of the time. An LSTM, which sees the expression in both directions, is at least 10 points above a tanh RNN in the same blocks that had the same
# time; an LRU beside them (published, without short ones and on all of it: tanh RNN 43.9, LRU 60.2). The last step counts; the most
# usual value beside it. SHORT_TIME (25m) and TIME (60m) a model; SEED; CELLS of "lstm lru rnn", of which the first and the last are held.
# data:
set -euo pipefail
tools=$(dirname "$0")/..
seed=${SEED:-1}
make() { python3 "$tools/accept/listops.py" "$1" "$2" "$RECUR_OUT/$3.tsv" "${@:4}"; }
make "${SHORT:-200000}" $((seed + 10)) short 3 200
make 2000 $((seed + 1010)) short_test 3 200
make "${SAMPLES:-48000}" "$seed" long
make 2000 $((seed + 1000)) long_test

# learn LENGTHS CELL TIME OPTION...: the model is in LENGTHS-CELL
learn() {
  local run=$RECUR_OUT/$1-$2 lengths
  "$RECUR" train classify "$RECUR_OUT/$1.tsv" --header no --label-column '#1' --text-column '#2' --most-steps 0 --lr 0.002 --precision bf16 \
    --time "$3" --seed "$seed" --out "$run" --quiet "${@:4}"
  for lengths in short long; do
    "$RECUR" evaluate "$run" "$RECUR_OUT/${lengths}_test.tsv" --json >"$run.$lengths.json"
    echo "ListOps, $2 after $1 expressions, test accuracy on $lengths ones $("$tools"/number.sh accuracy "$run.$lengths.json")"
  done
}

for cell in ${CELLS:-lstm lru rnn}; do
  case $cell in
    lstm) memory=(--init chrono --chrono-steps 200) ;;
    lru) memory=(--init chrono --chrono-steps 1000) ;;
    *) memory=() ;;
  esac
  learn short "$cell" "${SHORT_TIME:-25m}" --tokens words --no-split-punctuation --ngrams 0 --embedding 64 --cell "$cell" --layers 6 \
    --hidden 48 --block feed_forward --pooling concat --dropout 0 --batch 64 --warmup 300 "${memory[@]}"
  learn long "$cell" "${TIME:-60m}" --from-model "$RECUR_OUT/short-$cell" --batch 256 --warmup 100
done
cut -f1 "$RECUR_OUT/long_test.tsv" | sort | uniq -c | sort -n | tail -1 | awk '{ print "the most usual value", $2 ": " $1 / 2000 }'
lstm=$RECUR_OUT/long-lstm.long.json rnn=$RECUR_OUT/long-rnn.long.json
if [ -f "$lstm" ] && [ -f "$rnn" ]; then
  "$tools"/mean.sh at_least "ListOps, LSTM above a tanh RNN, points" 10 "$(awk -v a="$("$tools"/number.sh accuracy "$lstm")" \
    -v b="$("$tools"/number.sh accuracy "$rnn")" 'BEGIN { print 100 * (a - b) }')"
fi
