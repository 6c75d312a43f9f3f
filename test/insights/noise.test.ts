// The gradient noise scale, the batch size and the learning rate it and a range test recommend.
import { expect, test, vi } from "vitest";
import { drawPlanar } from "../../src/data/planar/planar.ts";
import type { Session } from "../../src/engines/engine.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { recommendBatchSize } from "../../src/insights/noise-advice.ts";
import { testRates } from "../../src/insights/rate-test.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { EpochNoise, measureNoise } from "../../src/training/measure-noise.ts";
import { planTraining } from "../../src/training/plan-training.ts";
import { openPlanned, train } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const network = defineNetwork([4, 10, 3], "tanh");
const machine = { engine: "wasm", threads: 1 } as const;
const data = blobs(300, { spread: 1.5 });

async function open(rows: number, batchSize: number) {
  const random = new Random(7, 6);
  const session = await chooseEngine("reference-float64").open({
    network,
    batchSize,
    features: Float64Array.from({ length: rows * 4 }, () => random.normal()),
    labels: Int32Array.from({ length: rows }, () => random.integer(3)),
  });
  session.writeParameters(Float64Array.from(initialize(network, "he", 2)));
  return session;
}

const all = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);

test("the noise is that of the gradients themselves, whatever the batches they came in", async () => {
  const N = 40;
  const alone = await open(N, 1);
  const gradients: number[][] = [];
  for (let i = 0; i < N; i++) {
    const { layers } = await alone.gradients(Uint32Array.of(i));
    gradients.push(layers.flatMap(({ dW, db }) => [...dW, ...db]));
  }
  const mean = gradients[0]!.map((_, j) => gradients.reduce((sum, g) => sum + g[j]! / N, 0));
  const trace = gradients.reduce((sum, g) => sum + g.reduce((s, x, j) => s + (x - mean[j]!) ** 2, 0), 0) / (N - 1);
  const squared = mean.reduce((sum, x) => sum + x * x, 0) - trace / N;
  for (const batchSize of [1, 7, 16]) {
    const session = await open(N, batchSize);
    const noise = await measureNoise(session, all(N));
    expect(noise.rows).toBe(N);
    expect(noise.trace / trace).toBeCloseTo(1, 10);
    expect(noise.squaredGradient / squared).toBeCloseTo(1, 8);
    expect(noise.scale).toBe(noise.trace / noise.squaredGradient);
    await session.close();
  }
  await alone.close();
});

test("‖G‖² has no bias: means over small draws find the figure of all rows", async () => {
  const N = 400;
  const session = await open(N, 8);
  const { layers } = await session.gradients(all(8));
  expect(layers).toHaveLength(2);
  const whole = await measureNoise(session, all(N));
  const random = new Random(11, 6);
  let [trace, squared] = [0, 0];
  const draws = 600;
  for (let d = 0; d < draws; d++) {
    const noise = await measureNoise(
      session,
      Uint32Array.from({ length: 8 }, () => random.integer(N)),
    );
    trace += noise.trace / draws;
    squared += noise.squaredGradient / draws;
  }
  const exactTrace = (whole.trace * (N - 1)) / N; // of the N rows as a population
  expect(Math.abs(trace / exactTrace - 1)).toBeLessThan(0.05);
  const biased = squared + trace / 8; // E‖ḡ‖²: what the batch's own gradient would give
  const exact = whole.squaredGradient + whole.trace / N;
  expect(Math.abs(squared - exact)).toBeLessThan(0.1 * (biased - exact));
  await session.close();
});

test("a run with noiseScale has it in every epoch's record and the same parameters", async () => {
  const options = { epochs: 3, ...machine };
  const plain = await train(network, data, options);
  const noisy = await train(network, data, { ...options, noiseScale: true });
  expect(noisy.parametersSha256).toBe(plain.parametersSha256);
  for (const { noise } of noisy.epochs) expect(noise!.scale).toBeGreaterThan(0);
  expect(plain.epochs.every((epoch) => epoch.noise === undefined)).toBe(true);
  const run = await openPlanned(planTraining(network, data, { epochs: 3 }), machine);
  await run.train();
  const order = all(300);
  expect((await measureNoise(run.session, order)).trace / noisy.epochs[2]!.noise!.trace).toBeCloseTo(1, 3);
  await run.close();
});

test("measured at times, the noise takes at most a tenth of the time, and is that of the epochs it is measured after", async () => {
  const run = await openPlanned(planTraining(network, data, { epochs: 3 }), machine);
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const session = {
    batchSize: 300,
    gradients(rows: Uint32Array) {
      now += 50; // of milliseconds
      return run.session.gradients(rows.subarray(0, 32));
    },
  } as unknown as Session;
  const measured = async (often: boolean | "at times", seconds: number) => {
    const noise = new EpochNoise(session, often);
    const found: boolean[] = [];
    for (let epoch = 0; epoch < 9; epoch++)
      found.push((await noise.after(all(300), seconds, epoch === 7)) !== undefined);
    return found.map(Number).join("");
  };
  expect(await measured("at times", 0.126)).toBe("100010010"); // 0.05 s each, and after the last
  expect(await measured("at times", 0.5)).toBe("111111111");
  expect(await measured(true, 0.126)).toBe("111111111");
  expect(await measured(false, 1)).toBe("000000000");
  clock.mockRestore();
  await run.close();
});

test("the advice is a power of two near the mean scale, and its prices are the paper's", async () => {
  const advice = await recommendBatchSize(planTraining(network, data, { epochs: 30 }), { ...machine, steps: 40 });
  expect(advice.measured).toHaveLength(10);
  expect(advice.measured.at(-1)!.step).toBe(40);
  const scales = advice.measured.map(({ scale }) => scale!);
  expect(advice.scale).toBeCloseTo(scales.reduce((sum, s) => sum + s, 0) / 10, 9);
  expect(Math.log2(advice.recommended) % 1).toBe(0);
  for (const { batchSize, steps, examples } of advice.prices) {
    expect(steps).toBeCloseTo(1 + advice.scale / batchSize, 12);
    expect((steps - 1) * (examples - 1)).toBeCloseTo(1, 12); // the hyperbola of the paper
  }
});

test("a table of few rows has advice without an option: the short run is two epochs", async () => {
  const few = blobs(240, { spread: 0.6 });
  const planned = planTraining(defineNetwork([4, 32, 3]), few, { batchSize: 32 });
  const { measured, recommended } = await recommendBatchSize(planned, machine);
  expect(measured.at(-1)!.step).toBe(16);
  expect(recommended).toBeLessThanOrEqual(32);
});

test("noisier labels ask for larger batches", async () => {
  const random = new Random(1, 6);
  const shuffled = {
    ...data,
    labels: data.labels.map((label) => (random.uniform() < 0.4 ? random.integer(3) : label)),
  };
  const scaleOf = async (set: typeof data) =>
    (await recommendBatchSize(planTraining(network, set, { epochs: 30 }), { ...machine, steps: 60 })).scale;
  expect(await scaleOf(shuffled)).toBeGreaterThan(2 * (await scaleOf(data)));
});

test("the range test ends where the loss rises, and recommends a rate that learns", async () => {
  const planned = planTraining(network, data, { optimizer: "sgd", epochs: 20 });
  const { curve, largest, recommended } = await testRates(planned, machine);
  const rates = curve.map(({ rate }) => rate);
  expect(rates).toEqual([...rates].sort((a, b) => a - b));
  expect(recommended).toBeLessThan(largest);
  const lossAt = async (learningRate: number) =>
    (await train(network, data, { ...machine, optimizer: "sgd", epochs: 20, learningRate })).epochs.at(-1)!.trainLoss!;
  const loss = await lossAt(recommended);
  expect(loss).toBeLessThan(await lossAt(recommended / 64));
  expect(loss).toBeLessThan(await lossAt(recommended * 256).catch(() => Number.POSITIVE_INFINITY));
});

test("for adamw it recommends a rate that learns in a whole run, not the one that falls furthest in a short one", async () => {
  const { train: spiral, test: held } = await drawPlanar({ set: "spiral", points: 300, seed: 2 });
  const wide = defineNetwork([2, 24, 24, 2]);
  const options = { optimizer: "adamw", batchSize: 32, epochs: 60 } as const;
  const { curve, recommended } = await testRates(planTraining(wide, spiral, options), machine);
  const lowest = curve.reduce((best, step) => (step.smoothed < best.smoothed ? step : best));
  const splits = { train: spiral, validation: held };
  const lossAt = async (learningRate: number) =>
    (await train(wide, splits, { ...machine, ...options, learningRate })).epochs.at(-1)!.validationLoss!;
  expect(recommended).toBeLessThanOrEqual(0.01);
  expect(await lossAt(recommended)).toBeLessThan(0.7 * (await lossAt(lowest.rate)));
});
