#!/usr/bin/python3
"""Golden scores of sacreBLEU: corpora of lines that this script makes, with their BLEU and chrF.

usage: build/peers/bin/python tests/golden/make_text_metrics_golden.py     writes tests/golden/text_metrics.json

The lines are those of a small grammar and of random characters: punctuation within and beside numbers, entities, dashes, white space
of Unicode, other scripts, empty lines. A hypothesis is its reference with words and letters dropped, doubled, exchanged or replaced.
corpora: [{hypotheses, references, bleu, chrf}], both scores with sacreBLEU's defaults; tokens: what 13a makes of the hypotheses.
"""
import json
import os
import random

import sacrebleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

HERE = os.path.dirname(os.path.abspath(__file__))
NOUNS = "man dog house child woman horse street Straße café garçon Fluß Москва reka 猫 犬 ball".split()
VERBS = "sees takes leaves läuft walks likes draws идёт trägt".split()
MARKS = [",", ".", "!", "?", ";", ":", "...", "-", "--", "'s", '"', "(", ")", "[x]", "{y}", "&amp;", "&quot;", "&lt;b&gt;", "&", "@-@",
         "a/b", "50%", "$3.50", "1,000.5", "3-4", "10-year", "x.y", ".5", "5.", "e.g.", "U.S.A.", "~", "`", "^", "<skipped>", "*", "+", "=",
         "don't", "12:30", "a_b", "|", "\\", "#7", "co-op", "…", "«q»", "–"]
SPACES = [" "] * 30 + ["  ", "\t", "\u00a0", "\u2003", "\u3000", "\x1f", "\x85"]


def sentence(rng):
    words = []
    for _ in range(rng.randint(0, 14)):
        kind = rng.random()
        words.append(rng.choice(NOUNS if kind < 0.4 else VERBS if kind < 0.6 else ["the", "a", "der", "die", "in"] if kind < 0.8 else MARKS))
        if rng.random() < 0.15:
            words[-1] += rng.choice(MARKS)
    return "".join(w + rng.choice(SPACES) for w in words)


def noise(rng):
    alphabet = " " * 6 + "ab12.,-'&;!é猫𝄞\u00a0/()"
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(0, 40)))


def changed(rng, line, rate):
    out = []
    for word in line.split(" "):
        r = rng.random()
        if r < rate / 4:
            continue
        if r < rate / 2:
            out.append(word)
        if r < rate * 3 / 4 and word:
            cut = rng.randrange(len(word))
            word = word[:cut] + rng.choice("aeé.,1") + word[cut + 1:]
        out.append(word)
        if rng.random() < rate / 4 and len(out) > 1:
            out[-1], out[-2] = out[-2], out[-1]
    return " ".join(out)


def main():
    rng = random.Random(13)
    corpora, tokens, tokenize = [], [], Tokenizer13a()
    for k in range(70):
        rate = rng.choice([0, 0.1, 0.3, 0.6, 1])
        references = [(noise if rng.random() < 0.3 else sentence)(rng) for _ in range(rng.choice([1, 1, 2, 5, 12]))]
        hypotheses = [sentence(rng) if rng.random() < 0.1 else changed(rng, line, rate) for line in references]
        corpora.append({"hypotheses": hypotheses, "references": references,
                        "bleu": sacrebleu.corpus_bleu(hypotheses, [references], force=True).score,
                        "chrf": sacrebleu.corpus_chrf(hypotheses, [references]).score})
        tokens += [tokenize(line.rstrip()) for line in hypotheses]
    golden = {"sacrebleu": sacrebleu.__version__, "corpora": corpora, "tokens": tokens}
    with open(os.path.join(HERE, "text_metrics.json"), "w", encoding="utf-8") as f:
        json.dump(golden, f, ensure_ascii=False, indent=0)
        f.write("\n")
    print(len(tokens), "pairs", sum(c["bleu"] == 0 for c in corpora), "of BLEU 0", len(corpora))


main()
