# Tiny tasks for kinds of recurrent layers, and a run of each: what docs/recurrences.md has.
#
# Run: recurrences.py RECUR OUT [CELL ...]          RECUR: the program; OUT: a folder to write to
#
# parity   each bit of a sequence of up to 24 is tagged with the parity of all bits so far; trained on up to 16 bits, and
#          tested on 16 and on 17 to 24
# copy     4 of 16 letters stand among 20 blanks, then come 4 queries, tagged with the letters in their order
# text     characters of sentences that a small grammar makes; bits a character on other sentences
import json
import os
import random
import subprocess
import sys
import time

SEED = 1
CELLS = ["rnn", "lstm", "gru", "mingru", "minlstm", "qrnn", "indrnn", "sru", "lru", "rg_lru", "griffin", "slstm", "mlstm", "delta",
         "delta_negative", "attention"]


def parity_lines(count, low, high, rng):
    for _ in range(count):
        total = 0
        for _ in range(rng.randint(low, high)):
            bit = rng.randint(0, 1)
            total ^= bit
            yield f"{'ab'[bit]} p{total}\n"
        yield "\n"


def copy_lines(count, rng):
    letters = "abcdefghijklmnop"
    for _ in range(count):
        chosen = [rng.choice(letters) for _ in range(4)]
        places = sorted(rng.sample(range(24), 4))
        row = ["."] * 24
        for place, letter in zip(places, chosen):
            row[place] = letter
        for symbol in row:
            yield f"{symbol} O\n"
        for letter in chosen:
            yield f"? B-{letter}\n"
        yield "\n"


def sentence(rng):
    people, verbs = ["the sailor", "my sister", "a tired clerk", "nobody", "the old king"], ["saw", "sold", "praised", "hid"]
    things = ["a red boat", "seven keys", "the garden", "an empty letter", "her brother's coat"]
    ends = ["in the morning", "before the storm", "without a word", "for three coins"]
    said = f"{rng.choice(people)} {rng.choice(verbs)} {rng.choice(things)}"
    if rng.random() < 0.5:
        said += f" {rng.choice(ends)}"
    if rng.random() < 0.3:
        said += f", and {rng.choice(people)} {rng.choice(verbs)} {rng.choice(things)}"
    return said.capitalize() + "."


def write(path, lines):
    with open(path, "w") as f:
        f.writelines(lines)


def make(folder):
    rng = random.Random(SEED)
    write(f"{folder}/parity.train", parity_lines(2000, 1, 16, rng))
    write(f"{folder}/parity.test", parity_lines(300, 16, 16, rng))
    write(f"{folder}/parity.long", parity_lines(300, 17, 24, rng))
    write(f"{folder}/copy.train", copy_lines(3000, rng))
    write(f"{folder}/copy.test", copy_lines(300, rng))
    write(f"{folder}/text.train", (" ".join(sentence(rng) for _ in range(6)) + "\n" for _ in range(300)))
    write(f"{folder}/text.test", (" ".join(sentence(rng) for _ in range(6)) + "\n" for _ in range(60)))


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr}")
    return done.stdout


def score(recur, model, data, key):
    return json.loads(run(recur, "evaluate", model, data, "--json"))[key]


def main():
    recur, folder, cells = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    make(folder)
    common = ["--seed", str(SEED), "--threads", "1", "--quiet", "--layers", "2", "--block", "residual", "--lr", "0.005"]
    tagging = ["--embedding", "16", "--characters", "none", "--hidden", "32", "--no-bidirectional", "--dropout", "0",
               "--batch", "32", *common]
    text = ["--hidden", "48", "--batch", "16", *common]
    print("cell,parity_16,parity_24,copy_f1,text_bits,seconds")
    for cell in cells or CELLS:
        begin = time.perf_counter()
        out = f"{folder}/{cell}"
        run(recur, "train", "tag", f"{folder}/parity.train", "--out", f"{out}.parity", "--cell", cell, "--epochs", "8", *tagging)
        run(recur, "train", "tag", f"{folder}/copy.train", "--out", f"{out}.copy", "--cell", cell, "--epochs", "4", *tagging)
        run(recur, "train", "lm", f"{folder}/text.train", "--out", f"{out}.text", "--cell", cell, "--epochs", "4", *text)
        seconds = time.perf_counter() - begin
        row = [score(recur, f"{out}.parity", f"{folder}/parity.test", "accuracy"),
               score(recur, f"{out}.parity", f"{folder}/parity.long", "accuracy"),
               score(recur, f"{out}.copy", f"{folder}/copy.test", "span_f1"),
               score(recur, f"{out}.text", f"{folder}/text.test", "bits_per_character")]
        print(",".join([cell, *(f"{value:.3f}" for value in row), f"{seconds:.0f}"]), flush=True)


main()
