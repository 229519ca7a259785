#!/usr/bin/env bash
# ListOps (Long Range Arena), expressions of 500 to 2000 symbols that listops.py makes: SAMPLES (48,000, half of what is published) to
# learn from, 2,000 to test on. An LRU, which sees the expression in both directions, is at least 10 points above a tanh RNN in the same
# blocks that had the same time (published, on all of it: tanh RNN 43.9, LRU 60.2). The last step counts; the most usual value beside it.
# TIME a model (30m); SEED; CELLS.
# data:
set -euo pipefail
tools=$(dirname "$0")/..
seed=${SEED:-1}
python3 "$tools/accept/listops.py" "${SAMPLES:-48000}" "$seed" "$RECUR_OUT/train.tsv"
python3 "$tools/accept/listops.py" 2000 $((seed + 1000)) "$RECUR_OUT/test.tsv"
for cell in ${CELLS:-lru rnn}; do
  run=$RECUR_OUT/$cell memory=()
  [ "$cell" != lru ] || memory=(--init chrono --chrono-steps 1000)
  "$RECUR" train classify "$RECUR_OUT/train.tsv" --header no --label-column '#1' --text-column '#2' --tokens words --no-split-punctuation \
    --most-steps 0 --ngrams 0 --embedding 64 --cell "$cell" --layers 3 --hidden 64 --block feed_forward --pooling concat --dropout 0.05 \
    --batch 256 --lr 0.004 --warmup 100 --precision bf16 "${memory[@]}" --time "${TIME:-30m}" --seed "$seed" --out "$run" --quiet ${OPTIONS:-}
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.tsv" --json >"$run.json"
  echo "ListOps, $cell, test accuracy $("$tools"/number.sh accuracy "$run.json")"
done
cut -f1 "$RECUR_OUT/test.tsv" | sort | uniq -c | sort -n | tail -1 | awk '{ print "the most usual value", $2 ": " $1 / 2000 }'
if [ -f "$RECUR_OUT/lru.json" ] && [ -f "$RECUR_OUT/rnn.json" ]; then
  "$tools"/mean.sh at_least "ListOps, LRU above a tanh RNN, points" 10 "$(awk -v a="$("$tools"/number.sh accuracy "$RECUR_OUT/lru.json")" \
    -v b="$("$tools"/number.sh accuracy "$RECUR_OUT/rnn.json")" 'BEGIN { print 100 * (a - b) }')"
fi
