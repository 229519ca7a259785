#!/usr/bin/env python3
"""Made sequences that ask for long or exact memory, as tokens with tags, and how many of what is asked is right.

usage: long_range.py make PART FOLDER SEED [LENGTH]      FOLDER/train.conll, valid.conll, test.conll
       long_range.py score PART TEST.conll PREDICTED.csv      one number: see below

parity      each bit has the parity of all bits so far; trained on 1 to 40 bits, tested on 41 to 256. The last tag of a
            sequence counts, scaled: 0 is guessing, 1 all right
arithmetic  numbers below 5 with +, - and *, modulo 5, without brackets; each number has the value of the term so far. Trained
            on up to 40 symbols, tested on 41 to 256. The last tag counts, scaled
mqar        16 keys, each followed by its value, then the keys in another order, which ask for their values (Arora et al. 2023)
selective   16 of 16 letters stand anywhere among LENGTH (256) symbols; then they are asked for in order (Gu and Dao 2023)
copy        10 of 8 letters, LENGTH (1000) blanks, then the letters are asked for (Hochreiter and Schmidhuber 1997)
In the last three the tags of what is asked count, and begin with B-.
"""
import csv
import random
import sys

LETTERS = "abcdefghijklmnop"


def parity(rng, low, high):
    total, rows = 0, []
    for _ in range(rng.randint(low, high)):
        bit = rng.randint(0, 1)
        total ^= bit
        rows.append(("ab"[bit], "p%d" % total))
    return rows


def arithmetic(rng, low, high):
    """A sum of products: `whole` is what stands before the last product, `product` what that is so far."""
    rows, whole, product = [], 0, None
    for place in range(rng.randint((low + 1) // 2, (high + 1) // 2)):
        number, sign = rng.randint(0, 4), rng.choice("+-*")
        if place == 0:
            product = number
        else:
            rows.append((sign, "O"))
            if sign == "*":
                product = product * number % 5
            else:
                whole, product = (whole + product) % 5, (number if sign == "+" else -number) % 5
        rows.append((str(number), "v%d" % ((whole + product) % 5)))
    return rows


def mqar(rng, pairs):
    keys, values = rng.sample(range(64), pairs), [rng.randrange(64) for _ in range(pairs)]
    rows = []
    for key, value in zip(keys, values):
        rows += [("k%d" % key, "O"), ("v%d" % value, "O")]
    order = list(range(pairs))
    rng.shuffle(order)
    return rows + [("k%d" % keys[i], "B-v%d" % values[i]) for i in order]


def recall(rng, length, kept, letters, first):
    chosen = [rng.choice(letters) for _ in range(kept)]
    places = range(kept) if first else sorted(rng.sample(range(length), kept))
    row = ["."] * length
    for place, letter in zip(places, chosen):
        row[place] = letter
    return [(symbol, "O") for symbol in row] + [("?", "B-" + letter) for letter in chosen]


def made(part, rng, tested, length):
    if part in ("parity", "arithmetic"):
        low, high = (41, 256) if tested else (1, 40)
        return (parity if part == "parity" else arithmetic)(rng, low, high)
    if part == "mqar":
        return mqar(rng, length or 16)
    if part == "selective":
        return recall(rng, length or 256, 16, LETTERS, first=False)
    if part == "copy":
        return recall(rng, 10 + (length or 1000), 10, LETTERS[:8], first=True)
    raise SystemExit("long_range: there is no part %s" % part)


def make(part, folder, seed, length):
    rng = random.Random(seed)
    many = {"parity": 40000, "arithmetic": 40000, "mqar": 50000, "selective": 20000, "copy": 12000}[part]
    for name, count, tested in (("train", many, False), ("valid", 200, False), ("test", 500, True)):
        with open("%s/%s.conll" % (folder, name), "w") as out:
            for _ in range(count):
                out.writelines("%s %s\n" % row for row in made(part, rng, tested, length))
                out.write("\n")


def score(part, gold, predicted):
    sequences = [[line.split()[1] for line in block.splitlines()] for block in open(gold).read().strip().split("\n\n")]
    said = {(int(row["sentence"]), int(row["position"])): row["tag"] for row in csv.DictReader(open(predicted))}
    last_alone = part in ("parity", "arithmetic")
    right = asked = 0
    for s, tags in enumerate(sequences, 1):
        for p, tag in enumerate(tags, 1):
            if p == len(tags) if last_alone else tag != "O":
                asked += 1
                right += said[s, p] == tag
    share, guessed = right / asked, {"parity": 1 / 2, "arithmetic": 1 / 5}.get(part, 0)
    return (share - guessed) / (1 - guessed)


def main():
    if len(sys.argv) < 5 or sys.argv[1] not in ("make", "score"):
        raise SystemExit(__doc__)
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]) if len(sys.argv) > 5 else 0)
    else:
        print("%.4f" % score(*sys.argv[2:5]))


main()
