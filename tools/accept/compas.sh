#!/usr/bin/env bash
# COMPAS scores of 7,214 defendants as decisions (medium or high risk: 5 and more), audited by race: the error rates that
# ProPublica published (2016), and the accuracies of Dressel and Farid (2018), to the digit. Names are never read.
# data: compas
set -euo pipefail
"$RECUR" audit "$RECUR_DATA/compas/compas-scores-two-years.csv" --groups race --label two_year_recid \
  --score decile_score --threshold 5 --privileged race=Caucasian --samples 0 --out "$RECUR_OUT/figures.csv" --quiet
bad=0
while read -r group measure expected; do
  got=$(awk -F, -v g="$group" -v m="$measure" '$2 == g && $3 == m { printf "%.2f", 100 * $5 }' "$RECUR_OUT/figures.csv")
  if [ "$got" = "$expected" ]; then
    echo "$group $measure: $got %, as published"
  else
    echo "$group $measure: $got %, published $expected %" >&2
    bad=1
  fi
done <<'ROWS'
African-American false_positive_rate 44.85
African-American false_negative_rate 27.99
African-American accuracy 63.83
Caucasian false_positive_rate 23.45
Caucasian false_negative_rate 47.72
Caucasian accuracy 66.99
all accuracy 65.37
ROWS
exit $bad
