// A program for mpirun: every rank calls the MPI addon, rightly and wrongly, and prints what came. Argument: the MPI.
import { setTimeout } from "node:timers/promises";
import type { MpiKind } from "../../src/engines/ranks/launcher.ts";
import { needMpi } from "../../src/engines/ranks/mpi-addon.ts";

const mpi = needMpi(process.argv[2] as MpiKind);
const stop = new Int32Array(new SharedArrayBuffer(4));
const refusals: string[] = [];
/** What a wrong call is told. */
function refused(call: () => unknown): void {
  try {
    call();
    refusals.push("TAKEN");
  } catch (error) {
    refusals.push((error as Error).message);
  }
}
const any = (value: unknown) => value as never;

refused(() => mpi.share(new Uint8Array(2), 1));
refused(() => mpi.abort(3));
refused(() => mpi.init(any(new Int32Array(1))));
refused(() => mpi.init(any(stop.buffer)));
const { rank, size } = mpi.init(stop);
refused(() => mpi.init(stop));

const bytes = new Uint8Array(new SharedArrayBuffer(1_000_000));
const { register, begin, look, finish, chain, take, pass } = mpi.open(bytes);
refused(() => mpi.open(new Uint8Array(8)));
refused(() =>
  register(
    1,
    Float64Array.from({ length: 2 * size }, () => 1e6 + 1),
  ),
);
refused(() =>
  register(
    1,
    Float64Array.from({ length: 2 * size }, (_, i) => (i < size ? 10 - (i % 2) : 4)),
  ),
);
refused(() =>
  register(
    1,
    Float64Array.from({ length: 2 * size }, () => 0.5),
  ),
);
refused(() =>
  register(
    1,
    Float64Array.from({ length: 2 * size }, () => Number.NaN),
  ),
);
refused(() => register(2, new Float64Array(2 * size)));
refused(() => register(0, new Float64Array(0)));
refused(() => begin(7));
refused(() => take(0, 1));
refused(() => chain(new Float64Array(0)));
refused(() => chain(Float64Array.of(64, 32)));
refused(() => chain(Float64Array.of(128, 64, 0, 64)));
refused(() => chain(Float64Array.of(0, 1_000_064)));
refused(() => chain(Float64Array.of(0, Number.NaN)));
refused(() => mpi.share(new Uint8Array(size + 1), 1));
refused(() => mpi.share(any(new Float64Array(size)), 1));
refused(() => mpi.broadcast(new Uint8Array(4), -1));
refused(() => mpi.arm(300, 1, ""));

/**
 * Two matrices: a small one that is packed, with nothing of rank 0, and a large one in place. Rank q writes q + 1.
 */
const parts = (begin: number, lengths: readonly number[]) => {
  const starts = lengths.map((_, q) => begin + lengths.slice(0, q).reduce((sum, n) => sum + n, 0));
  return { starts, lengths };
};
const small = parts(
  3,
  Array.from({ length: size }, (_, q) => 5 * q),
);
const large = parts(
  64_000,
  Array.from({ length: size }, (_, q) => 64 * (1000 + q)),
);
const exchange = register(
  2,
  Float64Array.from([small, large].flatMap(({ starts, lengths }) => [...starts, ...lengths])),
);
for (const { starts, lengths } of [small, large]) bytes.fill(rank + 1, starts[rank], starts[rank]! + lengths[rank]!);
const outcomes = [begin(exchange), look()];
refused(() => begin(exchange));
refused(() => finish(Number.NaN));
outcomes.push(finish(10));
const right = [small, large].every(({ starts, lengths }) =>
  starts.every((start, q) => bytes.subarray(start, start + lengths[q]!).every((value) => value === q + 1)),
);
const untouched = bytes.subarray(0, 3).every((value) => value === 0) && bytes.at(-1) === 0;

// every rank adds its number and 1 to each byte of two parts, twice
chain(Float64Array.of(0, 64, 900_032, 64 * 900));
refused(() => chain(Float64Array.of(0, 64)));
refused(() => pass(0));
refused(() => take(1, 1));
const ofChain = [bytes.subarray(0, 64), bytes.subarray(900_032, 900_032 + 64 * 900)];
let added = true;
for (let round = 0; round < 2; round++) {
  for (const [part, all] of ofChain.entries()) {
    outcomes.push(take(part, 10));
    if (rank === 0) all.fill(10 * round);
    all.forEach((value, i) => {
      all[i] = value + rank + 1;
    });
    outcomes.push(pass(part));
  }
  refused(() => take(1, 1));
  outcomes.push(take(2, 10));
  const sum = 10 * round + (size * (size + 1)) / 2;
  added &&= ofChain.every((all) => all.every((value) => value === sum));
}

const word = Uint8Array.from([rank, 9]);
outcomes.push(mpi.broadcast(word, 10));
const all = new Uint8Array(2 * size).fill(rank + 1, 2 * rank, 2 * rank + 2);
outcomes.push(mpi.share(all, 10));
if (rank === 0)
  console.log(JSON.stringify({ outcomes, right, untouched, added, word: [...word], all: [...all], refusals }));

// rank 1 comes too late for the others; then rank 1 is told to stop while it waits
if (rank === 1) {
  await setTimeout(600);
  Atomics.store(stop, 0, 1);
}
const begun = performance.now();
let outcome = 0;
do outcome = mpi.share(new Uint8Array(size), rank === 1 ? 60 : 0.3);
while (rank === 1 && outcome === 0); // the others had given their parts before they gave up
if (rank < 2) console.log(JSON.stringify({ rank, outcome, soon: performance.now() - begun < 5000 }));
refused(() => mpi.share(new Uint8Array(size), 1));
if (rank === 0) console.log(refusals.at(-1));
await setTimeout(rank === 0 ? 2500 : 60_000); // the others are ended by rank 0
mpi.arm(5, 2, "rank 0 had to be ended\n");
mpi.abort(5);
