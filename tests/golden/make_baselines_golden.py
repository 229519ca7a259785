#!/usr/bin/env python3
"""Golden numbers of scikit-learn for the baselines.

usage: make_baselines_golden.py          writes tests/golden/baselines_*.safetensors; needs the packages of tools/peers.txt

naive_bayes: symbols [N, 8], texts to learn from, and classes [N]; tests [M, 8]; scores [M, C]: the joint log-likelihood of
MultinomialNB (alpha 1) over symbols and pairs of neighbours, of those that training has.
logistic: x [N, 3], answers [N]; weights [4] of LogisticRegression (C 1), the constant last.
"""
import numpy as np
import sklearn
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

import golden

META = {"scikit-learn": sklearn.__version__}


def naive_bayes():
    random = np.random.RandomState(3)
    classes = random.randint(0, 3, 40)
    symbols = (random.randint(0, 6, (40, 8)) + 2 * classes[:, None]) % 9
    tests = random.randint(0, 10, (12, 8))  # 9 is none of those of training
    counter = CountVectorizer(analyzer=lambda row: [(s,) for s in row] + list(zip(row, row[1:])))
    x = counter.fit_transform([list(row) for row in symbols])
    model = MultinomialNB(alpha=1).fit(x, classes)
    scores = model.predict_joint_log_proba(counter.transform([list(row) for row in tests]))
    golden.save("baselines_naive_bayes", {
        "symbols": torch.from_numpy(symbols.astype(np.int64)),
        "classes": torch.from_numpy(classes.astype(np.int64)),
        "tests": torch.from_numpy(tests.astype(np.int64)),
        "scores": torch.from_numpy(scores),
    }, META)


def logistic():
    random = np.random.RandomState(4)
    x = random.randn(50, 3).astype(np.float32)
    answers = (x @ [1.5, -2, 0.3] + 0.5 + random.randn(50) > 0).astype(np.float32)
    model = LogisticRegression(C=1, tol=1e-12, max_iter=10000).fit(x.astype(np.float64), answers)
    weights = np.concatenate([model.coef_[0], model.intercept_])
    golden.save("baselines_logistic", {
        "x": torch.from_numpy(x),
        "answers": torch.from_numpy(answers),
        "weights": torch.from_numpy(weights),
    }, META)


naive_bayes()
logistic()
