// Clipping, the L1 penalty, max-norm and the mean of the parameters: the same bits on every engine and any number of
// threads, and what they hold.
import { expect, test } from "vitest";
import type { EngineName } from "../../src/engines/engine.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import { OPTIMIZERS, type Optimizer } from "../../src/gradients/kernels.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize, packedLayers } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { sha256 } from "../../src/numerics/sha256.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../src/training/optimizer.ts";

const network = defineNetwork([19, 37, 21, 5], ["gelu", "relu"]);
const N = 45;
const [B, L1] = [16, 0.02];
const random = new Random(3, 98);
const features = Float32Array.from({ length: N * 19 }, () => 3 * random.normal());
const labels = Int32Array.from({ length: N }, () => random.integer(5));
const order = Uint32Array.from({ length: N }, (_, i) => (7 * i) % N);

type Bounds = { readonly clipNorm?: number; readonly maxNorm?: number; readonly l1?: number };

async function trained(
  engine: EngineName,
  threads: number,
  optimizer: Optimizer,
  { l1, ...bounds }: Bounds,
): Promise<Float32Array> {
  const session = await chooseEngine(engine).open({
    network,
    batchSize: B,
    features,
    labels,
    optimizer,
    threads,
    average: l1 !== undefined,
    frontScale: l1 && bounds.maxNorm ? 3 : undefined,
    ...bounds,
  });
  const start = initialize(network, "he", 1);
  const scale = l1 && bounds.maxNorm ? new Float32Array(19).fill(0.8) : [];
  session.writeParameters(Float32Array.of(...start, ...scale));
  const settings = { ...OPTIMIZER_DEFAULTS, optimizer, weightDecay: 0.01, l1, averageDecay: 0.8 };
  for (let epoch = 0; epoch < 3; epoch++)
    await session.train(order, optimizerCoefficients(settings, new Float64Array(3).fill(0.05), 1 + 3 * epoch));
  const parameters = session.readParameters() as Float32Array;
  if (bounds.maxNorm && l1) parameters.set(session.readStates().at(-1)!); // the mean has seen every θ
  await session.close();
  return parameters;
}

const sum = (parameters: Float32Array) => sha256(new Uint8Array(parameters.buffer));
const HERE = ENGINES.filter(({ name, missing }) => name !== "reference-float64" && missing() === undefined);
const ALL: Bounds = { clipNorm: 0.5, maxNorm: 1.1, l1: L1 };

test.each(OPTIMIZERS)("all of them under %s give the same bits on every engine and number of threads", async (name) => {
  const expected = await sum(await trained("reference", 1, name, ALL));
  for (const { name: engine } of HERE)
    for (const threads of name === "sgd" ? [1, 2, 3, 7] : [1, 3])
      expect(await sum(await trained(engine, threads, name, ALL)), `${engine}, ${threads} threads`).toBe(expected);
});

test("a gradient that is shorter than its limit is not touched: the bits of a step without one", async () => {
  const free = await trained("reference", 1, "sgd", {});
  expect(await trained("reference", 1, "sgd", { clipNorm: 1e6 })).toEqual(free);
  expect(await trained("reference", 1, "sgd", { clipNorm: 0.5 })).not.toEqual(free);
  expect(await trained("reference", 1, "sgd", { maxNorm: 1e6 })).toEqual(free);
});

test("with the L1 penalty weights are 0 exactly, and biases are left alone", async () => {
  const parameters = await trained("reference", 1, "adamw", { l1: 0.2 });
  const free = await trained("reference", 1, "adamw", {});
  const zeros = (of: Float32Array) =>
    packedLayers(network).reduce((n, { W, b }) => n + of.subarray(W, b).filter((w) => w === 0).length, 0);
  expect(zeros(free)).toBe(0);
  expect(zeros(parameters)).toBeGreaterThan(100);
  for (const { b, outputs } of packedLayers(network)) expect(parameters.subarray(b, b + outputs)).not.toContain(0);
});

test("after every step no unit's weights are longer than max-norm, but for the rounding of float32", async () => {
  const parameters = await trained("reference", 1, "momentum", { maxNorm: 0.7 });
  let longest = 0;
  for (const { W, inputs, outputs } of packedLayers(network))
    for (let o = 0; o < outputs; o++) {
      const unit = Array.from({ length: inputs }, (_, k) => parameters[W + k * outputs + o]!);
      longest = Math.max(longest, Math.hypot(...unit));
    }
  expect(longest).toBeLessThanOrEqual(0.7 * (1 + 2 ** -22));
  expect(longest).toBeGreaterThan(0.699);
});

test.each([0, -1, Number.NaN])("a limit of %d is refused by name", async (clipNorm) => {
  await expect(trained("reference", 1, "sgd", { clipNorm })).rejects.toThrow("clipNorm");
  await expect(trained("reference", 1, "sgd", { maxNorm: clipNorm })).rejects.toThrow("maxNorm");
});
