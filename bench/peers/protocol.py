"""The Python contenders' side of bench/protocol.ts: one JSON line in, one JSON line out. Needs no package."""

import gzip
import json
import os
import sys
import time

LAYERS = 4
CHECKED = (0, 5, 50)
RATE = 0.1


def say(**message):
    print(json.dumps(message), flush=True)


def sizes(H):
    return [784, H, H, H, 10]


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return bytearray(file.read())


def start(folder, H, floats):
    """W_l [inputs×outputs] and b_l [outputs], made by `floats` from float32 bytes."""
    packed, at, d, W, b = read(folder, f"start-{H}.f32"), 0, sizes(H), [], []
    for rows, cols in zip(d, d[1:]):
        W.append(floats(packed[at : at + 4 * rows * cols]).reshape(rows, cols))
        at += 4 * rows * cols
        b.append(floats(packed[at : at + 4 * cols]))
        at += 4 * cols
    return W, b


def serve(version, open_network, folder, floats, integers):
    """open_network(H, B) gives step(x, y), which returns something float() turns into the mean loss."""
    say(ready=version)
    x = floats(read(folder, "pool.f32")).reshape(-1, 784)
    y = integers(read(folder, "labels.u8"))
    for line in sys.stdin:
        request = json.loads(line)
        if "prepare" in request:
            H, B = request["prepare"]
            step = open_network(H, B)
            batches = [(x[k * B : k * B + B], y[k * B : k * B + B]) for k in range(len(x) // B)]
            losses = []
            for at in range(51):
                loss = step(*batches[at % len(batches)])
                losses.append(float(loss) if at in CHECKED else None)
            at = 51
            say(losses=[losses[s] for s in CHECKED])
        else:
            count, began = 0, time.perf_counter()
            while True:
                step(*batches[at % len(batches)])
                at, count = at + 1, count + 1
                seconds = time.perf_counter() - began
                if seconds >= request["run"] / 1000:
                    break
            say(steps=count, seconds=seconds)


def unpack(data, name, header):
    with gzip.open(os.path.join(data, name)) as file:
        return bytearray(file.read()[header:])


def cold_start(train, classes, folder, data, images, integers):
    """
    train(rows, x, y) takes one step on those rows; classes(x) gives the predicted classes. `images` makes float32 [N×784] / 255
    from bytes, `integers` class numbers or row numbers.
    """
    x, y = images(unpack(data, "train-images-idx3-ubyte.gz", 16)), integers(unpack(data, "train-labels-idx1-ubyte.gz", 8))
    tx, ty = images(unpack(data, "t10k-images-idx3-ubyte.gz", 16)), integers(unpack(data, "t10k-labels-idx1-ubyte.gz", 8))
    epoch = 0
    while True:
        epoch += 1
        order = integers(read(folder, f"order-{epoch}.u32"), 4)
        began = time.perf_counter()
        for at in range(0, len(order), 64):
            loss = train(order[at : at + 64], x, y)
        float(loss)
        trained = time.perf_counter()
        accuracy = float((classes(tx) == ty).sum()) / len(ty)
        say(epoch=epoch, seconds=trained - began, testing=time.perf_counter() - trained, accuracy=accuracy)
