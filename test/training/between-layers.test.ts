// Layer normalization and residual connections in whole runs: the same bits on every engine and number of threads, also
// stopped and gone on with; gradients by differences; what cannot be is refused in words.
import { expect, test } from "vitest";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { openForward } from "../../src/engines/forward.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import { fit } from "../../src/index.ts";
import { packGradients } from "../../src/network/memory.ts";
import { type Activation, defineNetwork, type LayerOptions, parameterCount } from "../../src/network/network.ts";
import { initialize, packedLayers } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { TrainingOptions } from "../../src/training/options.ts";
import { plainForward } from "../../src/training/plain-predict.ts";
import { openRun } from "../../src/training/trainer.ts";
import { sumsOf, sumsWithStops } from "./stopping.ts";

const random = new Random(6, 97);
const X = Array.from({ length: 44 }, () => Array.from({ length: 6 }, () => random.normal()));
const data = fromArrays(
  X,
  X.map(([a, b, c]) => (a! * b! > 0 ? "same" : c! > 0 ? "up" : "down")),
);
const base: Partial<TrainingOptions> = { epochs: 3, batchSize: 10, seed: 5, validation: 0.2, patience: 3 };
const HERE = ENGINES.filter(({ name, missing }) => name !== "reference-float64" && missing() === undefined);

const CASES: Readonly<Record<string, readonly [LayerOptions, Partial<TrainingOptions>]>> = {
  "layer normalization": [{ layerNorm: true }, {}],
  "residual connections": [{ residual: true }, { optimizer: "sgd", learningRate: 0.1 }],
  "both with all bounds, draws and the mean": [
    { layerNorm: true, residual: true },
    {
      averageDecay: 0.5,
      dropout: 0.2,
      clipNorm: 0.2,
      l1: 0.01,
      maxNorm: 0.9,
      optimizer: "momentum",
      learningRate: 0.05,
    },
  ],
  "both with a scale of the inputs": [
    { layerNorm: true, residual: true },
    { frontScale: 2, clipNorm: 0.5, optimizer: "nesterov", learningRate: 0.05 },
  ],
};

test.each(Object.entries(CASES))(
  "%s: stopped after every step and gone on with elsewhere, the same bits",
  async (_, [layerOptions, options]) => {
    const network = defineNetwork([6, 9, 9, 9, 3], ["gelu", "relu", "tanh"], layerOptions);
    const whole = async (net = network) => {
      await using run = await openRun(net, data, { ...base, ...options, engine: "reference", threads: 1 });
      await run.train();
      return await sumsOf(run);
    };
    const sums = await whole();
    expect(sums).not.toEqual(await whole(defineNetwork(network.layers, network.activation)));
    expect(await sumsWithStops(network, (on) => openRun(network, data, { ...base, ...options, ...on }))).toEqual(sums);
  },
);

const SHAPES: readonly (readonly [LayerOptions, Activation])[] = [
  [{ layerNorm: true }, "tanh"],
  [{ residual: true }, "gelu"],
  [{ layerNorm: true, residual: true }, "mish"],
];

test.each(SHAPES)(
  "the gradients with %o and %s are those of central differences, and so are the norms of rows",
  async (options, activation) => {
    const network = defineNetwork([4, 5, 5, 5, 6, 3], activation, options);
    const [N, P] = [6, parameterCount(network)];
    const θ = Float64Array.from(initialize(network, "he", 1), (x) => x + 0.2 * random.normal());
    const features = Float64Array.from({ length: 4 * N }, () => random.normal());
    const labels = Int32Array.from({ length: N }, (_, i) => i % 3);
    const setup = { network, features, labels, draws: { seed: 1, dropout: 0.3 }, exampleNorms: true, threads: 1 };
    const order = Uint32Array.from({ length: N }, (_, i) => i);
    await using session = await chooseEngine("reference-float64").open({ ...setup, batchSize: N });
    const meanLoss = async (at: Float64Array) => {
      session.writeParameters(at);
      return (await session.gradients(order, { epoch: 1 })).losses.reduce((a, b) => a + b) / N;
    };
    const moved = (k: number, by: number) => θ.map((x, j) => (j === k ? x + by : x));
    session.writeParameters(θ);
    const { layers, norms } = await session.gradients(order, { epoch: 1 });
    const gradient = packGradients(layers);
    for (let k = 0; k < P; k++)
      expect(gradient[k]).toBeCloseTo(((await meanLoss(moved(k, 1e-5))) - (await meanLoss(moved(k, -1e-5)))) / 2e-5, 7);
    await using single = await chooseEngine("reference-float64").open({ ...setup, batchSize: 1 });
    single.writeParameters(θ);
    for (const i of order) {
      const own = Float64Array.from(packGradients((await single.gradients(Uint32Array.of(i), { epoch: 1 })).layers));
      const square = own.reduce((sum, g) => sum + g * g, 0);
      expect(norms!.subarray(i * 5, i * 5 + 5).reduce((a, b) => a + b)).toBeCloseTo(square, 10);
    }
  },
);

test("a single row is answered with the same bits by every engine and by plain loops", () => {
  const network = defineNetwork([6, 9, 9, 3], "elu", { layerNorm: true, residual: true });
  const parameters = initialize(network, "he", 3);
  const plain = plainForward({ network, parameters });
  plain.input.set(X[0]!);
  const expected = [...plain.logits()];
  for (const { name } of HERE)
    for (const rows of [1, 20]) {
      const forward = openForward(network, parameters, rows, name);
      for (let r = 0; r < rows; r++) forward.input(r).set(X[0]!);
      forward.run(rows);
      expect([...forward.logits(rows - 1)], `${name}, ${rows} rows`).toEqual(expected);
    }
});

test("fit takes both, weight decay leaves gain and offset alone, and from keeps them", async () => {
  const options = { hidden: [8, 8], layerNorm: true, residual: true, epochs: 2, engine: "reference" } as const;
  const model = await fit(data, options);
  expect(model.model.network).toMatchObject({ layerNorm: true, residual: true });
  const still = { ...options, optimizer: "sgd", learningRate: 1e-30, weightDecay: 1e29, epochs: 1 } as const;
  const { network, parameters } = (await fit(data, still)).model;
  for (const { W, outputs, gain, offset } of packedLayers(network).slice(0, -1)) {
    expect(parameters[W]).not.toBe(initialize(network, "he", 1)[W]);
    expect([...parameters.subarray(gain, gain! + outputs)]).toEqual(Array(outputs).fill(1));
    for (const β of parameters.subarray(offset, offset! + outputs)) expect(Math.abs(β)).toBeLessThan(1e-20);
  }
  const more = await fit(data, { from: model, epochs: 1, engine: "reference" });
  expect(more.model.network).toEqual(model.model.network);
  await expect(fit(data, { from: model, layerNorm: true })).rejects.toThrow("layerNorm");
});

test.each([
  [[4, 3], { layerNorm: true }, "layerNorm must be one or more, each of 2 units or more"],
  [[4, 1, 3], { layerNorm: true }, "layerNorm must be one or more, each of 2 units or more"],
  [[4, 4, 3, 3], { residual: true }, "residual must be two or more, of equal width side by side"],
  [[4, 4, 3], { layerNorm: "yes" }, "layerNorm must be true or false"],
] as const)("%j with %o is refused in words", (layers, options, words) => {
  expect(() => defineNetwork(layers, "relu", options as LayerOptions)).toThrow(words);
});
