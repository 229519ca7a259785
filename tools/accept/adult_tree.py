"""Decisions of a scikit-learn tree on "adult", and what scikit-learn, Fairlearn and AIF360 say of them.

usage: adult_tree.py DATA_FOLDER OUT_FOLDER        writes decisions.csv and theirs.csv
"""
import pathlib
import sys

import pandas as pd
from sklearn.tree import DecisionTreeClassifier

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"))
import audit_measures  # noqa: E402

NAMES = ("age workclass fnlwgt education education_num marital occupation relationship race sex capital_gain capital_loss "
         "hours country income").split()


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = [folder / "adult-train.csv.gz", folder / "adult-test.csv"]
    t = pd.concat([pd.read_csv(f, names=NAMES, skipinitialspace=True) for f in files], ignore_index=True)
    actual = t.income.str.startswith(">50K").astype(int)
    inputs = pd.get_dummies(t.drop(columns="income"))
    tree = DecisionTreeClassifier(min_samples_leaf=10, max_depth=4, random_state=0).fit(inputs, actual)
    decisions = pd.DataFrame({"group": t.sex, "actual": actual, "score": tree.predict_proba(inputs)[:, 1],
                              "chosen": tree.predict(inputs)})
    decisions.rename(columns={"group": "sex", "actual": "income"}).to_csv(out / "decisions.csv", index=False)
    audit_measures.write(decisions, "Male", out / "theirs.csv")


main()
