#!/usr/bin/env bash
# Free spoken digits, each of six speakers held out in turn: single digits right in at least 94 % (exact match), and strings of
# three to seven digits, made by joining clips of a speaker, with a word error rate of at most 6 %. One model for both learns
# from the clips and 400 strings of each of the five others; it is that of the last step. TIME for each of the six runs.
# data: fsdd
set -euo pipefail
tools=$(dirname "$0")/..
tar -xJf "$RECUR_DATA/fsdd/recordings.tar.xz" -C "$RECUR_OUT"
cat >"$RECUR_OUT/lists.py" <<'PYTHON'
"""The lists of a held-out speaker: SPEAKER.train.tsv, SPEAKER.digits.tsv and SPEAKER.strings.tsv to test on; and the joined clips."""
import os
import random
import sys
import wave

out = sys.argv[1]
words = "zero one two three four five six seven eight nine".split()
clips = sorted(os.listdir(os.path.join(out, "recordings")))
speakers = sorted({name.split("_")[1] for name in clips})
os.makedirs(os.path.join(out, "joined"), exist_ok=True)
rng = random.Random(7)
digits, strings = {}, {}
for speaker in speakers:
    own = [name for name in clips if name.split("_")[1] == speaker]
    digits[speaker] = [("recordings/" + name, words[int(name[0])], speaker) for name in own]
    strings[speaker] = []
    for k in range(400):
        chosen = rng.sample(own, rng.randint(3, 7))
        path = "joined/%s_%d.wav" % (speaker, k)
        with wave.open(os.path.join(out, path), "wb") as to:
            to.setnchannels(1)
            to.setsampwidth(2)
            to.setframerate(8000)
            for name in chosen:
                with wave.open(os.path.join(out, "recordings", name)) as clip:
                    to.writeframes(clip.readframes(clip.getnframes()) + bytes(2 * rng.randint(400, 1600)))
        strings[speaker].append((path, " ".join(words[int(name[0])] for name in chosen), speaker))


def write(name, rows):
    with open(os.path.join(out, name + ".tsv"), "w") as f:
        print("path", "text", "speaker", sep="\t", file=f)
        for row in rows:
            print(*row, sep="\t", file=f)


for held in speakers:
    write(held + ".digits", digits[held])
    write(held + ".strings", strings[held][:120])
    write(held + ".train", [row for other in speakers if other != held for row in digits[other] + strings[other]])
PYTHON
python3 "$RECUR_OUT/lists.py" "$RECUR_OUT"
right=() errors=()
for list in "$RECUR_OUT"/*.train.tsv; do
  speaker=$(basename "$list" .train.tsv)
  run=$RECUR_OUT/run-$speaker
  # shellcheck disable=SC2086
  "$RECUR" train transcribe "$list" --out "$run" --tokens words --features mfcc --normalise speaker \
    --speeds 75,80,85,90,95,100,105,110,115,120,125 --feature-masks 0 --time-masks 1 --hidden 96 --layers 2 --dropout 0.3 --conv-widths 64,64 --lr 0.003 --clip 5 --batch 16 \
    --time "${TIME:-5m}" --threads "${THREADS:-2}" --seed "${SEED:-1}" ${OPTIONS:-} >"$run.log"
  for kind in digits strings; do
    "$RECUR" evaluate "$run" "$RECUR_OUT/$speaker.$kind.tsv" --json >"$run/$kind.json"
  done
  right+=("$("$tools"/number.sh exact_match "$run/digits.json")")
  errors+=("$("$tools"/number.sh wer "$run/strings.json")")
  echo "$speaker: digits ${right[-1]} right, strings ${errors[-1]} of the words wrong"
done
failed=0
"$tools"/mean.sh at_least "FSDD digits of speakers held out" 0.94 "${right[@]}" || failed=1
"$tools"/mean.sh at_most "FSDD word error of digit strings" 0.06 "${errors[@]}" || failed=1
exit $failed
