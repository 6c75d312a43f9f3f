// A program for mpirun: the exchanges of a training step of 784-H-H-H-10 alone, by the addon, as
// bench/peers/exchange.c runs them in C. Arguments: H, B, windows, milliseconds of each. Prints one line: µs of both
// exchanges, for every window, and of each.
import { findLaunch } from "../../src/engines/ranks/launcher.ts";
import { needMpi } from "../../src/engines/ranks/mpi-addon.ts";
import { stepParts } from "./parts.ts";

const [H, B, windows, ms] = process.argv.slice(2).map(Number) as [number, number, number, number];
const launch = findLaunch(process.env);
if (launch === undefined || "refused" in launch) throw new Error("start it with mpirun");
const mpi = needMpi(launch.mpi);
const { rank, size } = mpi.init(new Int32Array(new SharedArrayBuffer(4)));
const LIMIT = 60; // seconds
const parts = stepParts(H, B, size);
const { register, begin, finish } = mpi.open(new Uint8Array(new SharedArrayBuffer(parts.bytes)));
const numbers = parts.exchanges.map((matrices) => register(matrices.length, Float64Array.from(matrices.flat())));

let steps = 20;
const us: number[] = [];
const share = [0, 0]; // µs of each exchange, all windows together
for (let window = -2; window < windows; window++) {
  mpi.share(new Uint8Array(size), LIMIT);
  const begun = performance.now();
  for (let step = 0; step < steps; step++)
    for (const number of numbers) {
      begin(number);
      finish(LIMIT);
    }
  const spent = performance.now() - begun;
  if (window >= 0) us.push((1000 * spent) / steps);
  else {
    const wanted = Uint32Array.of(Math.round((steps * ms) / spent) + 2);
    mpi.broadcast(new Uint8Array(wanted.buffer), LIMIT);
    steps = wanted[0]!;
  }
}
for (const [n, number] of numbers.entries()) {
  const begun = performance.now();
  for (let step = 0; step < steps; step++) {
    begin(number);
    finish(LIMIT);
  }
  share[n] = (1000 * (performance.now() - begun)) / steps;
}
if (rank === 0) console.log(JSON.stringify({ us, rows: share[0], weights: share[1] }));
mpi.finalize(0, LIMIT);
