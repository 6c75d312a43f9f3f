// A private step out of a session: clipped by rows, divided by the expected rows, with noise once a parameter; the same
// bits on every engine and team. Rows X40 and X41 of the check prove the formulas.
import { expect, test } from "vitest";
import type { Setup } from "../../src/engines/engine.ts";
import { LocalSession } from "../../src/engines/local-session.ts";
import { prepare } from "../../src/engines/prepare.ts";
import { referenceBackend } from "../../src/engines/reference-backend.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import type { Optimizer } from "../../src/gradients/kernels.ts";
import { packGradients } from "../../src/network/memory.ts";
import { defineNetwork, parameterCount } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { drawNormals } from "../../src/privacy/keyed-normals.ts";
import { drawKey, insecureWords } from "../../src/privacy/private-draws.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../src/training/optimizer.ts";

const network = defineNetwork([9, 7, 17, 4], ["tanh", "gelu"]);
const N = 23;
const random = new Random(5, 6);
const NORM = 6;
const EXPECTED = 6;
const setup: Setup = {
  network,
  batchSize: 12,
  features: Float32Array.from({ length: N * 9 }, () => random.normal()),
  labels: Int32Array.from({ length: N }, () => random.integer(4)),
  clipping: { norm: NORM, expected: EXPECTED },
};
const P = parameterCount(network);
const noises = [1, 2, 3, 4].map((step) => {
  const draw = new Random(8, 6, step);
  return Float32Array.from({ length: P }, () => draw.normal());
});
const orders = [
  Uint32Array.of(3, 9, 22, 1, 0),
  Uint32Array.of(),
  Uint32Array.of(7),
  Uint32Array.from({ length: 12 }, (_, i) => i),
];

async function trained(
  engine: string,
  threads: number,
  optimizer: Optimizer,
  draws: readonly (Float32Array | Uint32Array)[] = noises,
  of = network,
) {
  const session = await chooseEngine(engine).open({ ...setup, network: of, threads, optimizer });
  session.writeParameters(initialize(of, "he", 3));
  for (const [k, order] of orders.entries()) {
    const settings = { ...OPTIMIZER_DEFAULTS, optimizer, weightDecay: 0.01 };
    const results = await session.noisyStep(
      order,
      optimizerCoefficients(settings, Float64Array.of(0.1), k + 1),
      draws[k]!,
      0.05,
    );
    expect(results.losses).toHaveLength(order.length);
  }
  const parameters = session.readParameters();
  await session.close();
  return parameters;
}

const here = ENGINES.filter(({ name, missing }) => missing() === undefined && (name === "native" || name === "wasm"));

test("every engine and every team give the same bits for the same draws, with any optimizer", async () => {
  for (const optimizer of ["sgd", "momentum", "adam"] as const) {
    const wanted = await trained("reference", 1, optimizer);
    expect(wanted.every(Number.isFinite)).toBe(true);
    for (const { name } of here)
      for (const threads of [1, 3])
        expect(await trained(name, threads, optimizer), `${name}, ${threads}, ${optimizer}`).toEqual(wanted);
  }
});

test("the noise of a key is that of its draws in the order of the parameters, on every engine and team", async () => {
  const wide = defineNetwork([9, 21, 17, 4], ["tanh", "gelu"], { layerNorm: true });
  const keys = orders.map((_, step) => drawKey(insecureWords(4, "privateNoise", step)));
  for (const optimizer of ["sgd", "adam"] as const) {
    const drawn = keys.map((key) => {
      const noise = new Float32Array(parameterCount(wide));
      drawNormals(key, noise);
      return noise;
    });
    const wanted = await trained("reference", 1, optimizer, drawn, wide);
    expect(wanted).not.toEqual(await trained("reference", 1, optimizer, [...drawn].reverse(), wide));
    expect(await trained("reference", 1, optimizer, keys, wide)).toEqual(wanted);
    for (const { name } of here)
      for (const threads of [1, 3])
        expect(await trained(name, threads, optimizer, keys, wide), `${name}, ${threads}, ${optimizer}`).toEqual(
          wanted,
        );
  }
});

test("a key is erased from the session's memory with its step", async () => {
  const prepared = prepare(referenceBackend, setup, 1, false);
  const { store, memory, plan } = prepared;
  const kernels = await referenceBackend.kernels(store, memory, plan, { thread: 0, threads: 1 });
  await using session = new LocalSession("reference", prepared, setup, kernels);
  session.writeParameters(initialize(network, "he", 3));
  const key = drawKey(insecureWords(4, "privateNoise", 0));
  const coefficients = optimizerCoefficients(OPTIMIZER_DEFAULTS, Float64Array.of(0.1), 1);
  await session.noisyStep(orders[0]!, coefficients, key, 0.05);
  for (const word of key) expect(memory.integers.includes(word | 0)).toBe(false);
});

/** Σ min(1, C/‖g_i‖) g_i / B from single examples. */
async function bruteForce(order: Uint32Array, theta: Float64Array): Promise<{ sum: Float64Array; clipped: number }> {
  const session = await chooseEngine("reference-float64").open({ ...setup, batchSize: 1, clipping: undefined });
  session.writeParameters(theta);
  const sum = new Float64Array(P);
  let clipped = 0;
  for (const row of order) {
    const g = Float64Array.from(packGradients((await session.gradients(Uint32Array.of(row))).layers));
    const size = Math.sqrt(g.reduce((total: number, x: number) => total + x * x, 0));
    clipped += Number(size > NORM);
    for (let i = 0; i < P; i++) sum[i]! += (Math.min(1, NORM / size) * g[i]!) / EXPECTED;
  }
  await session.close();
  return { sum, clipped };
}

test("a step moves by the clipped sum over the expected rows, and by the noise once", async () => {
  const theta = Float64Array.from(initialize(network, "he", 3));
  const session = await chooseEngine("reference-float64").open(setup);
  const rate = 0.1;
  for (const [k, order] of orders.entries()) {
    session.writeParameters(theta);
    const noise = Float64Array.from(noises[k]!);
    await session.noisyStep(order, optimizerCoefficients(OPTIMIZER_DEFAULTS, Float64Array.of(rate), 1), noise, 0.05);
    const after = session.readParameters();
    const { sum, clipped } = await bruteForce(order, theta);
    if (order.length === 12) {
      expect(clipped).toBeGreaterThan(2);
      expect(clipped).toBeLessThan(12);
    }
    for (let i = 0; i < P; i++) expect((theta[i]! - after[i]!) / rate).toBeCloseTo(sum[i]! + 0.05 * noise[i]!, 13);
  }
  await session.close();
});

test("what leads a batch to overflow is refused before the step, and a session without clipping has no noise", async () => {
  const session = await chooseEngine("reference").open(setup);
  const coefficients = optimizerCoefficients(OPTIMIZER_DEFAULTS, Float64Array.of(0.1), 1);
  const many = Uint32Array.from({ length: 13 }, (_, i) => i);
  await expect(session.noisyStep(many, coefficients, noises[0]!, 1)).rejects.toThrow(
    "order must be 1 to 12 row numbers",
  );
  await expect(session.noisyStep(orders[0]!, coefficients, noises[0]!.subarray(1), 1)).rejects.toThrow("noise must be");
  await expect(session.noisyStep(orders[0]!, coefficients, new Uint32Array(7), 1)).rejects.toThrow("a key of 8 words");
  await session.close();
  const plain = await chooseEngine("reference").open({ ...setup, clipping: undefined });
  await expect(plain.noisyStep(orders[0]!, coefficients, noises[0]!, 1)).rejects.toThrow("opened with clipping");
  await plain.close();
});
