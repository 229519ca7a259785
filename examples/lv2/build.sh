#!/usr/bin/env bash
# Makes the effect: trains its network, exports it as C, and compiles the bundle recur-drive.lv2 in FOLDER.
# usage: RECUR=recur TRAIN_DRIVE=train_drive build.sh FOLDER
#        LV2_PATH=FOLDER lv2apply -i in.wav -o out.wav urn:recur:examples:drive
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1
bundle=$folder/recur-drive.lv2
mkdir -p "$bundle"

"$TRAIN_DRIVE" "$folder/drive.safetensors"
"$RECUR" import "$folder/drive.safetensors" --layers lstm,head --out "$folder/drive.recur" --quiet
"$RECUR" export "$folder/drive.recur" --to c --out "$folder/drive_model.c"
# shellcheck disable=SC2046  # flags
gcc -std=c99 -O2 -Wall -Wextra -fPIC -shared -fvisibility=hidden $(pkg-config --cflags lv2) -I "$folder" \
  "$here/drive.c" "$folder/drive_model.c" -o "$bundle/drive.so"
cp "$here/manifest.ttl" "$here/drive.ttl" "$bundle/"
