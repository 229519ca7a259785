#!/usr/bin/env python3
"""ListOps as in Long Range Arena (Tay et al. 2020): nested maxima, minima, medians and sums modulo 10, 500 to 2000 symbols long.

usage: listops.py COUNT SEED OUT.tsv [SHORTEST LONGEST]      lines "value TAB expression"; equal seeds make equal lines

An expression is a digit, or an operation of 2 to 10 expressions, up to 10 deep; a fourth of the places below the first are
operations. Expressions that are shorter or longer are drawn again. Brackets are closed by "]".
"""
import random
import statistics
import sys

DEEPEST, MOST, SHORTEST, LONGEST = 10, 10, 500, 2000
OPERATIONS = {
    "[MAX": max,
    "[MIN": min,
    "[MED": lambda values: int(statistics.median(values)),
    "[SM": lambda values: sum(values) % 10,
}


def expression(rng, depth, words, budget):
    """Appends a random expression to words and returns its value, or None where it has outgrown the budget."""
    if depth == DEEPEST or (depth > 1 and rng.random() > 0.25):
        value = rng.randrange(10)
        words.append(str(value))
        return value
    name = rng.choice(list(OPERATIONS))
    words.append(name)
    values = []
    for _ in range(rng.randint(2, MOST)):
        value = expression(rng, depth + 1, words, budget)
        if value is None or len(words) > budget:
            return None
        values.append(value)
    words.append("]")
    return OPERATIONS[name](values)


def main():
    if len(sys.argv) not in (4, 6):
        raise SystemExit(__doc__)
    shortest, longest = map(int, sys.argv[4:]) if len(sys.argv) == 6 else (SHORTEST, LONGEST)
    count, rng, seen = int(sys.argv[1]), random.Random(int(sys.argv[2])), set()
    with open(sys.argv[3], "w") as out:
        while len(seen) < count:
            words = []
            value = expression(rng, 1, words, longest)
            line = " ".join(words)
            if value is None or not shortest < len(words) < longest or line in seen:
                continue
            seen.add(line)
            out.write("%d\t%s\n" % (value, line))


main()
