#!/usr/bin/env bash
# The first command on a few short series: eight panels each of 20 yearly, 12 quarterly, 6 monthly, 2 weekly, 2 daily and 1 hourly
# series, drawn from M4's training parts, whose last window is held out (the test parts are not read). Prints the
# geometric mean over the panels of the OWA, and that of the Theta method; ours must be below 1, that of naive 2, for
# each frequency. FREQUENCIES names some of them, SEED another first weight (1), DRAW other
# panels (1); OPTIONS are added to ours.
# data: m4
set -euo pipefail
tools=$(dirname "$0")/..
panels=8

# file | series of a panel | most values of each | horizon | season
frequency() {
  case $1 in
    Yearly) echo Yearly-train 20 400 6 1 ;;
    Quarterly) echo Quarterly-subset-train 12 400 8 4 ;;
    Monthly) echo Monthly-Other-train 6 400 18 12 ;;
    Weekly) echo Weekly-train 2 400 13 1 ;;
    Daily) echo Daily-Other-train 2 320 14 7 ;;
    Hourly) echo Hourly-train 1 748 48 24 ;;
    *) echo "unknown frequency '$1'" >&2 && return 1 ;;
  esac
}

# Writes panel K of a file: NAME.train.csv without the last H values, and NAME.whole.csv.
panel() { # FILE SERIES MOST H K NAME
  zcat "$RECUR_DATA/m4/$1.csv.gz" | awk -F, -v count="$2" -v most="$3" -v horizon="$4" -v k="$5" -v name="$6" -v draw="${DRAW:-1}" '
    BEGIN { srand(draw + 4) }
    { while (NF > 1 && $NF == "") --NF
      if (NF - 1 > 3 * horizon) { line[++n] = $0; key[n] = rand() } }
    END {
      for (i = 1; i <= n; ++i) order[i] = i
      for (i = n; i > 1; --i) { j = 1 + int(key[i] * i); t = order[i]; order[i] = order[j]; order[j] = t }
      for (i = k * count + 1; i <= (k + 1) * count; ++i) {
        m = split(line[order[i]], cell, /[, ]/)
        begin = m - 1 > most ? m - most + 1 : 2
        text = cell[1]
        for (c = begin; c <= m - horizon; ++c) text = text "," cell[c]
        print text > (name ".train.csv")
        for (; c <= m; ++c) text = text "," cell[c]
        print text > (name ".whole.csv")
      }
    }'
}

owa_of() { grep -o "\[\"$1\",[^]]*" "$2" | cut -d , -f 4; }
geometric_mean() { awk '{ sum += log($1) } END { printf "%.3f", exp(sum / NR) }'; }

failed=0
read -r -a options <<<"${OPTIONS:-}"
for of in ${FREQUENCIES:-Yearly Quarterly Monthly Weekly Daily Hourly}; do
  spec=$(frequency "$of")
  read -r file series most horizon season <<<"$spec"
  ours=() thetas=()
  for ((k = 0; k < panels; ++k)); do
    name=$RECUR_OUT/$of-$k
    panel "$file" "$series" "$most" "$horizon" "$k" "$name"
    "$RECUR" train forecast "$name.train.csv" --horizon "$horizon" --season "$season" --valid 0.1 --seed "${SEED:-1}" \
      --out "$name" --quiet "${options[@]}"
    "$RECUR" evaluate "$name" "$name.whole.csv" --json >"$name.json"
    ours+=("$(owa_of model "$name.json")")
    thetas+=("$(owa_of theta "$name.json")")
  done
  mean=$(printf '%s\n' "${ours[@]}" | geometric_mean)
  echo "$of: theta $(printf '%s\n' "${thetas[@]}" | geometric_mean), ours ${ours[*]}"
  "$tools"/mean.sh at_most "$of, panels of $series series, OWA" 1 "$mean" || failed=1
done
exit $failed
