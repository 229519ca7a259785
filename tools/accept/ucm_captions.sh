#!/usr/bin/env bash
# UCM-Captions, aerial images of 64 x 64 pixels, official parts (1,680 train, 210 val, 210 test), trained from scratch: BLEU-4 at least
# 45, CIDEr-D at least 200 (soft attention with VGG on images of 256 pixels 53.9, 262.9). Beside it the same network without
# attention (six stages leave one region), the most usual caption of all, and the most frequent one of the image's class: of the
# true class, and of that which a convolutional network (recognize, clips of one frame) gives it.
# TIME for the captioner, CLASS_TIME for the classifier, PLAIN_TIME without attention; 0s leaves those out. Needs PYTHON with Pillow
# and pycocoevalcap (tools/packages.sh peers).
# data: ucm_captions
set -euo pipefail
tools=$(dirname "$0")/..
python=${PYTHON:-$tools/../build/peers/bin/python}
if ! "$python" -c 'import PIL, pycocoevalcap' 2>/dev/null; then
  echo "ucm_captions: $python has no Pillow and pycocoevalcap; tools/packages.sh peers installs them, or set PYTHON" >&2
  exit 1
fi
"$python" "$tools/accept/ucm_captions.py" data "$RECUR_DATA/ucm_captions" "$RECUR_OUT"
threads=${THREADS:-2} seed=${SEED:-1}

# caption RUN TIME OPTION...
caption() {
  local run=$RECUR_OUT/$1
  "$RECUR" train caption "$RECUR_OUT/train.jsonl" --valid "$RECUR_OUT/val.jsonl" --out "$run" --time "$2" --hidden 256 --dropout 0.4 \
    --augment shift,turn,mirror,light --batch 16 --lr 0.002 --clip 5 --threads "$threads" --seed "$seed" "${@:3}"
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.jsonl" --threads "$threads"
  "$RECUR" evaluate "$run" "$RECUR_OUT/test.jsonl" --threads "$threads" --json >"$run/test.json"
}

if [ "${CLASS_TIME:-5m}" != 0s ]; then
  "$RECUR" train recognize "$RECUR_OUT/classes_train.csv" --valid "$RECUR_OUT/classes_val.csv" --augment shift,turn,mirror,light \
    --time "${CLASS_TIME:-5m}" --threads "$threads" --seed "$seed" --out "$RECUR_OUT/classes" --quiet
  "$RECUR" predict "$RECUR_OUT/classes" "$RECUR_OUT/classes_test.csv" >"$RECUR_OUT/classes.csv"
  "$python" "$tools/accept/ucm_captions.py" score "$RECUR_OUT" "$RECUR_OUT/classes.csv"
fi
if [ "${PLAIN_TIME:-10m}" != 0s ]; then
  caption without_attention "${PLAIN_TIME:-10m}" --conv-widths 16,32,64,64,64,64
fi
# shellcheck disable=SC2086
caption seeing "${TIME:-40m}" ${OPTIONS:-}
failed=0
"$tools"/mean.sh at_least "UCM-Captions BLEU-4" 45 "$("$tools"/number.sh bleu_4 "$RECUR_OUT/seeing/test.json")" || failed=1
"$tools"/mean.sh at_least "UCM-Captions CIDEr-D" 200 "$("$tools"/number.sh cider "$RECUR_OUT/seeing/test.json")" || failed=1
exit $failed
