#!/usr/bin/python3
"""Golden scores of coco-caption (pycocoevalcap 1.2) and METEOR 1.5: captions of a small grammar, of letters, and a few real sentences.

usage: build/peers/bin/python tests/golden/make_caption_metrics_golden.py     writes tests/golden/caption_metrics.json

Needs Java for METEOR, which runs on equal words alone: -m exact -p '0.9 3 0.5 0.5' -w 1.
corpora: [{captions, references, bleu [4], rouge, cider, cider_each, meteor, meteor_each}]; all are lower-case words between spaces.
Those of letters have no METEOR: where words repeat that often, METEOR's own search misses the alignment with the fewest chunks.
"""
import json
import os
import random
import re
import subprocess
import tempfile

import pycocoevalcap
from pycocoevalcap.bleu.bleu_scorer import BleuScorer
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

HERE = os.path.dirname(os.path.abspath(__file__))
JAR = os.path.join(list(pycocoevalcap.__path__)[0], "meteor", "meteor-1.5.jar")
REAL = [["a brown dog runs along the wet beach", "the dog is running on the beach", "a dog on a beach near the water"],
        ["two children play with a red ball in the garden", "a boy and a girl are playing with a ball", "children play outside"],
        ["a man in a blue shirt is climbing a steep rock", "a climber on a rock wall", "the man climbs up the rock"]]
SAID = ["a dog runs on the beach", "two boys play with a ball in the grass", "a man in a red shirt is standing on a rock"]


def sentence(rng):
    shape = ["square", "circle", "star", "dog", "cat"]
    colour = ["red", "blue", "green", "small", "big"]
    words = ["a", rng.choice(colour), rng.choice(shape), rng.choice(["left of", "on", "under", "near"]), "a", rng.choice(colour), rng.choice(shape)]
    return " ".join(w for w in words if rng.random() > 0.1) or "a"


def letters(rng):
    return " ".join(rng.choice("aabcde") for _ in range(rng.randint(1, 12)))


def meteor(captions, references):
    most = max(len(r) for r in references)
    with tempfile.TemporaryDirectory() as folder:
        said, right = os.path.join(folder, "said"), os.path.join(folder, "right")
        with open(said, "w") as f:
            f.writelines(c + "\n" for c in captions)
        with open(right, "w") as f:
            f.writelines((r[k] if k < len(r) else r[0]) + "\n" for r in references for k in range(most))
        out = subprocess.run(["java", "-Xmx1G", "-jar", JAR, said, right, "-l", "en", "-r", str(most), "-m", "exact", "-p", "0.9 3 0.5 0.5",
                              "-w", "1"], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Final score:\s+(\S+)", out)[1]), [float(x) for x in re.findall(r"Segment \d+ score:\s+(\S+)", out)]


def main():
    rng = random.Random(7)
    corpora = [(SAID, REAL, True)]
    for k in range(8):
        make = letters if k % 3 == 2 else sentence
        size = rng.choice([2, 3, 6, 12])
        corpora.append(([make(rng) for _ in range(size)], [[make(rng) for _ in range(rng.randint(1, 5))] for _ in range(size)], make == sentence))
    out = []
    for captions, references, aligned in corpora:
        gts, res = dict(enumerate(references)), {i: [c] for i, c in enumerate(captions)}
        scorer = BleuScorer(n=4)
        for caption, each in zip(captions, references):
            scorer += (caption, each)
        cider, cider_each = Cider().compute_score(gts, res)
        whole, each = meteor(captions, references) if aligned else (None, None)
        out.append({"captions": captions, "references": references, "bleu": scorer.compute_score(option="closest")[0],
                    "rouge": float(Rouge().compute_score(gts, res)[0]), "cider": float(cider), "cider_each": [float(x) for x in cider_each],
                    "meteor": whole, "meteor_each": each})
    with open(os.path.join(HERE, "caption_metrics.json"), "w", encoding="utf-8") as f:
        json.dump({"pycocoevalcap": "1.2", "meteor": "1.5", "corpora": out}, f, indent=1)
        f.write("\n")


main()
