"""Test accuracy of `deltaprop train FOLDER` with its defaults beside scikit-learn's MLPClassifier, on the same splits.

Usage: python3 bench/csv_against_sklearn.py [SEEDS] [DELTAPROP COMMAND …]. Needs numpy and scikit-learn; writes only to a temporary folder.
"""
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_classification, make_moons
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")  # MLPClassifier says that 200 epochs did not converge
SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
COMMAND = sys.argv[2:] or ["node", str(Path(__file__).parent.parent / "src/cli/main.ts")]


def sets():
    for name, load in [("iris", load_iris), ("wine", load_wine), ("breast_cancer", load_breast_cancer), ("digits 8×8", load_digits)]:
        data = load()
        yield name, data.data, np.array([f"class {t}" for t in data.target])
    moons = make_moons(500, noise=0.3, random_state=0)
    yield "moons, noise 0.3", moons[0] * [100, 0.01] + [5000, 0], np.where(moons[1] == 1, "up", "down")
    for name, rows, columns, informative, classes, flip, state in [
        ("3 classes, 10 % wrong labels", 600, 12, 5, 3, 0.1, 0),
        ("2 classes, 15 % wrong labels", 1000, 30, 6, 2, 0.15, 1),
        ("2 classes, 20 % wrong labels", 300, 20, 3, 2, 0.2, 2),
        ("5 classes", 2000, 20, 8, 5, 0.02, 3),
    ]:
        X, y = make_classification(rows, columns, n_informative=informative, n_classes=classes, flip_y=flip, random_state=state)
        yield name, X * 37 + 1000, np.array([f"kind {t}" for t in y])


def write(path, X, y):
    with open(path, "w") as file:
        file.write(",".join([f"f{j}" for j in range(X.shape[1])] + ["kind"]) + "\n")
        for row, label in zip(X, y):
            file.write(",".join(map(repr, map(float, row))) + f",{label}\n")


def ours(X, Z, y, t, seed):
    with tempfile.TemporaryDirectory() as folder:
        write(f"{folder}/train.csv", X, y)
        write(f"{folder}/test.csv", Z, t)
        run = [*COMMAND, "train", folder, "--label", "kind", "--json", "--seed", str(seed), "--out", f"{folder}/run"]
        lines = subprocess.run(run, check=True, capture_output=True, text=True).stdout.splitlines()
        return json.loads(lines[-1])["testAccuracy"]


print(f"mean test accuracy over {SEEDS} stratified 80/20 splits, in %\n")
print("| data | rows | columns | MLPClassifier | with 1,000 epochs | Deltaprop | ± |")
print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
for name, X, y in sets():
    scores = []
    for seed in range(SEEDS):
        a, b, c, d = train_test_split(X, y, test_size=0.2, stratify=y, random_state=seed)
        row = [
            make_pipeline(StandardScaler(), MLPClassifier(random_state=seed, **more)).fit(a, c).score(b, d)
            for more in ({}, {"max_iter": 1000})
        ]
        scores.append([*row, ours(a, b, c, d, seed)])
    means = np.mean(scores, axis=0) * 100
    error = np.std(np.array(scores)[:, 2] - np.array(scores)[:, 1]) / np.sqrt(SEEDS) * 100
    print(f"| {name} | {len(X):,} | {X.shape[1]} | " + " | ".join(f"{m:.1f}" for m in means) + f" | {error:.1f} |", flush=True)
