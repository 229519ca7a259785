#!/usr/bin/env bash
# Forecasts series from tiny files: training with no flag but the columns learns them, and the model is used on the rest.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# days COUNT SEED: daily values of shops with a week in them, a promotion known ahead, and a kind of shop.
days() {
  awk -v count="$1" -v seed="$2" '
  # Of the minimal standard generator: the same numbers from every awk.
  function random() { seed = seed * 16807 % 2147483647; return seed / 2147483647 }
  BEGIN {
    for (i = 0; i < 10; ++i) random()
    print "shop,date,sold,promotion,kind"
    for (i = 0; i < 6; ++i) {
      level = 20 + 100 * random()
      for (t = 1; t <= count; ++t) {
        promotion = random() < 0.15
        value = level * (1 + 0.5 * sin(t * 6.2831853 / 7)) * (promotion ? 1.5 : 1) * (1 + 0.02 * random())
        printf "s%d,%d,%.3f,%d,%s\n", i, t, value, promotion, i % 2 ? "big" : "small"
      }
    }
  }'
}

days 140 1 >all.csv
awk -F, 'NR == 1 || $2 <= 119' all.csv >train.csv
awk -F, 'NR == 1 || $2 > 119' all.csv >rest.csv
columns=(--id-column shop --time-column date --value-columns sold --static-columns kind)

expect 0 train forecast train.csv "${columns[@]}" --future-columns promotion --season 7 --horizon 7 --valid 0.1 \
  --hidden 24 --lr 0.01 --steps 250 --out run
expect 0 evaluate run rest.csv --history train.csv --backtest 3 --json
check_json out
grep -q '"task":"forecast","examples":18,' out || fail "task and windows"
below "$(number owa out)" 0.45
below "$(number crps out)" "$(number nd out)"
above "$(number coverage out)" 0.4
for method in "seasonal naive" drift theta "naive 2"; do
  grep -q "\"$method\"" out || fail "evaluate: $method is not shown"
done
expect 0 evaluate run all.csv
grep -q '^methods' out || fail "the table of methods is not shown"
expect 0 evaluate run all.csv --at-step 7 --json
check_json out
begins_from run owa 'rest.csv --history train.csv' forecast train.csv

# Rows of the future, without a value, say what is known ahead.
awk -F, -v OFS=, 'NR > 1 && $2 > 133 { $3 = "" } { print }' all.csv >ahead.csv
expect 0 predict run ahead.csv --chart fan.svg --levels 0.1,0.9
[ "$(head -1 out)" = 'id,step,time,mean,q0.1,q0.9' ] || fail "predict: header"
[ "$(wc -l <out)" = 43 ] || fail "predict: not a header and 6 times 7 steps"
grep -q '^s5,7,140,' out || fail "predict: the last step of the last series"
[ "$(grep -c '</svg>' fan.svg)" = 1 ] || fail "predict: no chart"
expect 0 predict run ahead.csv --output samples --json
check_json out
expect 0 inspect run
grep -q '^horizon  *7$' out || fail "inspect: no horizon"

# Sampled paths are the same for the same seed, and a run that was stopped goes on to the same bits.
deepar=("${columns[@]}" --past-columns promotion --decoder autoregressive --horizon 7 --hidden 8 --samples 20 \
  --trace-gradients 20 --quiet)
expect 0 train forecast train.csv "${deepar[@]}" --steps 40 --schedule constant --out whole
[ "$(grep -c '"gradient_norm":\[\[[0-9]' whole/gradients.jsonl)" = 2 ] || fail "train: gradients by step"
expect 0 train forecast train.csv "${deepar[@]}" --steps 20 --schedule constant --out part
expect 0 resume part --steps 40 --quiet
expect 0 predict whole train.csv --out whole.csv
expect 0 predict part train.csv --out part.csv
cmp whole.csv part.csv || fail "the resumed run came to another model"

expect 0 train forecast train.csv "${columns[@]}" --past-columns promotion --decoder smoothing --season 7 --horizon 7 \
  --hidden 16 --steps 60 --trace-gradients 30 --out smooth --quiet
grep -q 'trace_gradients: this model has no recurrent layers that can be traced' err || fail "train: no gradients to trace"
expect 0 evaluate smooth rest.csv --history train.csv --json
below "$(number owa out)" 1

# Bad input: an error that says where, and nothing written.
expect_error 1 "future columns" predict run train.csv
expect_error 2 "promotions" train forecast train.csv --future-columns promotions --out never
awk -F, 'NR == 1 || $2 <= 5' all.csv >short.csv
expect_error 1 "no series is long enough" evaluate run short.csv
expect_error 1 "no series is long enough" train forecast short.csv --horizon 7 --out never --quiet
awk -F, -v OFS=, 'NR == 3 { $3 = "inf" } { print }' train.csv >infinite.csv
expect_error 1 "infinite.csv:3" train forecast infinite.csv "${columns[@]}" --out never
awk 'NR == 3 { kept = $0; next } { print } NR == 4 { print kept }' train.csv >unsorted.csv
expect_error 1 "unsorted.csv" train forecast unsorted.csv "${columns[@]}" --out never
expect_error 2 "levels" predict run ahead.csv --levels 0.5,1.5
expect_error 2 "at_step" evaluate run all.csv --at-step 8
[ ! -e never ] || fail "a failed training left a folder"
