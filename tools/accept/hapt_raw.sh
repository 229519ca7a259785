#!/usr/bin/env bash
# Smartphone signals at the waist, people apart as UCI HAR divides them. Windows of 128 samples and nine channels: 6 classes at least
# 91.1 % (a stacked LSTM's), 12 classes with the changes of posture for the record. Recordings at 12.5 frames a second, whose 12
# classes are spotted: F1 of events at least 0.6. The step is chosen on four people of the training part. TIME (8m) a model;
# PARTS of 6 12 stream, and first: `classify` with defaults alone on the windows of 12 classes, at least the 91.3 % that 12 reaches.
# Needs PYTHON with SciPy (tools/packages.sh peers).
# data: hapt_raw
set -euo pipefail
tools=$(dirname "$0")/..
source "$tools/clips.sh"
out=$RECUR_OUT
failed=0
# learn TASK METRIC WHAT BOUND OPTION...
learn() {
  local task=$1 metric=$2 what=$3 bound=$4 seed run values=()
  shift 4
  for seed in ${SEEDS:-1 2 3}; do
    run=$RECUR_OUT/run-$seed
    "$RECUR" train "$task" "$RECUR_OUT/fit.npz" --valid "$RECUR_OUT/valid.npz" "$@" --seed "$seed" --out "$run" --quiet
    "$RECUR" evaluate "$run" "$RECUR_OUT/test.npz" --json >"$run/test.json"
    values+=("$("$tools"/number.sh "$metric" "$run/test.json")")
  done
  "$tools"/mean.sh at_least "$what" "$bound" "${values[@]}" || failed=1
}
for part in ${PARTS:-6 12 stream}; do
  RECUR_OUT=$out/$part
  mkdir -p "$RECUR_OUT"
  case $part in
    6)
      make_clips hapt hapt_raw scipy
      learn recognize accuracy "HAPT, windows, 6 classes, people not in training" 0.911 --time "${TIME:-8m}"
      ;;
    12)
      make_clips hapt12 hapt_raw scipy
      learn recognize accuracy "HAPT, windows, 12 classes, people not in training" 0.85 --time "${TIME:-8m}"
      ;;
    first)
      make_clips hapt12 hapt_raw scipy
      learn classify accuracy "HAPT, windows, 12 classes, defaults of classify" 0.913
      ;;
    stream)
      make_clips hapt_stream hapt_raw
      learn recognize event_f1 "HAPT, recordings, 12 classes, F1 of events" 0.6 --set rate=12.5 --set select=event_f1 --time "${TIME:-8m}"
      ;;
  esac
done
exit $failed
