#!/usr/bin/env bash
# The first command on series nobody has seen: defaults alone, the horizon given, one command a set, three seeds. The last
# windows of each series are held out: one for the sets of many series, as their archives have it, several for a single
# series. Prints a table, also in RECUR_OUT/table.md: the mean of our OWA (against naive 2), the best of the naive methods
# on the same windows, AutoETS and Theta of statsforecast, and with NETWORKS=1 LSTM and DeepAR of neuralforecast with
# their defaults (of build/peers; without it "-"), all with the seconds of training and forecasts. Each set must be within
# 2 % of the best naive method, and M4 Hourly, Weekly and Yearly within 3 % of chosen options (.431, .719, .787).
# SETS names some sets alone, SEEDS other seeds; OPTIONS are added to ours. A peer that takes more than LIMIT seconds (600) is ended.
# data: monash_tsf classic_ts m4
set -euo pipefail
tools=$(dirname "$0")/..
python=$tools/../build/peers/bin/python
seeds=${SEEDS:-1 2 3}
table=$RECUR_OUT/table.md
work=$RECUR_OUT/parts
mkdir -p "$work"

# name | file | horizon | windows held out | options that say what the columns are, or the season where the file does not
sets() {
  cat <<'SETS'
Hourly|m4/Hourly-train.csv.gz|48|1|--season 24
Weekly|m4/Weekly-train.csv.gz|13|1|--season 1
Yearly|m4/Yearly-train.csv.gz|6|1|--season 1
Quarterly|m4/Quarterly-subset-train.csv.gz|8|1|--season 4
Monthly|m4/Monthly-Other-train.csv.gz|18|1|--season 12
Daily|m4/Daily-Other-train.csv.gz|14|1|--season 1
electricity_weekly|monash_tsf/electricity_weekly_dataset.tsf|8|1|
fred_md|monash_tsf/fred_md_dataset.tsf|12|1|
saugeenday|monash_tsf/saugeenday_dataset.tsf|30|1|
solar_weekly|monash_tsf/solar_weekly_dataset.tsf|5|1|
sunspot|monash_tsf/sunspot_dataset_without_missing_values.tsf|30|1|
traffic_weekly|monash_tsf/traffic_weekly_dataset.tsf|8|1|
us_births|monash_tsf/us_births_dataset.tsf|30|1|
airline|classic_ts/airline-passengers.csv|12|3|
mean_temp|classic_ts/monthly-mean-temp.csv|12|5|
car_sales|classic_ts/monthly-car-sales.csv|12|2|
sunspots|classic_ts/monthly-sunspots.csv|12|20|
shampoo|classic_ts/monthly-shampoo-sales.csv|6|2|--season 12
water|classic_ts/yearly-water-usage.csv|6|3|
lynx|classic_ts/lynx.csv|10|3|
births|classic_ts/daily-total-female-births.csv|30|3|
min_temp|classic_ts/daily-min-temperatures.csv|30|12|
max_temp|classic_ts/daily-max-temperatures.csv|30|12|
djia|classic_ts/DJIA.csv|30|12|--value-columns Close
sp500|classic_ts/sp500.csv|30|12|--value-columns Close --time-format %d-%m-%y
pollution|classic_ts/pollution.csv|48|20|--value-columns pm2.5
SETS
}

# Writes the part that is learnt from, without the last COUNT values of each series, and the whole.
parts() { # FILE HORIZON COUNT
  case $1 in
    m4/*)
      cp "$RECUR_DATA/$1" "$work/train.csv.gz"
      local of=${1##*/} test
      of=${of%%-*}
      test=$RECUR_DATA/m4/$of-test.csv.gz
      [ -f "$test" ] || test=$RECUR_DATA/m4/$of-Other-test.csv.gz
      # The test parts of some sets have more series than what there is to learn from.
      awk -F, 'NR == FNR { rest[$1] = substr($0, index($0, ",")); next } { print $0 rest[$1] }' <(zcat "$test") \
        <(zcat "$work/train.csv.gz") | gzip >"$work/whole.csv.gz"
      ;;
    *.tsf)
      cp "$RECUR_DATA/$1" "$work/whole.tsf"
      awk -v count="$3" '!data || !NF { data = data || /^@data/; print; next } {
          at = match($0, /[^:]*$/); n = split(substr($0, at), values, ",")
          line = substr($0, 1, at - 1) values[1]
          for (i = 2; i <= n - count; ++i) line = line "," values[i]
          print line
        }' "$work/whole.tsf" >"$work/train.tsf"
      ;;
    *)
      cp "$RECUR_DATA/$1" "$work/whole.csv"
      head -n "-$3" "$work/whole.csv" >"$work/train.csv"
      ;;
  esac
}

# The OWA of a method in the table "methods" of an evaluation.
owa_of() { grep -o "\[\"$1\",[^]]*" "$2" | cut -d , -f 4; }
best_naive() { for each in "seasonal naive" drift "naive 2"; do owa_of "$each" "$1"; done | sort -g | head -n 1; }
fixed() { awk -v value="${1:-}" 'BEGIN { if (value == "" || value == "-") print "-"; else printf "%.3f", value }'; }

peer() { # METHOD RUN HORIZON WINDOWS OPTIONS -> "OWA (s)", or "-"
  [ -x "$python" ] || { echo -; return; }
  timeout "${LIMIT:-600}" "$python" "$tools/forecast_peers.py" "$1" "$(find "$work" -name 'whole.*')" "$2" "$3" "$4" \
    "${@:5}" 2>"$2/$1.log" || echo -
}

methods="AutoETS Theta"
[ -z "${NETWORKS:-}" ] || methods="$methods LSTM DeepAR"
{
  echo "| set | OWA, seeds $seeds | s | best naive | ${methods// / | } | |"
  echo "|---|---|---|---|$(for _ in $methods; do printf -- '---|'; done)---|"
} >"$table"
failed=0
while IFS='|' read -r set file horizon windows options <&3; do
  [[ " ${SETS:-$set} " == *" $set "* ]] || continue
  rm -f "$work"/*
  parts "$file" "$horizon" $((horizon * windows))
  read -ra columns <<<"$options"
  read -ra more <<<"${OPTIONS:-}"
  values=() seconds=0
  for seed in $seeds; do
    run=$RECUR_OUT/$set-$seed
    begun=$SECONDS
    if ! "$RECUR" train forecast "$(find "$work" -name 'train.*')" --horizon "$horizon" "${columns[@]}" "${more[@]}" --valid 0.1 \
      --seed "$seed" --out "$run" --quiet; then
      echo "$set, seed $seed: failed" >&2
      failed=1
      continue
    fi
    seconds=$((seconds + SECONDS - begun))
    "$RECUR" evaluate "$run" "$(find "$work" -name 'whole.*')" --backtest "$windows" --json >"$run/test.json"
    values+=("$("$tools"/number.sh owa "$run/test.json")")
  done
  [ ${#values[@]} -gt 0 ] || continue
  naive=$(best_naive "$run/test.json")
  case $set in Hourly) chosen=0.431 ;; Weekly) chosen=0.719 ;; Yearly) chosen=0.787 ;; *) chosen=99 ;; esac
  bar=$(awk -v naive="$naive" -v chosen="$chosen" 'BEGIN { a = naive * 1.02; b = chosen * 1.03; print a < b ? a : b }')
  verdict=passed
  "$tools"/mean.sh at_most "$set" "$bar" "${values[@]}" || { failed=1 verdict=above; }
  peers=""
  for method in $methods; do
    peers+=" $(peer "$method" "$run" "$horizon" "$windows" "${columns[@]}") |"
  done
  mean=$(printf '%s\n' "${values[@]}" | awk '{ s += $1 } END { printf "%.3f", s / NR }')
  each=$(for value in "${values[@]}"; do fixed "$value"; echo; done | xargs)
  echo "| $set | **$mean** ($each) | $((seconds / ${#values[@]})) | $(fixed "$naive") |$peers $verdict |" >>"$table"
  tail -n 1 "$table"
done 3< <(sets)
cat "$table"
exit $failed
