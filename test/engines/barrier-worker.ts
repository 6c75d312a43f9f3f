// A worker for barrier.test.ts: many rounds with seeded random delays; every thread must see every other thread's mark of the round.
import { parentPort, workerData } from "node:worker_threads";
import { Barrier } from "../../src/engines/barrier.ts";
import { Random } from "../../src/numerics/random.ts";

const { buffer, thread, threads, rounds, spins } = workerData;
const words = new Int32Array(buffer);
const barrier = new Barrier(words.subarray(0, 64), threads, spins);
const random = new Random(thread, 77);
let missed = 0;
for (let round = 1; round <= rounds; round++) {
  for (let wait = random.integer(8) === 0 ? random.integer(3000) : 0; wait > 0; wait--) Atomics.load(words, 63);
  words[64 + thread * 16] = round; // a plain store: the barrier itself must order it
  barrier.meet();
  for (let t = 0; t < threads; t++) if (words[64 + t * 16] !== round) missed++;
  barrier.meet();
}
parentPort?.postMessage(missed);
