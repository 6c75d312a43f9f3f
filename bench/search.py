"""The best validation accuracy that `deltaprop search` finds, beside Optuna's TPE sampler on the same networks.

Usage: nice python3 bench/search.py [--seeds N] [--trials N]
Needs numpy, scikit-learn and optuna (Debian: python3-sklearn, python3-optuna). Both propose options of the default space
for tables and are judged by the same fits: our training, on the same split of the same rows, with the seed of the
round. Optuna has N whole fits one after another; ours N whole fits (--no-halving), or 3·N trials by halving, whose
epochs together are those of N whole fits.
"""
import argparse
import json
import statistics
import subprocess
from pathlib import Path

import numpy as np
import optuna
from sklearn import datasets

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--trials", type=int, default=30)
asked = parser.parse_args()
optuna.logging.set_verbosity(optuna.logging.ERROR)
node = subprocess.Popen(
    ["node", str(Path(__file__).parent / "search_lines.ts")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
SIZES = [[32], [64], [128], [256], [64, 64], [128, 128], [256, 256], [128, 128, 128]]
SPACE = {
    "learningRate": {"from": 0.0003, "to": 0.03, "scale": "log"},
    "batchSize": {"choices": [16, 32, 64, 128]},
    "hidden": {"choices": SIZES},
    "activation": {"choices": ["relu", "tanh", "gelu"]},
    "weightDecay": {"from": 0.01, "to": 10, "scale": "log"},
    "labelSmoothing": {"from": 0, "to": 0.15},
}


def ask(line):
    node.stdin.write(json.dumps(line) + "\n")
    node.stdin.flush()
    return json.loads(node.stdout.readline())


def optuna_best(seed):
    def objective(trial):
        values = {
            "learningRate": trial.suggest_float("learningRate", 0.0003, 0.03, log=True),
            "batchSize": trial.suggest_categorical("batchSize", [16, 32, 64, 128]),
            "hidden": SIZES[trial.suggest_categorical("hidden", list(range(len(SIZES))))],
            "activation": trial.suggest_categorical("activation", ["relu", "tanh", "gelu"]),
            "weightDecay": trial.suggest_float("weightDecay", 0.01, 10, log=True),
            "labelSmoothing": trial.suggest_float("labelSmoothing", 0, 0.15),
        }
        return ask({"seed": seed, "values": values})["accuracy"]

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=asked.trials)
    return study.best_value


def clusters(seed, noise):
    X, y = datasets.make_classification(600, 12, n_informative=6, n_classes=4, flip_y=noise, random_state=seed)
    return X, y


def few_digits():
    X, y = datasets.load_digits(return_X_y=True)
    rows = np.random.RandomState(0).permutation(len(X))[:500]
    return X[rows], y[rows]


def waves():
    random = np.random.RandomState(5)
    X = random.normal(size=(600, 5))
    score = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * random.normal(size=600)
    return X, np.digitize(score, [-0.6, 0.6])


TABLES = {
    "breast cancer": lambda: datasets.load_breast_cancer(return_X_y=True),
    "digits, 500 rows": few_digits,
    "clusters": lambda: clusters(1, 0.02),
    "noisy clusters": lambda: clusters(2, 0.15),
    "waves": waves,
}

print(f"| table | Optuna {optuna.__version__}, {asked.trials} | ours, {asked.trials} | ours, halving | by seed |")
print("| --- | ---: | ---: | ---: | --- |")
for name, load in TABLES.items():
    X, y = load()
    ask({"X": np.asarray(X, float).tolist(), "y": [f"class {label}" for label in y], "seed": 0})
    rounds = []
    for seed in range(1, asked.seeds + 1):
        search = {"seed": seed, "space": SPACE}
        rounds.append((
            optuna_best(seed),
            ask({**search, "trials": asked.trials, "halving": False})["accuracy"],
            ask({**search, "trials": 3 * asked.trials, "halving": True})["accuracy"],
        ))
    medians = [f"{100 * statistics.median(column):.2f}" for column in zip(*rounds)]
    each = ", ".join("/".join(f"{100 * value:.1f}" for value in one) for one in rounds)
    print(f"| {name} | {' | '.join(medians)} | {each} |", flush=True)
