"""Accuracy of `deltaprop train` with no other option on mixed_tables.py, beside what a careful user takes.

Usage: nice /usr/bin/python3 bench/mixed.py [--inner] [--only REGEXP] [--splits N] [--peers FILE] [OPTIONS OF train]
Needs numpy, pandas, scikit-learn, xgboost and R (Debian: python3-pandas, python3-sklearn, python3-xgboost, and the
packages that mixed_tables.py names). Split s is stratified, tests a quarter of the rows and seeds all programs. The
others stand behind a ColumnTransformer: words are one-hot with a level for holes; for scikit-learn's MLPClassifier
numbers are imputed by the median and standardized, for xgboost they stay as they are. Both have their defaults.
--inner splits the training rows once more and leaves the test rows alone: defaults are chosen by it, on SEARCHED.
--peers keeps the others' scores in FILE and takes them from there.
"""
import argparse
import json
import re
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.stats import rankdata
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

from mixed_tables import HELD_BACK, SEARCHED

parser = argparse.ArgumentParser()
parser.add_argument("--inner", action="store_true")
parser.add_argument("--only", default="")
parser.add_argument("--splits", type=int, default=5)
parser.add_argument("--peers", type=Path)
asked, options = parser.parse_known_args()
warnings.filterwarnings("ignore")  # MLPClassifier says that 200 epochs did not converge
program = Path(__file__).parent.parent / "src/cli/main.ts"
kept = json.loads(asked.peers.read_text()) if asked.peers and asked.peers.exists() else {}


def ours(train, test, label, seed):
    with TemporaryDirectory() as folder:
        for name, rows in (("train", train), ("test", test)):
            rows.to_csv(f"{folder}/{name}.csv", index=False)
        command = ["node", program, "train", f"{folder}/train.csv", "--label", label]
        rest = ["--test-data", f"{folder}/test.csv", "--out", f"{folder}/run", "--seed", str(seed + 1), "--json"]
        done = subprocess.run([*command, *rest, *options], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])["testAccuracy"]


def theirs(train, test, label, seed):
    names = LabelEncoder().fit(train[label])
    scores = []
    for numbers, model in (
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), MLPClassifier(random_state=seed)),
        ("passthrough", XGBClassifier(random_state=seed, n_jobs=1)),
    ):
        holes = SimpleImputer(strategy="constant", fill_value="missing")
        words = make_pipeline(holes, OneHotEncoder(handle_unknown="ignore", sparse_output=False))
        number = make_column_selector(dtype_include="number")
        word = make_column_selector(dtype_exclude="number")
        columns = ColumnTransformer([("numbers", numbers, number), ("words", words, word)])
        whole = make_pipeline(columns, model).fit(train.drop(columns=label), names.transform(train[label]))
        scores.append(float(whole.score(test.drop(columns=label), names.transform(test[label]))))
    return scores


def splits(frame, label):
    for seed in range(asked.splits):
        parts = train_test_split(frame, test_size=0.25, stratify=frame[label], random_state=seed)
        if asked.inner:
            inner = {"stratify": parts[0][label], "random_state": 100 + seed}
            parts = train_test_split(parts[0], test_size=0.25, **inner)
        yield seed, parts


def key_of(name, seed):
    return f"{name} {seed}" + " inner" * asked.inner


def scored(name, make):
    """[splits × 3] in %: MLPClassifier, xgboost, Deltaprop."""
    frame, label = make()
    parts = list(splits(frame, label))
    with ThreadPoolExecutor() as pool:
        own = pool.map(lambda part: ours(*part[1], label, part[0]), parts)
        for seed, (train, test) in parts:
            key = key_of(name, seed)
            if key not in kept:
                kept[key] = theirs(train, test, label, seed)
                if asked.peers:
                    asked.peers.write_text(json.dumps(kept))
        scores = [[*kept[key_of(name, seed)], score] for (seed, _), score in zip(parts, own)]
    return frame.shape, 100 * np.array(scores)


def compare(title, tables):
    cells = "Deltaprop | − MLPClassifier | ± | − xgboost | ± | ranks"
    print(f"\n| {title} | rows | columns | MLPClassifier | xgboost | {cells} |")
    print("| --- |" + " ---: |" * 10)
    rows = []
    for name, make in tables.items():
        if not re.search(asked.only, name):
            continue
        (n, columns), scores = scored(name, make)
        differences = scores[:, 2:] - scores[:, :2]
        error = differences.std(0, ddof=1) / np.sqrt(len(scores))
        ranks = np.mean([rankdata(-row) for row in scores], axis=0)  # ties have their mean
        rows.append((scores.mean(0), differences.mean(0), error, ranks))
        cells = [f"{n:,}", str(columns - 1), *(f"{v:.1f}" for v in scores.mean(0))]
        for d, e in zip(differences.mean(0), error):
            cells += [f"{d:+.1f}", f"{e:.1f}"]
        print("|", " | ".join([name, *cells, " ".join(f"{v:.1f}" for v in ranks)]), "|", flush=True)
    return rows


def summary(title, rows):
    means, differences, errors, ranks = map(np.array, zip(*rows))
    print(f"{title}: mean accuracy", " ".join(f"{v:.2f}" for v in means.mean(0)), end="; ")
    for k, peer in enumerate(("MLPClassifier", "xgboost")):
        error = np.sqrt((errors[:, k] ** 2).sum()) / len(rows)
        better = (ranks[:, 2] < ranks[:, k]).sum()
        print(f"{differences[:, k].mean():+.2f} ± {error:.2f} than {peer}, a better mean rank on {better}", end="; ")
    print("mean ranks", " ".join(f"{v:.2f}" for v in ranks.mean(0)))


print(f"Test accuracy in %, means of {asked.splits} splits" + (", inner splits" if asked.inner else ""))
found = compare("searched", SEARCHED)
rest = [] if asked.inner else compare("held back", HELD_BACK)
print()
for title, rows in (("searched", found), ("held back", rest), ("all", found + rest)):
    if rows:
        summary(f"{title} ({len(rows)})", rows)
