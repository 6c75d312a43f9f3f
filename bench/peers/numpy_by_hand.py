"""NumPy, the equations by hand: numpy_by_hand.py THREADS FOLDER [DATA]. Its BLAS takes the threads from OPENBLAS_NUM_THREADS."""

import sys

import numpy as np
import protocol

folder, data = sys.argv[2], sys.argv[3:]
RATE = np.float32(protocol.RATE)


def floats(raw):
    return np.frombuffer(raw, np.float32)


def integers(raw, size=1):
    return np.frombuffer(raw, np.uint8 if size == 1 else np.uint32).astype(np.int64)


def open_network(H, B):
    W, b = protocol.start(folder, H, floats)
    d = protocol.sizes(H)
    a = [None] + [np.empty((B, n), np.float32) for n in d[1:]]
    delta = [np.empty((B, n), np.float32) for n in d[1:]]
    dW = [np.empty_like(w) for w in W]
    rows, share = np.arange(B), np.float32(1 / B)

    def step(x, y):
        a[0] = x
        for l in range(protocol.LAYERS):
            np.matmul(a[l], W[l], out=a[l + 1])
            a[l + 1] += b[l]
            if l < protocol.LAYERS - 1:
                np.maximum(a[l + 1], 0, out=a[l + 1])
        z, d = a[-1], delta[-1]
        z -= z.max(1, keepdims=True)
        np.exp(z, out=d)
        total = d.sum(1, keepdims=True)
        loss = float((np.log(total[:, 0]) - z[rows, y]).mean())
        d *= share / total
        d[rows, y] -= share
        for l in reversed(range(protocol.LAYERS)):
            if l:
                np.matmul(delta[l], W[l].T, out=delta[l - 1])
                delta[l - 1] *= a[l] > 0
            np.matmul(a[l].T, delta[l], out=dW[l])
            dW[l] *= RATE
            W[l] -= dW[l]
            b[l] -= RATE * delta[l].sum(0)
        return loss

    def classes(x):
        for l in range(protocol.LAYERS):
            x = x @ W[l] + b[l]
            if l < protocol.LAYERS - 1:
                np.maximum(x, 0, out=x)
        return x.argmax(1)

    step.classes = classes
    return step


if data:
    step = open_network(256, 64)
    images = lambda raw: np.frombuffer(raw, np.uint8).reshape(-1, 784).astype(np.float32) / 255
    protocol.cold_start(lambda rows, x, y: step(x[rows], y[rows]), step.classes, folder, data[0], images, integers)
else:
    protocol.serve(f"NumPy {np.__version__}", open_network, folder, floats, integers)
