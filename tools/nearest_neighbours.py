"""Accuracy of classifiers without a network on a set of series, to stand beside ours: one nearest neighbour by Euclidean
distance and by dynamic time warping (whole window), and MultiRocket. Printed as one line of JSON. Of aeon, in the Python
environment of tools/peers.txt:  build/peers/bin/python tools/nearest_neighbours.py TRAIN TEST [--rocket]

TRAIN and TEST: .ts files (xz or not), or CSV files (gz or not) with the label first.
"""

import gzip
import json
import lzma
import sys
import tempfile
import time

import numpy as np
from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
from aeon.datasets import load_from_ts_file


def opened(path):
    if path.endswith(".xz"):
        return lzma.open(path, "rt")
    return gzip.open(path, "rt") if path.endswith(".gz") else open(path)


def read(path):
    """Series as a list of [C, T] or an array [N, C, T], and their labels."""
    if ".csv" in path:
        with opened(path) as rows:
            table = [row.strip().split(",") for row in rows if row[0] in "-0123456789"]
        return np.array([row[1:] for row in table], dtype=float)[:, None, :], np.array([row[0] for row in table])
    with opened(path) as source, tempfile.NamedTemporaryFile("w", suffix=".ts") as plain:
        plain.write(source.read())
        plain.flush()
        return load_from_ts_file(plain.name)


def accuracy(classifier, train, test):
    begun = time.time()
    classifier.fit(*train)
    right = float(np.mean(classifier.predict(test[0]) == test[1]))
    return {"accuracy": right, "seconds": round(time.time() - begun, 1)}


def main():
    paths = [word for word in sys.argv[1:] if not word.startswith("--")]
    train, test = map(read, paths)
    results = {}
    if isinstance(train[0], np.ndarray):
        results["euclidean"] = accuracy(KNeighborsTimeSeriesClassifier(distance="euclidean"), train, test)
    results["dtw"] = accuracy(KNeighborsTimeSeriesClassifier(distance="dtw"), train, test)
    if "--rocket" in sys.argv and isinstance(train[0], np.ndarray):
        from aeon.classification.convolution_based import MultiRocketClassifier

        results["rocket"] = accuracy(MultiRocketClassifier(random_state=1), train, test)
    print(json.dumps(results))


main()
