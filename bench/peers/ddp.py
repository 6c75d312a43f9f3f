"""
PyTorch's DistributedDataParallel over Gloo: ddp.py H B WINDOWS MS. Starts two processes of one thread; each has B/2 rows
of every batch. Prints one line: µs a step of every window.
"""

import json
import os
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

H, B, WINDOWS, MS = (int(word) for word in sys.argv[1:5])
RANKS, ROWS, RATE = 2, 2048, 0.1


def work(rank):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=RANKS)
    sizes = [784, H, H, H, 10]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Sequential(*layers[:-1]))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    criterion = torch.nn.CrossEntropyLoss()
    x, y = torch.clamp(torch.rand(ROWS, 784) * 2 - 1, min=0), torch.arange(ROWS) % 10
    share = B // RANKS
    batches = [
        (x[at + rank * share : at + (rank + 1) * share], y[at + rank * share : at + (rank + 1) * share])
        for at in range(0, ROWS - B + 1, B)
    ]
    done, steps, times = 0, 20, []
    for window in range(-2, WINDOWS):
        dist.barrier()
        begun = time.perf_counter()
        for _ in range(steps):
            inputs, labels = batches[done % len(batches)]
            optimizer.zero_grad(set_to_none=True)
            criterion(model(inputs), labels).backward()
            optimizer.step()
            done += 1
        seconds = time.perf_counter() - begun
        if window < 0:
            wanted = torch.tensor([int(steps * MS / 1000 / seconds) + 2])
            dist.broadcast(wanted, 0)
            steps = int(wanted)
        else:
            times.append(1e6 * seconds / steps)
    if rank == 0:
        print(json.dumps({"us": times, "version": torch.__version__}), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29517")
    mp.spawn(work, nprocs=RANKS)
