#!/usr/bin/env bash
# Daily rates of eight currencies, 60 % of the days to train on, 20 % to choose the model, 20 % to test, as Lai et al.
# (2018): the relative squared error of the step 3, 6, 12 and 24 days ahead, with and without a linear path beside the
# network. At most .0192, .0264, .0408 and .0626 (their RNN-GRU).
# data: exchange_rate
set -euo pipefail
tools=$(dirname "$0")/..
gunzip -c "$RECUR_DATA/exchange_rate/exchange_rate.txt.gz" >"$RECUR_OUT/all.csv"
sed 6070q "$RECUR_OUT/all.csv" >"$RECUR_OUT/train.csv"
failed=0
for horizon in ${HORIZONS:-3 6 12 24}; do
  case $horizon in 3) bound=0.0192 ;; 6) bound=0.0264 ;; 12) bound=0.0408 ;; *) bound=0.0626 ;; esac
  for highway in 0 96; do
    values=()
    for seed in ${SEEDS:-1 2 3}; do
      run=$RECUR_OUT/$horizon-$highway-$seed
      "$RECUR" train forecast "$RECUR_OUT/train.csv" --layout long --valid 0.25 --horizon "$horizon" --context 96 \
        --segment 12 --scaler standard --center last --head mae --hidden 32 --highway "$highway" --batch 128 --lr 0.001 \
        --steps 600 --seed "$seed" --out "$run" --quiet
      "$RECUR" evaluate "$run" "$RECUR_OUT/all.csv" --backtest 1518 --stride 1 --at-step "$horizon" --json >"$run/test.json"
      values+=("$("$tools"/number.sh rse "$run/test.json")")
    done
    "$tools"/mean.sh at_most "exchange rates, test RSE, day $horizon, linear path of $highway days" "$bound" \
      "${values[@]}" || failed=1
  done
done
exit $failed
