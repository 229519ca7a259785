#!/usr/bin/env bash
# Time series of the UCR/UEA archives, official parts, five networks each and the model of the last step (the training
# parts are too small to give some away for validation): each above the recurrent network (TWIESN) in the table of
# Ismail Fawaz et al. 2019, ECG5000 and JapaneseVowels above bounds of their own. Pooling was chosen by cross-validation
# of the training parts (docs/results.md). SETS names some of them alone.
# data: ucr_uea
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/ucr_uea
bound() {
  case $1 in
    ECG5000) echo 0.94 ;;
    JapaneseVowels) echo 0.975 ;;
    *) awk -F, -v set="$1" '$2 == set && $3 == "twiesn" && $5 > best { best = $5 } END { print best + 0 }' \
      "$data/published_dl4tsc_accuracy.csv" ;;
  esac
}
pooling() {
  case $1 in
    ECG5000 | GunPoint) echo max ;;
    *) echo mean ;;
  esac
}
failed=0
for set in ${SETS:-$(find "$data" -name '*_TRAIN.*' -printf '%f\n' | sed 's/_TRAIN.*//' | sort)}; do
  values=()
  for seed in ${SEEDS:-1 2 3}; do
    run=$RECUR_OUT/$set-$seed
    "$RECUR" train classify "$data/$set"_TRAIN.* --pooling "$(pooling "$set")" --members 5 --network rnn --augment none --batch 32 --steps 1000 \
      --seed "$seed" --out "$run" --quiet
    "$RECUR" evaluate "$run" "$data/$set"_TEST.* --json >"$run/test.json"
    values+=("$("$tools"/number.sh accuracy "$run/test.json")")
  done
  "$tools"/mean.sh at_least "$set test accuracy" "$(bound "$set")" "${values[@]}" || failed=1
done
exit $failed
