#!/usr/bin/env bash
# Slices of lung CTs, 64 x 64, with noise that is added: white noise of 15, 25 and 50 / 255 at least 0.3 dB above BM3D; salt and pepper
# of 5, 10 and 20 %, and both, at least 1 dB above the best of BM3D, non-local means, total variation, wavelets and the median.
# TIME (15m) for each of three models, on THREADS (2); TEST (100) slices. Beside them recurrent layers alone, with and without
# recurrent batch normalisation, RECURRENT_TIME (8m) each, for the record. The peers need PYTHON (tools/packages.sh peers).
# data: ct_sarscov2
set -euo pipefail
tools=$(dirname "$0")/..
python=${PYTHON:-$tools/../build/peers/bin/python}
if ! "$python" -c 'import bm3d, skimage' 2>/dev/null; then
  echo "ct_sarscov2: $python has no bm3d and scikit-image; tools/packages.sh peers installs them, or set PYTHON" >&2
  exit 1
fi
"$python" "$tools/accept/ct_sarscov2.py" data "$RECUR_DATA/ct_sarscov2" "$RECUR_OUT" "${TEST:-100}"
failed=0

# compare RUN NOISE PEER BOUND: PEER is a method's name, or best.
compare() {
  local ours peer
  "$RECUR" evaluate "$RECUR_OUT/$1" "$RECUR_OUT/$2.npy" --clean "$RECUR_OUT/clean.npy" --json >"$RECUR_OUT/$2.json"
  ours=$("$tools"/number.sh psnr "$RECUR_OUT/$2.json")
  [ -s "$RECUR_OUT/$2.peers" ] || "$python" "$tools/accept/ct_sarscov2.py" peers "$RECUR_OUT" "$2" >"$RECUR_OUT/$2.peers"
  sed "s/^/  $2: /" "$RECUR_OUT/$2.peers"
  if [ "$3" = best ]; then peer=$(tail -1 "$RECUR_OUT/$2.peers" | cut -d' ' -f2); else
    peer=$(grep "^$3 " "$RECUR_OUT/$2.peers" | cut -d' ' -f2)
  fi
  awk -v name="CT, $2" -v ours="$ours" -v peer="$peer" -v bound="$4" -v who="$3" -v ssim="$("$tools"/number.sh ssim "$RECUR_OUT/$2.json")" 'BEGIN {
    ok = ours - peer >= bound
    printf "%s: %s: PSNR %.2f dB (SSIM %.4f), %s %.2f dB: %+.2f, expected at least %+.1f\n", ok ? "passed" : "FAILED", name, ours, ssim,
      who, peer, ours - peer, bound
    exit !ok }' || failed=1
}

# learn RUN OPTION...
learn() {
  local run=$1
  shift
  "$RECUR" train denoise "$RECUR_OUT/train.npy" --valid "$RECUR_OUT/valid.npy" --out "$RECUR_OUT/$run" --time "${TIME:-15m}" \
    --threads "${THREADS:-2}" --lr 0.001 --seed "${SEED:-1}" "$@"
}

learn gaussian --noise gaussian --level 10,55 --set cut=false
for sigma in 15 25 50; do compare gaussian gaussian$sigma BM3D 0.3; done
learn salt --noise salt-pepper --level 2,25
for percent in 5 10 20; do compare salt salt$percent best 1; done
learn mixed --noise mixed --level 10,20 --set impulses=5,15
compare mixed mixed best 1
for cell in lstm lstm_batch_norm; do
  learn "$cell" --noise gaussian --level 10,55 --set cut=false --network columns --layers 2 --hidden 128 --cell "$cell" \
    --time "${RECURRENT_TIME:-8m}"
  for sigma in 15 25 50; do
    "$RECUR" evaluate "$RECUR_OUT/$cell" "$RECUR_OUT/gaussian$sigma.npy" --clean "$RECUR_OUT/clean.npy" --json >"$RECUR_OUT/$cell$sigma.json"
    echo "CT, gaussian$sigma, columns, $cell: PSNR $("$tools"/number.sh psnr "$RECUR_OUT/$cell$sigma.json") dB, SSIM $("$tools"/number.sh ssim "$RECUR_OUT/$cell$sigma.json")"
  done
done
exit $failed
