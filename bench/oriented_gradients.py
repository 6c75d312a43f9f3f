"""MNIST's images as oriented gradients, made without looking at any other image: the features of docs/results.md's
private run. Each of 7 x 7 cells has the strengths of 8 directions (Dalal and Triggs, CVPR 2005), as bytes.

    python3 bench/oriented_gradients.py FOLDER OUT     # FOLDER: MNIST's four files; OUT: train.npz and test.npz there
"""

import gzip
import sys
from pathlib import Path

import numpy as np

CELLS = 7
DIRECTIONS = 8


def read_idx(path):
    data = gzip.open(path).read()
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def pooled(values, axis):
    """Overlapping cells of eight pixels, four apart, by triangular weights."""
    values = np.moveaxis(values, axis, -1)
    weights = np.convolve(np.ones(4), np.ones(4)) / 16
    out = np.zeros((*values.shape[:-1], CELLS), np.float32)
    for cell in range(CELLS):
        for step, weight in enumerate(weights):
            at = 4 * cell - 2 + step
            if 0 <= at < values.shape[-1]:
                out[..., cell] += weight * values[..., at]
    return np.moveaxis(out, -1, axis)


def oriented_gradients(images):
    x = np.pad(images.astype(np.float32) / 255, ((0, 0), (1, 1), (1, 1)))
    gx = (x[:, 1:-1, 2:] - x[:, 1:-1, :-2]) / 2
    gy = (x[:, 2:, 1:-1] - x[:, :-2, 1:-1]) / 2
    size = np.hypot(gx, gy)
    turn = np.mod(np.arctan2(gy, gx), np.pi) / np.pi * DIRECTIONS
    layers = []
    for k in range(DIRECTIONS):
        apart = np.abs(turn - k)
        layers.append(size * np.clip(1 - np.minimum(apart, DIRECTIONS - apart), 0, 1))
    cells = pooled(pooled(np.stack(layers, 1), 2), 3).reshape(len(images), -1)
    cells /= np.sqrt((cells * cells).sum(1, keepdims=True) + 0.1)  # of this image alone
    return np.clip(cells * 255 * 2.5, 0, 255).round().astype(np.uint8)


def main(folder, out):
    for part, name in (("train", "train"), ("t10k", "test")):
        images = read_idx(Path(folder) / f"{part}-images-idx3-ubyte.gz")
        labels = read_idx(Path(folder) / f"{part}-labels-idx1-ubyte.gz")
        rows = [oriented_gradients(images[at : at + 5000]) for at in range(0, len(images), 5000)]
        np.savez(Path(out) / f"{name}.npz", X=np.concatenate(rows), y=labels.astype(np.int32))


if __name__ == "__main__":
    main(*sys.argv[1:])
