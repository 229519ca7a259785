#!/usr/bin/env bash
# SFINGE 3D, hands of 20 joints: 13 gestures, five folds by the number of the instance, at least 90 %; and gestures in sequences, of
# which 48 are learnt from (12 of these for the choice of the step) and 24 tested on: F1 of events at least 0.5. TIME (3m) a model;
# PARTS of clips stream. Needs PYTHON with NumPy (tools/packages.sh peers).
# data: sfinge3d
set -euo pipefail
tools=$(dirname "$0")/..
source "$tools/clips.sh"
failed=0
for part in ${PARTS:-clips stream}; do
  values=()
  if [ "$part" = clips ]; then
    make_clips sfinge sfinge3d
    for seed in ${SEEDS:-1 2 3}; do
      for fold in ${FOLDS:-0 1 2 3 4}; do
        run=$RECUR_OUT/fold$fold-$seed
        "$RECUR" train recognize "$RECUR_OUT/train$fold.npz" --time "${TIME:-3m}" --seed "$seed" --out "$run" --quiet
        "$RECUR" evaluate "$run" "$RECUR_OUT/test$fold.npz" --json >"$run/test.json"
        values+=("$("$tools"/number.sh accuracy "$run/test.json")")
      done
    done
    "$tools"/mean.sh at_least "SFINGE 3D, 13 gestures, five folds" 0.90 "${values[@]}" || failed=1
  else
    make_clips sfinge_stream sfinge3d
    for seed in ${SEEDS:-1 2 3}; do
      run=$RECUR_OUT/stream-$seed
      "$RECUR" train recognize "$RECUR_OUT/fit.npz" --valid "$RECUR_OUT/valid.npz" --set background=0 --set rate=20 \
        --set select=event_f1 --time "${TIME:-3m}" --seed "$seed" --out "$run" --quiet
      "$RECUR" evaluate "$run" "$RECUR_OUT/test.npz" --json >"$run/test.json"
      values+=("$("$tools"/number.sh event_f1 "$run/test.json")")
    done
    "$tools"/mean.sh at_least "SFINGE 3D, sequences, F1 of events" 0.5 "${values[@]}" || failed=1
  fi
done
exit $failed
