"""The tables that the defaults were chosen on (SEARCHED) and those kept back from the choice (HELD_BACK).

Each is a function without arguments that returns features [N×D] and labels [N]. Four come with scikit-learn; those of
`shipped` from Debian's r-cran-mlbench and r-cran-kernlab, whose files are read without R; the others are drawn here.
"""
import warnings
from glob import glob

import numpy as np
import rdata
from sklearn import datasets

MOST_ROWS = 4000  # of a shipped table; more are drawn at random


def shipped(name, label, folder="/usr/lib/R/site-library/*/data"):
    def load():
        [file] = glob(f"{folder}/{name}.rda")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old files do not say their encoding
            frame = next(iter(rdata.conversion.convert(rdata.parser.parse_file(file)).values())).dropna()
        kept = np.sort(np.random.RandomState(0).permutation(len(frame))[:MOST_ROWS])
        frame = frame.iloc[kept].groupby(label, observed=True).filter(lambda rows: len(rows) >= 4)
        columns = [c.cat.codes if c.dtype == "category" else c for _, c in frame.drop(columns=label).items()]
        return np.array(columns, float).T, frame[label].astype(str).to_numpy()

    return load


def loaded(load):
    return lambda: load(return_X_y=True)


def classification(rows, columns, informative, classes, flip, state, weights=None, per_class=2):
    """Gaussian clusters at the corners of a cube; a share `flip` of the labels is drawn anew."""
    return lambda: datasets.make_classification(
        rows, columns, n_informative=informative, n_classes=classes, flip_y=flip, random_state=state, weights=weights,
        n_clusters_per_class=per_class,
    )


def drawn(rows, columns, state, draw, label):
    """Features `draw`(generator, [rows, columns]), labels a function of them and the generator."""

    def make():
        random = np.random.RandomState(state)
        X = draw(random, (rows, columns))
        return X, np.asarray(label(X, random)).astype(int)

    return make


def spiral(rows=600, turns=1.5, noise=0.02, state=0):
    random = np.random.RandomState(state)
    t, y = random.rand(rows), np.arange(rows) % 2
    angle = 2 * np.pi * (turns * t + y / 2)
    return np.c_[t * np.cos(angle), t * np.sin(angle)] + noise * random.randn(rows, 2), y


def embeddings(rows, columns, classes, spread, state):
    """Directions around one center a class, of length 1, as of a language model."""

    def make():
        random = np.random.RandomState(state)
        y = np.arange(rows) % classes
        X = random.randn(classes, columns)[y] + spread * random.randn(rows, columns)
        return X / np.linalg.norm(X, axis=1, keepdims=True), y

    return make


def words(rows=1200, vocabulary=300, classes=4, state=0):
    """Counts of words in short texts: most are 0."""
    random = np.random.RandomState(state)
    y = np.arange(rows) % classes
    topics = random.dirichlet(np.full(vocabulary, 0.2), classes)
    return np.array([random.multinomial(25, 0.7 / vocabulary + 0.3 * topics[c]) for c in y]), y


normal = lambda random, shape: random.randn(*shape)
uniform = lambda random, shape: random.rand(*shape)
skewed = lambda random, shape: np.exp(1.5 * random.randn(*shape))
bits = lambda random, shape: random.randint(0, 2, shape)
noisy = lambda y, share, random: np.where(random.rand(len(y)) < share, random.permutation(y), y)

SEARCHED = {
    "iris": loaded(datasets.load_iris),
    "wine": loaded(datasets.load_wine),
    "breast cancer": loaded(datasets.load_breast_cancer),
    "sonar": shipped("Sonar", "Class"),
    "glass": shipped("Glass", "Type"),
    "vehicle": shipped("Vehicle", "Class"),
    "ionosphere": shipped("Ionosphere", "Class"),
    "diabetes": shipped("PimaIndiansDiabetes", "diabetes"),
    "satellite": shipped("Satellite", "classes"),
    "spam": shipped("spam", "type"),
    "letters": shipped("LetterRecognition", "lettr"),
    "moons, noise 0.3": lambda: datasets.make_moons(500, noise=0.3, random_state=0),
    "moons, noise 0.25": lambda: datasets.make_moons(600, noise=0.25, random_state=1),
    "circles": lambda: datasets.make_circles(600, noise=0.1, factor=0.6, random_state=0),
    "spiral": spiral,
    "xor": drawn(600, 2, 0, uniform, lambda X, r: (X[:, 0] > 0.5) != (X[:, 1] > 0.5)),
    "checkerboard 4×4": drawn(2000, 2, 1, uniform, lambda X, r: np.floor(4 * X).sum(1) % 2),
    "one column": drawn(400, 1, 2, normal, lambda X, r: np.abs(X[:, 0]) < 0.7),
    "parity of 3 of 8 bits": drawn(600, 8, 3, bits, lambda X, r: X[:, :3].sum(1) % 2),
    "skewed columns": drawn(1500, 10, 4, skewed, lambda X, r: np.log(X[:, :3]).sum(1) > np.log(X[:, 3:5]).sum(1)),
    "linear, 50 columns, 10 % noise": drawn(
        800, 50, 5, normal, lambda X, r: noisy(X @ np.linspace(-1, 1, 50) > 0, 0.2, r)
    ),
    "shells, 3 classes": lambda: datasets.make_gaussian_quantiles(n_samples=1500, n_features=8, n_classes=3, random_state=0),
    "3 classes, 10 % noise": classification(600, 12, 5, 3, 0.1, 0),
    "2 classes, 15 % noise": classification(1000, 30, 6, 2, 0.15, 1),
    "2 classes, 20 % noise": classification(300, 20, 3, 2, 0.2, 2),
    "5 classes": classification(2000, 20, 8, 5, 0.02, 3),
    "26 classes": classification(4000, 20, 14, 26, 0.01, 4, per_class=1),
    "2 classes, 95:5": classification(2000, 20, 6, 2, 0.02, 5, weights=[0.95]),
    "4 classes, 90:6:3:1": classification(3000, 15, 6, 4, 0.01, 6, weights=[0.9, 0.06, 0.03, 0.01]),
    "100 rows of 300 columns": classification(100, 300, 10, 2, 0, 7),
    "40 rows": classification(40, 5, 3, 2, 0, 8),
    "words": words,
}

HELD_BACK = {
    "digits 8×8": loaded(datasets.load_digits),
    "vowel": shipped("Vowel", "Class"),
    "shuttle": shipped("Shuttle", "Class"),
    "zoo": shipped("Zoo", "type"),
    "musk": shipped("musk", "Class"),
    "DNA": shipped("DNA", "Class"),
    "votes": shipped("HouseVotes84", "Class"),
    "embeddings, 20 classes": embeddings(3000, 64, 20, 2.0, 0),
    "sphere, 10 columns": lambda: datasets.make_hastie_10_2(3000, random_state=0),
    "long spiral": lambda: spiral(1000, 2, 0.03, 1),
    "xor of 2 of 10, 10 % noise": drawn(1500, 10, 6, normal, lambda X, r: noisy(X[:, 0] * X[:, 1] > 0, 0.2, r)),
    "10 classes": classification(3000, 25, 10, 10, 0.05, 10),
}
