"""The exchanges of a training step of several ranks with mpi4py: the same as exchange.c beside it, same arguments."""

import json
import os
import sys

from mpi4py import MPI

PACKED = 65536
comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size


class Exchange:
    def __init__(self, numbers):
        matrices = [
            ([next(numbers) for _ in range(size)], [next(numbers) for _ in range(size)]) for _ in range(next(numbers))
        ]
        self.large = [(lengths, starts) for starts, lengths in matrices if sum(lengths) > PACKED]
        self.small = [(starts, lengths) for starts, lengths in matrices if sum(lengths) <= PACKED]
        self.counts = [sum(lengths[q] for _, lengths in self.small) for q in range(size)]
        self.displacements = [sum(self.counts[:q]) for q in range(size)]
        self.buffer = memoryview(bytearray(sum(self.counts) or 1))

    def pieces(self, q):
        at = self.displacements[q]
        for starts, lengths in self.small:
            yield slice(at, at + lengths[q]), slice(starts[q], starts[q] + lengths[q])
            at += lengths[q]

    def run(self, memory):
        requests = [
            comm.Iallgatherv(MPI.IN_PLACE, [memory, lengths, starts, MPI.BYTE]) for lengths, starts in self.large
        ]
        if self.small:
            for inside, outside in self.pieces(rank):
                self.buffer[inside] = memory[outside]
            whole = [self.buffer, self.counts, self.displacements, MPI.BYTE]
            requests.append(comm.Iallgatherv(MPI.IN_PLACE, whole))
        while not MPI.Request.Testall(requests):
            os.sched_yield()
        for q in range(size):
            if q != rank:
                for inside, outside in self.pieces(q):
                    memory[outside] = self.buffer[inside]


def main():
    with open(sys.argv[1]) as file:
        numbers = (int(word) for word in file.read().split())
    memory = memoryview(bytearray(next(numbers)))
    exchanges = [Exchange(numbers), Exchange(numbers)]
    windows, ms = int(sys.argv[2]), float(sys.argv[3])
    steps, times = 20, []
    for window in range(-2, windows):
        comm.Barrier()
        begun = MPI.Wtime()
        for _ in range(steps):
            for exchange in exchanges:
                exchange.run(memory)
        seconds = MPI.Wtime() - begun
        if window < 0:
            steps = comm.bcast(int(steps * ms / 1000 / seconds) + 2)
        else:
            times.append(1e6 * seconds / steps)
    if rank == 0:
        print(json.dumps({"us": times}))


main()
