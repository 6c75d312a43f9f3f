"""Tables of numbers, words and holes: those that defaults may be chosen on (SEARCHED), those kept back (HELD_BACK).

Each is a function without arguments that returns a pandas frame and the name of its label column. Two are drawn here,
the others are read by R from Debian's r-cran-cardata, r-cran-aer, r-cran-modeldata and r-cran-survival.
"""
import subprocess
from io import StringIO

import numpy as np
import pandas as pd

MOST_ROWS = 3000  # of a shipped table; more are drawn at random
READ = "data(list = '{name}', package = '{package}'); write.csv({name}, row.names = F, na = '')"


def shipped(package, name, label, without=()):
    """A table of an R package without the columns of `without`, which tell its label, and rows without a label."""

    def make():
        script = READ.format(package=package, name=name)
        text = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True).stdout
        frame = pd.read_csv(StringIO(text), keep_default_na=False, na_values=[""]).drop(columns=list(without))
        frame = frame[frame[label].notna()]
        frame[label] = [f"class {value}" for value in frame[label]]
        kept = np.sort(np.random.RandomState(0).permutation(len(frame))[:MOST_ROWS])
        return frame.iloc[kept].reset_index(drop=True), label

    return make


def with_holes(frame, share, random):
    """Cells of features made holes at random."""
    return frame.mask(random.rand(*frame.shape) < share)


def orders():
    """Whether a parcel is late: by its way, its weight with its way, and the day; a tenth of the labels by chance."""
    random = np.random.RandomState(0)
    n = 2000
    way, shop = random.choice(["road", "rail", "air", "sea"], n, p=[0.5, 0.2, 0.2, 0.1]), random.randint(0, 40, n)
    weight, distance = np.exp(random.randn(n)), random.gamma(2, 300, n)
    day = random.choice(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], n)
    slow = np.array([{"road": 0, "rail": 0.4, "air": -1.2, "sea": 1.2}[w] for w in way])
    score = slow + distance / 600 - 1 + np.where(way == "air", 0.8 * np.log(weight), -0.2 * np.log(weight))
    score += np.isin(day, ["Sat", "Sun"]) * 0.9 + random.randn(40)[shop] * 0.6
    late = np.where(random.rand(n) < 0.1, random.rand(n) < 0.5, score > 0)
    features = {"way": way, "shop": [f"shop {k}" for k in shop], "weight": weight.round(2), "day": day}
    frame = pd.DataFrame({**features, "distance": distance.round()}, dtype=object)
    return with_holes(frame, 0.05, random).infer_objects().assign(late=np.where(late, "late", "in time")), "late"


def machines():
    """The fault of a machine, one of five, by distances from a state that each model of machine has for each fault."""
    random = np.random.RandomState(1)
    n, models, faults = 2500, 6, 5
    model, fault = random.randint(0, models, n), random.choice(faults, n, p=[0.4, 0.25, 0.15, 0.12, 0.08])
    state = 1.2 * random.randn(1, faults, 8)
    state = state + 0.9 * random.randn(models, faults, 8)
    X = state[model, fault] + 1.1 * random.randn(n, 8)
    X[:, 3] = np.exp(X[:, 3])
    X[:, 6] = np.round(X[:, 6])
    frame = pd.DataFrame(X.round(3), columns=[f"sensor {k}" for k in range(8)]).astype(object)
    frame["model"] = [f"M{k}" for k in model]
    frame["oil"] = np.where(X[:, 7] > 0.8, "dark", np.where(X[:, 7] < -0.8, "clear", "fair"))
    return with_holes(frame, 0.08, random).infer_objects().assign(fault=[f"fault {k}" for k in fault]), "fault"


SEARCHED = {
    "titanic": shipped("carData", "TitanicSurvival", "survived"),
    "credit": shipped("modeldata", "credit_data", "Status"),
    "attrition": shipped("modeldata", "attrition", "Attrition"),
    "plebiscite": shipped("carData", "Chile", "vote"),
    "mortgages": shipped("AER", "HMDA", "deny"),
    "phone churn": shipped("modeldata", "mlc_churn", "churn"),
    "late parcels (drawn)": orders,
}

HELD_BACK = {
    "penguins": shipped("modeldata", "penguins", "species"),
    "internet churn": shipped("modeldata", "wa_churn", "churn"),
    "jobs of a cluster": shipped("modeldata", "hpc_data", "class"),
    "free light chain": shipped("survival", "flchain", "death", ["futime", "chapter"]),
    "faults (drawn)": machines,
}
