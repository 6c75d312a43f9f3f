// A worker for barrier.test.ts: many rounds with seeded random delays; every thread must see every other thread's mark
// of the round.
import { parentPort, workerData } from "node:worker_threads";
import { Control } from "../../src/engines/control.ts";
import type { Memory } from "../../src/network/memory.ts";
import type { Plan } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";

const { buffer, thread, threads, rounds, spins } = workerData;
const words = new Int32Array(buffer);
const plan = { control: { offset: 0, length: 64 } } as Plan;
const control = new Control(plan, { integers: words } as Memory);
const random = new Random(thread, 77);
let missed = 0;
for (let round = 1; round <= rounds; round++) {
  for (let wait = random.integer(8) === 0 ? random.integer(3000) : 0; wait > 0; wait--) Atomics.load(words, 63);
  words[64 + thread * 16] = round; // a plain store: the barrier itself must order it
  control.meet(threads, { spins });
  for (let t = 0; t < threads; t++) if (words[64 + t * 16] !== round) missed++;
  control.meet(threads, { spins });
}
parentPort?.postMessage(missed);
