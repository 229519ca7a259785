#!/usr/bin/env bash
# The first command on a file nobody has seen: one command a set, defaults alone, official parts, three seeds. Prints a
# table, also in RECUR_OUT/table.md: the mean of our test accuracies, one nearest neighbour by Euclidean distance and by
# DTW and MultiRocket (of aeon, where build/peers is there; without it "-"), and published figures. Each set must be at
# least its bar, which is the better of 1-NN DTW and what is published of a recurrent network. A training that takes more
# than LIMIT seconds (180) is ended and fails. SETS names some sets alone, SEEDS other seeds.
# data: ucr_uea uea_gestures
set -euo pipefail
tools=$(dirname "$0")/..
python=$tools/../build/peers/bin/python
limit=${LIMIT:-180}
seeds=${SEEDS:-1 2 3}
table=$RECUR_OUT/table.md

# of ucr_uea by the table of Ismail Fawaz et al. 2019; of uea_gestures as in the notes of the data: MLSTM-FCN (TapNet)
published() { # SET CLASSIFIER
  case $1-$2 in
    NATOPS-mlstm_fcn) echo 0.889 ;; UWaveGestureLibrary-mlstm_fcn) echo 0.891 ;; Handwriting-mlstm_fcn) echo 0.286 ;;
    Libras-mlstm_fcn) echo 0.856 ;; RacketSports-mlstm_fcn) echo 0.803 ;; Epilepsy-mlstm_fcn) echo 0.761 ;;
    *) awk -F, -v set="$1" -v of="$2" '$2 == set && $3 == of && $5 > best { best = $5 } END { print best ? best : "-" }' \
      "$RECUR_DATA/ucr_uea/published_dl4tsc_accuracy.csv" ;;
  esac
}

part() { find "$RECUR_DATA/ucr_uea" "$RECUR_DATA/uea_gestures" -name "$1_$2.*" | head -n 1; }

neighbours() { # SET -> JSON, {} without aeon
  if [ -x "$python" ]; then
    nice "$python" "$tools/nearest_neighbours.py" "$(part "$1" TRAIN)" "$(part "$1" TEST)" --rocket 2>/dev/null || echo '{}'
  else
    echo '{}'
  fi
}
of() { sed -n "s/.*\"$1\": {\"accuracy\": \([0-9.]*\).*/\1/p" "$2" | grep . || echo -; }

all=$(find "$RECUR_DATA/ucr_uea" "$RECUR_DATA/uea_gestures" -name '*_TRAIN.*' -printf '%f\n' | sed 's/_TRAIN.*//' | sort)
sets=${SETS:-$all}
echo "$(wc -w <<<"$sets") sets, $(wc -w <<<"$seeds") seeds: at most $((limit * $(wc -w <<<"$sets") * $(wc -w <<<"$seeds") / 60)) minutes of training"
{
  echo "| set | ours, seeds $seeds | s | 1-NN Euclidean | 1-NN DTW | MultiRocket | TWIESN | FCN | MLSTM-FCN | |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
} >"$table"
failed=0
for set in $sets; do
  values=() seconds=0
  for seed in $seeds; do
    run=$RECUR_OUT/$set-$seed
    begun=$SECONDS
    if ! timeout --signal=KILL "$limit" "$RECUR" train classify "$(part "$set" TRAIN)" --valid 0.1 --seed "$seed" \
      --out "$run" --quiet; then
      echo "$set, seed $seed: failed, or took more than $limit s" >&2
      failed=1
      continue
    fi
    seconds=$((seconds + SECONDS - begun))
    "$RECUR" evaluate "$run" "$(part "$set" TEST)" --json >"$run/test.json"
    values+=("$("$tools"/number.sh accuracy "$run/test.json")")
  done
  [ ${#values[@]} -gt 0 ] || continue
  neighbours "$set" >"$RECUR_OUT/$set.json"
  dtw=$(of dtw "$RECUR_OUT/$set.json") twiesn=$(published "$set" twiesn) lstm=$(published "$set" mlstm_fcn)
  bar=$(printf '%s\n' "$dtw" "$twiesn" | awk '$1 > best { best = $1 } END { print best + 0 }')
  verdict=passed
  "$tools"/mean.sh at_least "$set" "$bar" "${values[@]}" || { failed=1 verdict=below; }
  mean=$(printf '%s\n' "${values[@]}" | awk '{ s += $1 } END { printf "%.4f", s / NR }')
  printf '| %s | **%s** (%s) | %d | %s | %s | %s | %s | %s | %s | %s |\n' "$set" "$mean" "${values[*]}" \
    $((seconds / ${#values[@]})) "$(of euclidean "$RECUR_OUT/$set.json")" "$dtw" "$(of rocket "$RECUR_OUT/$set.json")" \
    "$twiesn" "$(published "$set" fcn)" "$lstm" "$verdict" >>"$table"
done
cat "$table"
exit $failed
