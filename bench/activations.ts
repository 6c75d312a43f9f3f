// What each activation costs beside ReLU: training steps of 784-256-256-256-10 on batches of 64, on one thread, all
// activations in turn, medians of the rounds, processor time.  node bench/activations.ts [ENGINE] [ROUNDS]
import type { EngineName } from "../src/engines/engine.ts";
import { chooseEngine } from "../src/engines/registry.ts";
import { ACTIVATIONS, defineNetwork } from "../src/network/network.ts";
import { initialize } from "../src/network/parameters.ts";
import { COEFFICIENTS } from "../src/network/plan.ts";
import { Random } from "../src/numerics/random.ts";

const [engine = "native", rounds = "15"] = process.argv.slice(2);
const [ROWS, BATCH, STEPS] = [1024, 64, 64];
const random = new Random(1, 2);
const features = Float32Array.from({ length: ROWS * 784 }, () => random.uniform());
const labels = Int32Array.from({ length: ROWS }, () => random.integer(10));
const order = Uint32Array.from({ length: BATCH * STEPS }, (_, i) => i % ROWS);
const coefficients = Float64Array.from({ length: STEPS * COEFFICIENTS }, (_, i) => (i % COEFFICIENTS === 0 ? 1e-3 : 0));

const sessions = [];
for (const activation of ACTIVATIONS) {
  const network = defineNetwork([784, 256, 256, 256, 10], activation);
  const setup = { network, batchSize: BATCH, features, labels, threads: 1, capacity: order.length };
  const session = await chooseEngine(engine as EngineName).open(setup);
  session.writeParameters(initialize(network, "he", 1));
  await session.train(order, coefficients);
  sessions.push({ activation, session, times: [] as number[] });
}
for (let round = 0; round < Number(rounds); round++)
  for (const { session, times } of sessions) {
    const begun = process.cpuUsage();
    await session.train(order, coefficients);
    times.push(process.cpuUsage(begun).user / 1000 / STEPS);
  }
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const relu = median(sessions[0]!.times);
for (const { activation, session, times } of sessions) {
  const step = median(times);
  console.log(`${activation.padEnd(11)} ${step.toFixed(3)} ms a step  ${(step / relu).toFixed(3)} × relu`);
  await session.close();
}
