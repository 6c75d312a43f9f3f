"""Accuracy of Deltaprop's defaults beside those of scikit-learn's MLPClassifier behind a StandardScaler, on tables.py.

Usage: nice python3 bench/defaults.py [--inner] [--only REGEXP] [--seeds N] [OPTIONS OF fit AS JSON]
Needs numpy, scikit-learn, rdata, and the files of Debian's r-cran-mlbench and r-cran-kernlab. Each seed s gives a
stratified split of its own (a quarter is tested) and seeds both programs. --inner splits the training rows of that
split once more and leaves the test rows alone: the defaults were chosen by it, on the tables of SEARCHED only.
"""
import argparse
import json
import re
import subprocess
import warnings
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tables import HELD_BACK, SEARCHED

parser = argparse.ArgumentParser()
parser.add_argument("--inner", action="store_true")
parser.add_argument("--only", default="")
parser.add_argument("--seeds", type=int, default=5)
parser.add_argument("options", nargs="?", default="{}")
asked = parser.parse_args()
warnings.filterwarnings("ignore")  # MLPClassifier says that 200 epochs did not converge
program = Path(__file__).parent / "fit_lines.ts"
node = subprocess.Popen(["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ours(X, y, Z, t, seed):
    options = {"seed": seed + 1, **json.loads(asked.options)}
    line = {"X": X.tolist(), "y": y.tolist(), "Z": Z.tolist(), "t": t.tolist(), "options": options}
    node.stdin.write(json.dumps(line) + "\n")
    node.stdin.flush()
    return float(node.stdout.readline())


def theirs(X, y, Z, t, seed):
    return make_pipeline(StandardScaler(), MLPClassifier(random_state=seed)).fit(X, y).score(Z, t)


def split(X, y, seed):
    X, Z, y, t = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=100 + seed) if asked.inner else (X, Z, y, t)


def compare(title, tables):
    print(f"\n| {title} | rows | columns | classes | MLPClassifier | Deltaprop | difference | ± | by seed |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    rows = []
    for name, make in tables.items():
        if not re.search(asked.only, name):
            continue
        X, y = make()
        X, y = np.asarray(X, float), np.array([f"class {label}" for label in y])
        scores = []
        for seed in range(asked.seeds):
            X1, X2, y1, y2 = split(X, y, seed)
            scores.append([theirs(X1, y1, X2, y2, seed), ours(X1, y1, X2, y2, seed)])
        a, b = 100 * np.array(scores).T
        rows.append([a.mean(), b.mean(), (b - a).mean()])
        error = (b - a).std() / np.sqrt(asked.seeds)
        cells = [name, f"{len(X):,}", X.shape[1], len(set(y)), *(f"{v:.1f}" for v in rows[-1]), f"{error:.1f}"]
        print("|", " | ".join(map(str, cells)), f"| {b.min():.1f} … {b.max():.1f} |", flush=True)
    if rows:
        print("| mean | | | |", " | ".join(f"{v:.1f}" for v in np.mean(rows, axis=0)), "| | |")
        print(f"| worst | | | | | | {min(d for _, _, d in rows):.1f} | | |")


print(f"Test accuracy in %, means of {asked.seeds} seeds" + (", inner splits" if asked.inner else ""))
compare("searched", SEARCHED)
if not asked.inner:
    compare("held back", HELD_BACK)
node.stdin.close()
