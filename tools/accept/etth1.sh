#!/usr/bin/env bash
# ETTh1, all seven channels, 96 hours to read: 12 months to train on, 4 to choose the model, 4 to test (windows one step
# apart, as Zhou et al. 2021 and those after them have it). The mean squared error of values standardised by the training
# part, at most .385, .44, .48 and .49 for 96, 192, 336 and 720 hours ahead (SegRNN: .368, .408, .444, .446).
# data: ett
set -euo pipefail
tools=$(dirname "$0")/..
gunzip -c "$RECUR_DATA/ett/ETTh1.csv.gz" >"$RECUR_OUT/all.csv"
sed 11521q "$RECUR_OUT/all.csv" >"$RECUR_OUT/train.csv"
sed 14401q "$RECUR_OUT/all.csv" >"$RECUR_OUT/test.csv"
failed=0
for horizon in ${HORIZONS:-96 192 336 720}; do
  case $horizon in 96) bound=0.385 ;; 192) bound=0.44 ;; 336) bound=0.48 ;; *) bound=0.49 ;; esac
  values=()
  for seed in ${SEEDS:-1 2 3}; do
    run=$RECUR_OUT/$horizon-$seed
    "$RECUR" train forecast "$RECUR_OUT/train.csv" --valid 0.25 --horizon "$horizon" --context 96 --segment 48 --season 24 \
      --no-calendar --scaler standard --center last --head mae --hidden 128 --dropout 0.3 --batch 256 --lr 0.001 \
      --steps 600 --seed "$seed" --out "$run" --quiet
    "$RECUR" evaluate "$run" "$RECUR_OUT/test.csv" --backtest $((2881 - horizon)) --stride 1 --json >"$run/test.json"
    values+=("$("$tools"/number.sh mse "$run/test.json")")
  done
  "$tools"/mean.sh at_most "ETTh1 test MSE, $horizon hours" "$bound" "${values[@]}" || failed=1
done
exit $failed
