"""Random decisions and their group fairness: tests/golden/audit_decisions.csv and audit.csv.

usage: build/peers/bin/python tests/golden/make_audit_golden.py
"""
import pathlib

import audit_measures
import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent


def table(seed, records):
    """Decisions that are surer, and more often positive, for some groups."""
    random = np.random.default_rng(seed)
    group = random.choice(["a", "b", "c"], records, p=[0.5, 0.3, 0.2])
    shift = np.select([group == "a", group == "b"], [0.3, 0.0], -0.5)
    actual = (random.random(records) < 0.4 + 0.3 * shift).astype(int)
    score = 1 / (1 + np.exp(-(actual - 0.5 + shift + 0.8 * random.standard_normal(records))))
    score = score.round(4)
    return pd.DataFrame({"group": group, "actual": actual, "score": score, "chosen": (score >= 0.5).astype(int)})


t = table(seed=7, records=400)
t.to_csv(HERE / "audit_decisions.csv", index=False)
audit_measures.write(t, "a", HERE / "audit.csv")
