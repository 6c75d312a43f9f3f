"""Options of fit beside the defaults on scikit-learn's five small tables: how the recipe small-table was chosen.

Usage: nice /usr/bin/python3 bench/small_table.py [--test] [--repeats N] [OPTIONS OF fit AS JSON ...]
Needs numpy and scikit-learn (Debian: python3-sklearn). Three quarters of each table are cross-validated in five folds;
--test trains on them and tests on the fourth quarter, N seeds each. Accuracy in %, of diabetes 100 R2.
"""
import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--test", action="store_true")
parser.add_argument("--repeats", type=int, default=2)
parser.add_argument("options", nargs="*", default=['{"dropout": 0.2}'])
asked = parser.parse_args()
folder = Path(__file__).parent
CLASSES = [datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits]
TABLES = [*CLASSES, datasets.load_diabetes]


def started(program):
    command = ["node", str(folder / program)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


classes, values = started("fit_lines.ts"), started("fit_values.ts")


def answer(program, **line):
    program.stdin.write(json.dumps(line) + "\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())


def score(load, X, y, Z, t, options):
    rows = {"X": X.tolist(), "Z": Z.tolist(), "options": {"threads": 1, **options}}
    if load in CLASSES:
        return 100 * answer(classes, **rows, y=[f"class {c}" for c in y], t=[f"class {c}" for c in t])
    return 100 * r2_score(t, answer(values, **rows, y=[[v] for v in y.tolist()], task="regress"))


def scores(load, options):
    X, y = load(return_X_y=True)
    folds, strata = (StratifiedKFold, y) if load in CLASSES else (KFold, None)
    X, Z, y, t = train_test_split(X, y, test_size=0.25, stratify=strata, random_state=0)
    for repeat in range(asked.repeats):
        if asked.test:
            yield score(load, X, y, Z, t, {"seed": 100 + repeat, **options})
            continue
        for a, b in folds(5, shuffle=True, random_state=repeat).split(X, y):
            yield score(load, X[a], y[a], X[b], y[b], {"seed": repeat + 1, **options})


names = [load.__name__.removeprefix("load_").replace("_", " ") for load in TABLES]
print(f"| options | {' | '.join(names)} | mean | gain | ± |")
print("| --- |" + " ---: |" * (len(names) + 3))
usual = None
for text in ["{}", *asked.options]:
    found = np.array([list(scores(load, json.loads(text))) for load in TABLES])
    usual = found if usual is None else usual
    gain = (found - usual).mean(0)
    cells = [*(f"{v:.2f}" for v in found.mean(1)), f"{found.mean():.2f}", f"{gain.mean():+.2f}"]
    print(f"| `{text}` |", " | ".join(cells), f"| {gain.std() / np.sqrt(len(gain)):.2f} |", flush=True)
for program in (classes, values):
    program.stdin.close()
