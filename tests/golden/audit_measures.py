"""The rates and gaps of decisions by group as scikit-learn, Fairlearn and AIF360 measure them.

Decisions are a table of group, actual (0, 1), score (a probability) and chosen (0, 1).
"""
import csv
import warnings

import fairlearn.metrics as fairlearn
import pandas as pd
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, precision_score, recall_score, roc_auc_score

warnings.filterwarnings("ignore")
from aif360.datasets import BinaryLabelDataset  # noqa: E402  (warns of what it cannot import)
from aif360.metrics import ClassificationMetric  # noqa: E402


def rates(t):
    return {
        "base_rate": t.actual.mean(),
        "selection_rate": fairlearn.selection_rate(t.actual, t.chosen),
        "true_positive_rate": recall_score(t.actual, t.chosen),
        "false_positive_rate": fairlearn.false_positive_rate(t.actual, t.chosen),
        "true_negative_rate": fairlearn.true_negative_rate(t.actual, t.chosen),
        "false_negative_rate": fairlearn.false_negative_rate(t.actual, t.chosen),
        "precision": precision_score(t.actual, t.chosen),
        "accuracy": accuracy_score(t.actual, t.chosen),
        "auc": roc_auc_score(t.actual, t.score),
        "brier": brier_score_loss(t.actual, t.score),
        "log_loss": log_loss(t.actual, t.score),
    }


def fairlearn_gaps(t):
    names = ["demographic_parity", "equalized_odds", "equal_opportunity"]
    return {
        f"{name}_{kind}": getattr(fairlearn, f"{name}_{kind}")(t.actual, t.chosen, sensitive_features=t.group)
        for name in names
        for kind in ["difference", "ratio"]
    }


def aif360_gaps(t, privileged):
    data = pd.DataFrame({"privileged": (t.group == privileged).astype(float), "label": t.actual.astype(float)})
    truth = BinaryLabelDataset(df=data, label_names=["label"], protected_attribute_names=["privileged"])
    decided = truth.copy()
    decided.labels = t.chosen.to_numpy(float).reshape(-1, 1)
    metric = ClassificationMetric(truth, decided, [{"privileged": 0}], [{"privileged": 1}])
    return {
        "statistical_parity_difference": metric.statistical_parity_difference(),
        "disparate_impact": metric.disparate_impact(),
        "equal_opportunity_difference": metric.equal_opportunity_difference(),
        "average_odds_difference": metric.average_odds_difference(),
    }


def write(t, privileged, path):
    """A row a figure: group ("" of a gap), definition, measure, value."""
    rows = [["all", "", name, value] for name, value in rates(t).items()]
    for group in sorted(t.group.unique()):
        rows += [[group, "", name, value] for name, value in rates(t[t.group == group]).items()]
    rows += [["", "fairlearn", name, value] for name, value in fairlearn_gaps(t).items()]
    rows += [["", "aif360", name, value] for name, value in aif360_gaps(t, privileged).items()]
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["group", "definition", "measure", "value"])
        out.writerows([*row[:3], repr(float(row[3]))] for row in rows)
