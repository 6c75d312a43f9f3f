"""L-BFGS on small tables: ours beside scikit-learn's MLPClassifier and MLPRegressor with solver="lbfgs", in ten splits.

Usage: nice /usr/bin/python3 bench/lbfgs.py [--splits N]
Needs numpy and scikit-learn (Debian: python3-sklearn). Split s tests a quarter of the rows and seeds both programs. Both
train one hidden layer of 100 ReLUs for up to 200 iterations behind a standardization, of a regression's target, too.
Ours also by its defaults, which are no L-BFGS.
"""
import argparse
import json
import subprocess
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--splits", type=int, default=10)
asked = parser.parse_args()
warnings.filterwarnings("ignore")  # 200 iterations did not converge
here = Path(__file__).parent
pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
CLASSES = subprocess.Popen(["node", str(here / "fit_lines.ts")], **pipes)
VALUES = subprocess.Popen(["node", str(here / "fit_values.ts")], **pipes)

TABLES = {
    "iris": ("classify", lambda: datasets.load_iris(return_X_y=True)),
    "wine": ("classify", lambda: datasets.load_wine(return_X_y=True)),
    "breast cancer": ("classify", lambda: datasets.load_breast_cancer(return_X_y=True)),
    "diabetes": ("regress", lambda: datasets.load_diabetes(return_X_y=True)),
    "Friedman 1, noise 1": ("regress", lambda: datasets.make_friedman1(1000, 10, noise=1.0, random_state=0)),
}
LBFGS = {"optimizer": "lbfgs", "hidden": [100], "activation": "relu"}


def asked_of(node, line):
    node.stdin.write(json.dumps(line) + "\n")
    node.stdin.flush()
    return json.loads(node.stdout.readline())


def ours(task, A, a, B, b, seed, options):
    given = {"seed": seed + 1, **options}
    if task == "classify":
        lines = {"X": A.tolist(), "y": [str(v) for v in a], "Z": B.tolist(), "t": [str(v) for v in b]}
        return 100 * asked_of(CLASSES, {**lines, "options": given})
    line = {"X": A.tolist(), "y": a[:, None].tolist(), "Z": B.tolist(), "task": task, "options": given}
    return r2_score(b, np.array(asked_of(VALUES, line))[:, 0])


def theirs(task, A, a, B, b, seed):
    if task == "classify":
        net = make_pipeline(StandardScaler(), MLPClassifier(solver="lbfgs", random_state=seed))
        return 100 * np.mean(net.fit(A, a).predict(B) == b)
    net = make_pipeline(StandardScaler(), MLPRegressor(solver="lbfgs", random_state=seed))
    return r2_score(b, TransformedTargetRegressor(net, transformer=StandardScaler()).fit(A, a).predict(B))


print(f"Means of {asked.splits} splits, accuracy in % or R2; the gain is of our L-BFGS, ± its standard error")
print("\n| table | rows | columns | scikit-learn, lbfgs | Deltaprop, lbfgs | gain | ± | Deltaprop, defaults |")
print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
for name, (task, make) in TABLES.items():
    X, y = make()
    scores = []
    for seed in range(asked.splits):
        A, B, a, b = train_test_split(X, y, test_size=0.25, random_state=seed)
        lbfgs, defaults = (ours(task, A, a, B, b, seed, options) for options in (LBFGS, {}))
        scores.append([theirs(task, A, a, B, b, seed), lbfgs, defaults])
    s = np.array(scores)
    gain = s[:, 1] - s[:, 0]
    digits = 1 if task == "classify" else 4
    means = [f"{v:.{digits}f}" for v in s.mean(0)]
    cells = [name, f"{len(X):,}", X.shape[1], *means[:2], f"{gain.mean():+.{digits}f}"]
    print("|", " | ".join(map(str, cells)), f"| {gain.std() / np.sqrt(len(s)):.{digits}f} | {means[2]} |", flush=True)
