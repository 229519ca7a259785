#!/usr/bin/env bash
# Free spoken digits, each of six speakers held out in turn: single digits right in at least 94 % (exact match), and strings of
# three to seven digits, made by joining clips of a speaker, with a word error rate of at most 6 %. TIME for each of the twelve runs.
# data: fsdd
set -euo pipefail
tools=$(dirname "$0")/..
tar -xJf "$RECUR_DATA/fsdd/recordings.tar.xz" -C "$RECUR_OUT"
cat >"$RECUR_OUT/lists.py" <<'PYTHON'
"""The lists of a held-out speaker: digits.SPEAKER.{train,test}.tsv and strings.SPEAKER.{train,test}.tsv, with joined clips."""
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
rows = {speaker: [] for speaker in speakers}
for speaker in speakers:
    own = [name for name in clips if name.split("_")[1] == speaker]
    for k in range(120):
        chosen = rng.sample(own, rng.randint(3, 7))
        path = "joined/%s_%d.wav" % (speaker, k)
        with wave.open(os.path.join(out, path), "wb") as to:
            to.setnchannels(1)
            to.setsampwidth(2)
            to.setframerate(8000)
            for name in chosen:
                with wave.open(os.path.join(out, "recordings", name)) as clip:
                    to.writeframes(clip.readframes(clip.getnframes()) + bytes(2 * rng.randint(400, 1600)))
        rows[speaker].append((path, " ".join(words[int(name[0])] for name in chosen)))
for held in speakers:
    for part in ("train", "test"):
        with open(os.path.join(out, "digits.%s.%s.tsv" % (held, part)), "w") as f:
            for name in clips:
                if (name.split("_")[1] == held) == (part == "test"):
                    print("recordings/" + name, words[int(name[0])], sep="\t", file=f)
        with open(os.path.join(out, "strings.%s.%s.tsv" % (held, part)), "w") as f:
            for speaker in speakers:
                if (speaker == held) == (part == "test"):
                    for row in rows[speaker]:
                        print(*row, sep="\t", file=f)
PYTHON
python3 "$RECUR_OUT/lists.py" "$RECUR_OUT"
right=() errors=()
for list in "$RECUR_OUT"/digits.*.test.tsv; do
  speaker=$(basename "$list" .test.tsv)
  speaker=${speaker#digits.}
  for kind in digits strings; do
    run=$RECUR_OUT/$kind-$speaker
    "$RECUR" train transcribe "$RECUR_OUT/$kind.$speaker.train.tsv" --valid 0.1 --out "$run" --hidden 96 --layers 2 --dropout 0.3 \
      --set conv_widths=64,64 --tokens words --set feature_masks=1 --set feature_mask_share=0.15 --lr 0.003 --clip 5 --batch 32 --time "${TIME:-5m}" --seed "${SEEDS:-1}"
    "$RECUR" evaluate "$run" "$RECUR_OUT/$kind.$speaker.test.tsv" --json >"$run/test.json"
  done
  right+=("$("$tools"/number.sh exact_match "$RECUR_OUT/digits-$speaker/test.json")")
  errors+=("$("$tools"/number.sh wer "$RECUR_OUT/strings-$speaker/test.json")")
done
failed=0
"$tools"/mean.sh at_least "FSDD digits of speakers held out" 0.94 "${right[@]}" || failed=1
"$tools"/mean.sh at_most "FSDD word error of digit strings" 0.06 "${errors[@]}" || failed=1
exit $failed
