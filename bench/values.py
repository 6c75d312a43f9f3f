"""Numbers and labels: Deltaprop's defaults beside scikit-learn's MLPRegressor and MLPClassifier, in ten splits.

Usage: nice /usr/bin/python3 bench/values.py [--splits N] [OPTIONS OF fit AS JSON]
Needs numpy and scikit-learn (Debian: python3-sklearn). Split s tests a quarter of the rows and seeds both programs.
Regression is judged by R2. scikit-learn's net stands behind a StandardScaler, once with the target as it is and once
with the target standardized, too; labels by the mean F1 and the mean area under precision and recall.
"""
import argparse
import json
import subprocess
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import average_precision_score, f1_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--splits", type=int, default=10)
parser.add_argument("options", nargs="?", default="{}")
asked = parser.parse_args()
warnings.filterwarnings("ignore")  # 200 epochs did not converge
program = Path(__file__).parent / "fit_values.ts"
node = subprocess.Popen(["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

TABLES = {
    "diabetes": lambda: datasets.load_diabetes(return_X_y=True),
    "Friedman 1, noise 1": lambda: datasets.make_friedman1(1000, 10, noise=1.0, random_state=0),
    "Friedman 3, noise 0.1": lambda: datasets.make_friedman3(1000, noise=0.1, random_state=0),
}
LABELS = {
    "5 labels, 20 columns": lambda: datasets.make_multilabel_classification(
        1500, n_features=20, n_classes=5, n_labels=2, random_state=0
    ),
}


def ours(X, y, Z, seed, task):
    line = {"X": X.tolist(), "y": y.tolist(), "Z": Z.tolist(), "task": task}
    node.stdin.write(json.dumps({**line, "options": {"seed": seed + 1, **json.loads(asked.options)}}) + "\n")
    node.stdin.flush()
    return np.array(json.loads(node.stdout.readline()))


def splits(X, y):
    for seed in range(asked.splits):
        yield seed, train_test_split(X, y, test_size=0.25, random_state=seed)


def row(name, X, scores):
    a = np.array(scores)
    gain = a[:, -1] - a[:, :-1].max(1)
    cells = [name, f"{len(X):,}", X.shape[1], *(f"{v:.4f}" for v in a.mean(0)), f"{gain.mean():+.4f}"]
    print("|", " | ".join(map(str, cells)), f"| {gain.std() / np.sqrt(len(a)):.4f} |", flush=True)


print(f"Means of {asked.splits} splits; the gain is over the better of the others in each split, ± its standard error")
print("\n| R² | rows | columns | MLPRegressor | target standardized | Deltaprop | gain | ± |")
print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
for name, make in TABLES.items():
    X, y = make()
    scores = []
    for seed, (A, B, a, b) in splits(X, y):
        net = make_pipeline(StandardScaler(), MLPRegressor(random_state=seed))
        scaled = TransformedTargetRegressor(net, transformer=StandardScaler())
        theirs = [r2_score(b, model.fit(A, a).predict(B)) for model in (net, scaled)]
        scores.append([*theirs, r2_score(b, ours(A, a[:, None], B, seed, "regress")[:, 0])])
    row(name, X, scores)

print("\n| labels | rows | columns | shares of the labels | MLPClassifier | Deltaprop | gain | ± |")
print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
for name, make in LABELS.items():
    X, y = make()
    judges = {
        "F1": lambda t, p: f1_score(t, p >= 0.5, average="macro", zero_division=0),
        "PR area": lambda t, p: average_precision_score(t, p, average="macro"),
    }
    answers = []
    for seed, (A, B, a, b) in splits(X, y):
        net = make_pipeline(StandardScaler(), MLPClassifier(random_state=seed)).fit(A, a)
        shares = np.tile(a.mean(0), (len(b), 1))
        answers.append((b, shares, net.predict_proba(B), ours(A, a, B, seed, "multilabel")))
    for what, judge in judges.items():
        row(f"{name}, {what}", X, [[judge(b, p) for p in each] for b, *each in answers])
node.stdin.close()
