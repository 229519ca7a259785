#!/usr/bin/env bash
# Six sets of gestures and motions of the UEA archive, official parts, the model of the last step: each beside MLSTM-FCN and Rocket as
# published (MLSTM-FCN by Zhang et al. 2020; Rocket by Ruiz et al. 2021), above both on at least two; and none below the nearest
# neighbour by dynamic time warping (of all channels at once; Bagnall et al. 2018). TIME (4m) a model; SETS names some of them alone.
# data: uea_gestures
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/uea_gestures
# What MLSTM-FCN, Rocket and the nearest neighbour reach.
published() {
  case $1 in
    NATOPS) echo 0.889 0.885 0.883 ;;
    UWaveGestureLibrary) echo 0.891 0.944 0.903 ;;
    Handwriting) echo 0.286 0.588 0.607 ;;
    Libras) echo 0.856 0.906 0.872 ;;
    RacketSports) echo 0.803 0.928 0.803 ;;
    Epilepsy) echo 0.761 0.991 0.964 ;;
  esac
}
above=0 below=0
for set in ${SETS:-NATOPS UWaveGestureLibrary Handwriting Libras RacketSports Epilepsy}; do
  values=()
  for seed in ${SEEDS:-1 2 3}; do
    run=$RECUR_OUT/$set-$seed
    "$RECUR" train recognize "$data/${set}_TRAIN.ts.xz" --time "${TIME:-4m}" --seed "$seed" --out "$run" --quiet
    "$RECUR" evaluate "$run" "$data/${set}_TEST.ts.xz" --json >"$run/test.json"
    values+=("$("$tools"/number.sh accuracy "$run/test.json")")
  done
  read -r fcn rocket neighbour <<<"$(published "$set")"
  best=$(awk -v a="$fcn" -v b="$rocket" 'BEGIN { print (a > b ? a : b) }')
  echo "$set: MLSTM-FCN $fcn, Rocket $rocket"
  "$tools"/mean.sh at_least "$set beside the better of both" "$best" "${values[@]}" && above=$((above + 1))
  "$tools"/mean.sh at_least "$set beside the nearest neighbour" "$neighbour" "${values[@]}" || below=$((below + 1))
done
echo "above MLSTM-FCN and Rocket on $above, below the nearest neighbour on $below"
[ "$above" -ge 2 ] && [ "$below" = 0 ]
