// `npm run bench:long`: does a process grow while it trains? 10,000 steps in calls of 100, its resident size looked at
// after each thousand.
import { ENGINES } from "../src/engines/registry.ts";
import { COEFFICIENTS } from "../src/network/plan.ts";
import { LEARNING_RATE, networkOf } from "./work.ts";

const MOST_GROWTH = 8e6; // bytes after the first thousand steps; collections come and go by about half of it
const CONFIGURATION = { H: 64, B: 16 };
const CALLS = 100;
const STEPS = 100; // a call

const { B } = CONFIGURATION;
const order = Uint32Array.from({ length: STEPS * B }, (_, i) => i % 512);
const coefficients = Float64Array.from({ length: STEPS * COEFFICIENTS }, (_, i) =>
  i % COEFFICIENTS === 0 ? LEARNING_RATE : 0,
);
const features = Uint8Array.from({ length: 512 * 784 }, (_, i) => (i * 31) % 256);
const labels = Int32Array.from({ length: 512 }, (_, i) => i % 10);
const network = networkOf(CONFIGURATION);

for (const engine of ENGINES.filter(({ name, missing }) => missing() === undefined && !name.startsWith("reference")))
  for (const threads of [1, 2]) {
    const setup = { network, batchSize: B, features, labels, divisor: 255, threads, capacity: STEPS * B };
    const session = await engine.open(setup);
    const sizes: number[] = [];
    for (let call = 1; call <= CALLS; call++) {
      await session.train(order, coefficients);
      if ((call * STEPS) % 1000 === 0) sizes.push(process.memoryUsage.rss());
    }
    await session.close();
    const growth = Math.max(...sizes.slice(1)) - sizes[0]!;
    const megabytes = sizes.map((size) => (size / 1e6).toFixed(1)).join(" ");
    console.log(`${engine.name}, ${threads} thread(s): ${megabytes} MB after each 1,000 steps`);
    if (growth > MOST_GROWTH) {
      console.error(`grew by ${(growth / 1e6).toFixed(1)} MB`);
      process.exitCode = 1;
    }
  }
