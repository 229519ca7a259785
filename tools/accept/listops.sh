#!/usr/bin/env bash
# ListOps (Long Range Arena), expressions of 500 to 2000 symbols that listops.py makes: SAMPLES (48,000, half of what is published) to
# learn from, 2,000 to test on. Networks first learn from SHORT (200,000) expressions of fewer than 200 symbols, which take a thirtieth
# of the time. The better of an LSTM and an LRU, which see the expression in both directions, is at least 10 points above a tanh RNN in the
# same blocks that had the same time (published, without short ones and on all of it: tanh RNN 43.9, LRU 60.2). The last step counts; the
# most usual value beside it. SHORT_TIME (25m) and TIME (60m) a model; SEED; CELLS of "lstm lru rnn".
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
  local run=$RECUR_OUT/$1-$2
  "$RECUR" train classify "$RECUR_OUT/$1.tsv" --header no --label-column '#1' --text-column '#2' --most-steps 0 --lr 0.002 --precision bf16 \
    --time "$3" --seed "$seed" --out "$run" --quiet "${@:4}"
  for lengths in short long; do
    "$RECUR" evaluate "$run" "$RECUR_OUT/${lengths}_test.tsv" --json >"$run.$lengths.json"
    echo "ListOps, $2 after $1 expressions, test accuracy on $lengths ones $("$tools"/number.sh accuracy "$run.$lengths.json")"
  done
}

best=0
for cell in ${CELLS:-lstm lru rnn}; do
  case $cell in
    lstm) memory=(--init chrono --chrono-steps 200) ;;
    lru) memory=(--init chrono --chrono-steps 1000) ;;
    *) memory=() ;;
  esac
  learn short "$cell" "${SHORT_TIME:-25m}" --tokens words --no-split-punctuation --ngrams 0 --embedding 64 --cell "$cell" --layers 6 \
    --hidden 48 --block feed_forward --pooling concat --dropout 0 --batch 64 --warmup 300 "${memory[@]}"
  learn long "$cell" "${TIME:-60m}" --from-model "$RECUR_OUT/short-$cell" --batch 256 --warmup 100
  accuracy=$("$tools"/number.sh accuracy "$RECUR_OUT/long-$cell.long.json")
  if [ "$cell" = rnn ]; then plain=$accuracy; else best=$(printf '%s\n' "$best" "$accuracy" | sort -g | tail -1); fi
done
cut -f1 "$RECUR_OUT/long_test.tsv" | sort | uniq -c | sort -n | tail -1 | awk '{ print "the most usual value", $2 ": " $1 / 2000 }'
if [ -n "${plain:-}" ] && [ "$best" != 0 ]; then
  "$tools"/mean.sh at_least "ListOps, the better one above a tanh RNN, points" 10 \
    "$(awk -v a="$best" -v b="$plain" 'BEGIN { print 100 * (a - b) }')"
fi
