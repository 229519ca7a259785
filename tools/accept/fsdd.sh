#!/usr/bin/env bash
# Free spoken digits, each of six speakers held out in turn: single digits right in at least 94 % (exact match), and strings of
# three to seven digits, made by joining clips of a speaker, with a word error rate of at most 6 %. One model for both learns
# from the clips of the five others and 500 joined sounds of each, of one to seven digits between pauses with faint noise; it is
# that of the last step. Features are normalised over all sounds of a speaker. TIME for each of the six runs.
# data: fsdd
set -euo pipefail
tools=$(dirname "$0")/..
tar -xJf "$RECUR_DATA/fsdd/recordings.tar.xz" -C "$RECUR_OUT"
cat >"$RECUR_OUT/lists.py" <<'PYTHON'
"""The joined sounds, and for each held-out speaker SPEAKER.train.tsv and SPEAKER.test.tsv: single digits, then strings."""
import array
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


def samples_of(name):
    with wave.open(os.path.join(out, "recordings", name)) as clip:
        return array.array("h", clip.readframes(clip.getnframes()))


def pause(noise):
    return array.array("h", [round(rng.gauss(0, noise)) for _ in range(rng.randint(400, 1600))])


def join(path, chosen):
    noise = rng.uniform(1, 20)
    samples = pause(noise)
    for name in chosen:
        samples += samples_of(name) + pause(noise)
    with wave.open(os.path.join(out, path), "wb") as to:
        to.setnchannels(1)
        to.setsampwidth(2)
        to.setframerate(8000)
        to.writeframes(samples.tobytes())


def text_of(names):
    return " ".join(words[int(name[0])] for name in names)


digits, learnt, strings = {}, {}, {}
for speaker in speakers:
    own = [name for name in clips if name.split("_")[1] == speaker]
    digits[speaker] = [("recordings/" + name, text_of([name]), speaker) for name in own]
    for rows, count, least in ((learnt, 500, 1), (strings, 120, 3)):
        rows[speaker] = []
        for k in range(count):
            chosen = rng.sample(own, rng.randint(least, 7))
            path = "joined/%s_%d_%d.wav" % (speaker, least, k)
            join(path, chosen)
            rows[speaker].append((path, text_of(chosen), speaker))
for held in speakers:
    train = [row for other in speakers if other != held for row in digits[other] + learnt[other]]
    for part, rows in (("train", train), ("test", digits[held] + strings[held])):
        with open(os.path.join(out, held + "." + part + ".tsv"), "w") as f:
            for row in [("path", "text", "speaker")] + rows:
                print(*row, sep="\t", file=f)
PYTHON
python3 "$RECUR_OUT/lists.py" "$RECUR_OUT"
cat >"$RECUR_OUT/score.py" <<'PYTHON'
"""Of the rows of a test: the share of single digits that are right, and the word error rate of the strings."""
import csv
import sys

with open(sys.argv[1], newline="") as f:
    rows = list(csv.DictReader(f))
digits = [row for row in rows if row["sound"].startswith("recordings/")]
strings = [row for row in rows if row["sound"].startswith("joined/")]
print(sum(row["text"] == row["prediction"] for row in digits) / len(digits),
      sum(int(row["word_errors"]) for row in strings) / sum(int(row["words"]) for row in strings))
PYTHON
right=() errors=()
for list in "$RECUR_OUT"/*.train.tsv; do
  speaker=$(basename "$list" .train.tsv)
  run=$RECUR_OUT/run-$speaker
  # shellcheck disable=SC2086
  "$RECUR" train transcribe "$list" --out "$run" --tokens words --features mfcc --normalise speaker \
    --speeds 75,80,85,90,95,100,105,110,115,120,125 --feature-masks 0 --time-masks 1 --hidden 96 --layers 2 --dropout 0.3 \
    --conv-widths 64,64 --lr 0.003 --clip 5 --batch 16 --time "${TIME:-5m}" --threads "${THREADS:-2}" --seed "${SEED:-1}" ${OPTIONS:-} >"$run.log"
  "$RECUR" evaluate "$run" "$RECUR_OUT/$speaker.test.tsv" --examples "$run/test.csv" >"$run/test.txt"
  read -r digits strings <<<"$(python3 "$RECUR_OUT/score.py" "$run/test.csv")"
  right+=("$digits") errors+=("$strings")
  echo "$speaker: digits ${right[-1]} right, strings ${errors[-1]} of the words wrong"
done
failed=0
"$tools"/mean.sh at_least "FSDD digits of speakers held out" 0.94 "${right[@]}" || failed=1
"$tools"/mean.sh at_most "FSDD word error of digit strings" 0.06 "${errors[@]}" || failed=1
exit $failed
