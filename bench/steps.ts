// What a step takes with what it draws and what bounds it, beside a plain one: `node bench/steps.ts [ENGINE] [B]`, on
// one thread. 784-256-64-10, ReLU, plain descent, drawn digits; all kinds of steps in turn, medians of nine rounds.
import { drawPart } from "../src/data/digits/digits.ts";
import type { EngineChoice, Setup } from "../src/engines/engine.ts";
import { chooseEngine } from "../src/engines/registry.ts";
import { defineNetwork } from "../src/network/network.ts";
import { initialize } from "../src/network/parameters.ts";
import { mixesOf } from "../src/training/mixup.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../src/training/optimizer.ts";
import { median } from "./statistics.ts";

const [, , engine = "native", batch = "32"] = process.argv;
const [ROUNDS, STEPS, ROWS, B] = [9, 40, 4000, Number(batch)];

const KINDS: Readonly<Record<string, Partial<Setup> & { readonly l1?: number }>> = {
  plain: {},
  dropout: { draws: { seed: 1, dropout: 0.3 } },
  "dropout of inputs": { draws: { seed: 1, inputDropout: 0.2 } },
  mixup: { mix: true },
  "input noise": { draws: { seed: 1, inputNoise: 0.1 } },
  L1: { l1: 1e-5 },
  "max-norm": { maxNorm: 2 },
  clipping: { clipNorm: 0.5 },
  "mean of θ": { average: true },
};

const network = defineNetwork([784, 256, 64, 10], "relu");
const { features, labels } = drawPart(1, "train", ROWS);
const order = Uint32Array.from({ length: STEPS * B }, (_, i) => (7 * i) % ROWS);
const runs = await Promise.all(
  Object.entries(KINDS).map(async ([name, { l1, ...given }]) => {
    const data = { network, batchSize: B, features, divisor: 255, labels, threads: 1, capacity: order.length };
    const session = await chooseEngine(engine as EngineChoice).open({ ...data, ...given });
    session.writeParameters(initialize(network, "he", 2));
    const settings = { ...OPTIMIZER_DEFAULTS, l1, averageDecay: given.average ? 0.99 : undefined };
    const coefficients = optimizerCoefficients(settings, new Float64Array(STEPS).fill(0.01), 1);
    const times: number[] = [];
    const mixes = given.mix ? mixesOf({ mixup: 0.2, batchSize: B }, 1, 1, 0, order.length) : undefined;
    const draws = given.draws || mixes ? { epoch: 1, mixes } : undefined;
    return { name, session, coefficients, draws, times };
  }),
);
for (let round = 0; round <= ROUNDS; round++)
  for (const { session, coefficients, draws, times } of runs) {
    const begun = performance.now();
    await session.train(order, coefficients, undefined, draws);
    if (round > 0) times.push((1000 * (performance.now() - begun)) / STEPS); // the first warms up
  }
const plain = median(runs[0]!.times);
for (const { name, session, times } of runs) {
  console.log(`${name.padEnd(17)} ${median(times).toFixed(1)} µs a step, ${(median(times) / plain).toFixed(2)}`);
  await session.close();
}
