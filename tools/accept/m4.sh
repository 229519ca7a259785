#!/usr/bin/env bash
# The M4 competition's hourly, weekly and yearly series, all of them, trained on the official training part and forecast
# once: OWA against naive 2 as the organisers define it, at most .50, .90 and .79 (DeepAR .498, .919, .823; one ES-RNN
# .615, .952, .785). The options were chosen on the last horizon of the training part. FREQUENCIES names some alone.
# data: m4
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/m4

options_of() {
  case $1 in
    Hourly) echo --horizon 48 --season 24 --context 168 --segment 24 --highway 168 --center mean --batch 128 --steps 4000 ;;
    Weekly) echo --horizon 13 --season 1 --context 52 --segment 13 --center last --batch 128 --steps 1000 ;;
    Yearly) echo --horizon 6 --season 1 --context 18 --segment 1 --center last --hidden 64 --sampling series --members 3 \
      --batch 256 --steps 2000 ;;
  esac
}

failed=0
for frequency in ${FREQUENCIES:-Hourly Weekly Yearly}; do
  case $frequency in Hourly) bound=0.50 ;; Weekly) bound=0.90 ;; *) bound=0.79 ;; esac
  values=()
  for seed in ${SEEDS:-1 2 3}; do
    run=$RECUR_OUT/$frequency-$seed
    # shellcheck disable=SC2046
    "$RECUR" train forecast "$data/$frequency-train.csv.gz" $(options_of "$frequency") --log --scaler none --head mae \
      --lr 0.002 --seed "$seed" --out "$run" --quiet
    "$RECUR" evaluate "$run" "$data/$frequency-test.csv.gz" --history "$data/$frequency-train.csv.gz" --json \
      >"$run/test.json"
    values+=("$("$tools"/number.sh owa "$run/test.json")")
  done
  "$tools"/mean.sh at_most "M4 $frequency OWA" "$bound" "${values[@]}" || failed=1
done
exit $failed
