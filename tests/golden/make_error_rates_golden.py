#!/usr/bin/python3
"""Golden word and character error rates of jiwer 4.0.0.

usage: build/peers/bin/python tests/golden/make_error_rates_golden.py     writes tests/golden/error_rates.json

corpora: [{references, predictions, wer, cer}] of sentences of a few words, some of them empty; a prediction is its reference with
words and letters dropped, doubled, exchanged or replaced.
"""
import json
import os
import random

import jiwer

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = "a no yes one two three four five six seven eight nine zero Straße café 日本 Москва don't stop go rubout".split()


def changed(rng, words, rate):
    out = []
    for word in words:
        r = rng.random()
        if r < rate / 4:
            continue
        out.append(word if r > rate / 2 else rng.choice(WORDS) if r > rate / 3 else word[::-1])
        if rng.random() < rate / 4:
            out.append(rng.choice(WORDS))
    return " ".join(out)


rng = random.Random(3)
corpora = []
for _ in range(60):
    rate = rng.choice([0, 0.2, 0.5, 1, 2])
    said = [[rng.choice(WORDS) for _ in range(rng.randint(0, 9))] for _ in range(rng.choice([1, 1, 3, 8]))]
    references = [" ".join(words) for words in said]
    predictions = [changed(rng, words, rate) for words in said]
    corpora.append({"references": references, "predictions": predictions, "wer": jiwer.wer(references, predictions),
                    "cer": jiwer.cer(references, predictions)})
with open(os.path.join(HERE, "error_rates.json"), "w", encoding="utf-8") as f:
    json.dump({"jiwer": "4.0.0", "corpora": corpora}, f, ensure_ascii=False, indent=0)
    f.write("\n")
print(len(corpora), sum(c["wer"] == 0 for c in corpora), max(c["wer"] for c in corpora))
