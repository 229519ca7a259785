# How far back a loss at the end of 200 steps reaches in a new layer of each kind, as docs/recurrences.md has it: the norm of
# the gradient of what a step leaves (output and states), relative to that of the last step.
#
# Run: gradients.py RECUR OUT [CELL ...]          RECUR: the program; OUT: a folder to write to
import json
import os
import random
import subprocess
import sys

STEPS, BACK = 200, (1, 10, 50, 100, 199)
CELLS = ["rnn", "lstm", "gru", "mingru", "minlstm", "qrnn", "indrnn", "sru", "lru", "rg_lru", "griffin", "slstm", "mlstm",
         "delta", "attention"]
CHRONO = ["lstm", "gru", "mingru", "minlstm", "qrnn", "sru", "lru", "rg_lru", "griffin"]


def make(path):
    rng = random.Random(1)
    with open(path, "w") as out:
        out.write("label," + ",".join("x%d" % t for t in range(STEPS)) + "\n")
        for _ in range(64):
            row = [rng.gauss(0, 1) for _ in range(STEPS)]
            out.write(("up" if row[0] > 0 else "down") + "," + ",".join("%.4f" % x for x in row) + "\n")


def norms(recur, folder, cell, init):
    run = f"{folder}/{cell}-{init}"
    subprocess.run([recur, "train", "classify", f"{folder}/series.csv", "--network", "rnn", "--conv", "[]", "--pooling", "last",
                    "--no-bidirectional", "--layers", "1", "--hidden", "64", "--batch", "64", "--steps", "1", "--trace-gradients", "1",
                    "--precision", "f64", "--cell", cell, "--init", init, "--set", f"chrono_steps={STEPS}", "--out", run, "--force",
                    "--quiet"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(f"{run}/gradients.jsonl") as lines:
        return json.loads(lines.readline())["gradient_norm"][0]


def main():
    recur, folder, cells = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    make(f"{folder}/series.csv")
    print("cell,init," + ",".join(map(str, BACK)))
    for init, known in (("uniform", CELLS), ("chrono", CHRONO)):
        for cell in known:
            if cells and cell not in cells:
                continue
            norm = norms(recur, folder, cell, init)
            print(f"{cell},{init}," + ",".join("%.0e" % (norm[-1 - k] / norm[-1]) for k in BACK), flush=True)


main()
