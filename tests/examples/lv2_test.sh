#!/usr/bin/env bash
# The LV2 effect learns, builds, and gives in a host sample by sample what its network gives. Exit code 77, which ctest
# shows as skipped, where LV2 is not installed.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! pkg-config --exists lv2 2>/dev/null || ! command -v lv2apply >/dev/null; then
  echo "NOT TESTED: there is no lv2-dev or no lv2apply here; ./dev test embedded installs them"
  exit 77
fi

TRAIN_DRIVE=$EXAMPLES/train_drive "$tests/../../examples/lv2/build.sh" . >built
ratio=$(awk '/^error-to-signal ratio/ { print $3 }' built)
awk -v ratio="$ratio" 'BEGIN { exit !(ratio != "" && ratio + 0 < 0.04) }' || { echo "learns too little"; cat built; exit 1; }

gcc -std=c99 -O2 -I . "$tests/lv2/wave.c" drive_model.c -o wave
./wave write in.wav
LV2_PATH=$PWD lv2apply -i in.wav -o out.wav urn:recur:examples:drive
./wave compare in.wav out.wav
