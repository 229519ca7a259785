#!/usr/bin/env bash
# JHMDB, 15 joints in two dimensions, 14 classes, the three official splits: at least 77 % on average. The model is that of the last
# step. TIME (4m) a model. Needs PYTHON with NumPy (tools/packages.sh peers).
# data: jhmdb_skeleton
set -euo pipefail
tools=$(dirname "$0")/..
source "$tools/clips.sh"
make_clips jhmdb jhmdb_skeleton
values=()
for seed in ${SEEDS:-1 2 3}; do
  for split in ${SPLITS:-1 2 3}; do
    run=$RECUR_OUT/split$split-$seed
    "$RECUR" train recognize "$RECUR_OUT/train$split.npz" --time "${TIME:-4m}" --seed "$seed" --out "$run" --quiet
    "$RECUR" evaluate "$run" "$RECUR_OUT/test$split.npz" --json >"$run/test.json"
    values+=("$("$tools"/number.sh accuracy "$run/test.json")")
    echo "split $split, seed $seed: ${values[-1]}"
  done
done
"$tools"/mean.sh at_least "JHMDB skeletons, accuracy of the official splits" 0.77 "${values[@]}"
