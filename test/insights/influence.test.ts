// Who taught it: pairs of many examples against gradients of single examples, dense inverses and real retraining.
import { beforeAll, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { InvalidInput } from "../../src/errors.ts";
import { curvatureProduct, dampingOf } from "../../src/gradients/kronecker-curvature.ts";
import { measureCurvature } from "../../src/insights/curvature.ts";
import { exampleArrays, openExamples } from "../../src/insights/example-arrays.ts";
import { curvatureInfluence, tracIn } from "../../src/insights/pair-influence.ts";
import { representerPoints } from "../../src/insights/representer-points.ts";
import { packGradients } from "../../src/network/memory.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { openRun } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const data = blobs(60, { spread: 1.2 });
const asked = blobs(7, { spread: 1.2, stream: 1 });
const options = { engine: "wasm" } as const;
let model: Model;

beforeAll(async () => {
  const run = await openRun(defineNetwork([4, 6, 5, 3]), data, { engine: "wasm", threads: 1, epochs: 40 });
  await run.train();
  model = run.model();
  await run.close();
});

/** ∇θ of each row alone, of a batch of one. */
async function gradients(rows: Dataset, machine = {}, of = model): Promise<Float64Array[]> {
  const session = await openExamples(of, rows, { engine: "wasm", ...machine });
  const found: Float64Array[] = [];
  for (let i = 0; i < rows.rows; i++)
    found.push(Float64Array.from(packGradients((await session.gradients(Uint32Array.of(i))).layers)));
  await session.close();
  return found;
}

const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, v, k) => sum + v * y[k]!, 0);

test("TracIn is the inner product of whole gradients, summed over checkpoints by their weights", async () => {
  const [g, h] = [await gradients(data), await gradients(asked)];
  const points = [
    { model, weight: 0.5 },
    { model, weight: 0.25 },
  ];
  const found = await tracIn(points, data, asked, options);
  const scale = Math.max(...found.map(Math.abs));
  for (let j = 0; j < 7; j++)
    for (let i = 0; i < 60; i++)
      expect(Math.abs(found[j * 60 + i]! - 0.75 * dot(g[i]!, h[j]!))).toBeLessThan(1e-5 * scale);
});

test("TracIn counts gains and offsets, with the weights of rows; curvature refuses such a model", async () => {
  const run = await openRun(defineNetwork([4, 6, 6, 3], "tanh", { layerNorm: true, residual: true }), data, {
    ...{ engine: "wasm", threads: 1, epochs: 10 },
  });
  await run.train();
  const normalized = run.model();
  await run.close();
  const weights = Float64Array.from({ length: 60 }, (_, i) => (i % 4) / 2);
  const [g, h] = [await gradients(data, {}, normalized), await gradients(asked, {}, normalized)];
  const found = await tracIn([{ model: normalized, weight: 2 }], { ...data, weights }, asked, options);
  const scale = Math.max(...found.map(Math.abs));
  for (let j = 0; j < 7; j++)
    for (let i = 0; i < 60; i++)
      expect(Math.abs(found[j * 60 + i]! - 2 * weights[i]! * dot(g[i]!, h[j]!))).toBeLessThan(1e-5 * scale);
  await expect(curvatureInfluence(normalized, data, asked)).rejects.toThrow("without layer normalization");
});

test("weights of rows and classes and smoothing are those of the loss that was minimized", async () => {
  const weights = Float64Array.from({ length: 60 }, (_, i) => (i % 4) / 2);
  const minimized = { labelSmoothing: 0.1, classWeights: [1, 2, 0.5] };
  const [g, h] = [await gradients(data, minimized), await gradients(asked)];
  const found = await tracIn([{ model, weight: 1 }], { ...data, weights }, asked, { ...options, ...minimized });
  const scale = Math.max(...found.map(Math.abs));
  for (let i = 0; i < 60; i++) expect(Math.abs(found[i]! - weights[i]! * dot(g[i]!, h[0]!))).toBeLessThan(1e-5 * scale);
});

test("influence with an EK-FAC inverse is that inverse, to the share of it that is left out", async () => {
  const found = await curvatureInfluence(model, data, asked, { ...options, damping: 0.5 });
  const curvatures = await measureCurvature(model, data, undefined, options);
  const arraysOf = async (rows: Dataset) => {
    const session = await openExamples(model, rows, options);
    const { layers } = await exampleArrays(session, { from: 0, count: rows.rows });
    await session.close();
    const row = (values: ArrayLike<number>, i: number) => {
      const cols = values.length / rows.rows;
      return Array.from(values).slice(i * cols, (i + 1) * cols);
    };
    return (i: number) => layers.map(({ input, delta }) => ({ input: row(input, i), delta: row(delta, i) }));
  };
  const [one, other] = [await arraysOf(data), await arraysOf(asked)];
  let [error, size] = [0, 0];
  for (let j = 0; j < 7; j++)
    for (let i = 0; i < 60; i++) {
      const [x, y] = [one(i), other(j)];
      const exact = curvatures.reduce(
        (sum, layer, l) => sum + curvatureProduct(layer, dampingOf(layer, 0.5), x[l]!, y[l]!) / 60,
        0,
      );
      error += (found[j * 60 + i]! - exact) ** 2;
      size += exact ** 2;
    }
  expect(Math.sqrt(error / size)).toBeLessThan(0.03);
});

test("of a model that is at its minimum, influence tells which rows' absence lowers log p", async () => {
  const network = defineNetwork([4, 3]);
  const machine = { engine: "wasm", threads: 1, epochs: 400, batchSize: 60, learningRate: 1 } as const;
  const fit = async (rows: Dataset) => {
    const run = await openRun(network, rows, { ...machine, batchSize: rows.rows, scaling: scaled, weightDecay: 0.01 });
    await run.train();
    const found = run.model();
    await run.close();
    return found;
  };
  const { scaling: scaled } = model;
  const whole = await fit(data);
  const values = await curvatureInfluence(whole, data, asked, { ...options, damping: 0.1 });
  const logP = async (fitted: Model) => {
    const session = await openExamples(fitted, asked, options);
    const { losses } = await session.evaluate(Uint32Array.from({ length: 7 }, (_, j) => j));
    await session.close();
    return losses.map((loss) => -loss);
  };
  const before = await logP(whole);
  const told: number[] = [];
  const seen: number[] = [];
  for (let out = 0; out < 60; out += 4) {
    const kept = Uint32Array.from({ length: 60 }, (_, i) => i).filter((i) => i !== out);
    const without = { ...data, rows: 59, labels: data.labels.filter((_, i) => i !== out), features: pick(data, kept) };
    const after = await logP(await fit(without));
    for (let j = 0; j < 7; j++) {
      told.push(values[j * 60 + out]!);
      seen.push(before[j]! - after[j]!);
    }
  }
  expect(dot(told, seen) / Math.sqrt(dot(told, told) * dot(seen, seen))).toBeGreaterThan(0.9);
});

const pick = ({ features, cols }: Dataset, rows: Uint32Array) =>
  Float64Array.from(
    { length: rows.length * cols },
    (_, at) => features[rows[Math.floor(at / cols)]! * cols + (at % cols)]!,
  );

test("representer values add up to the logits of a last layer that stands at its minimum", async () => {
  const { values, logits, gap, agreement } = await representerPoints(model, data, asked, { ...options, decay: 0.01 });
  for (let j = 0; j < 7; j++)
    expect(values.subarray(60 * j, 60 * j + 60).reduce((x, y) => x + y)).toBeCloseTo(logits[j]!, 4);
  expect(gap).toBeLessThan(1e-4);
  expect(agreement).toBeGreaterThan(0.5);
});

test.each([3, 14])("curvature of %i classes is that of labels by the model's probabilities", async (C) => {
  const many = blobs(400, { classes: C, spread: 2 });
  const run = await openRun(defineNetwork([4, C]), many, { engine: "wasm", threads: 1, epochs: 5 });
  await run.train();
  const fitted = run.model();
  await run.close();
  const [layer] = await measureCurvature(fitted, many, undefined, options);
  const trace = layer!.eigenvalues.reduce((sum, value) => sum + value, 0);
  const session = await openExamples(fitted, many, options);
  const { layers } = await exampleArrays(session, { from: 0, count: 400 });
  await session.close();
  const { probabilities: p } = await predict(fitted, many.features, options);
  let expected = 0; // of (‖x‖² + 1)‖S − e_c‖², which is 1 − 2p_c + ‖S‖²
  for (let i = 0; i < 400; i++) {
    const S = Array.from(p.subarray(C * i, C * i + C));
    const x = layers[0]!.input.subarray(4 * i, 4 * i + 4);
    expected += ((dot(x, x) + 1) * S.reduce((sum, q) => sum + q * (1 - 2 * q + dot(S, S)), 0)) / 400;
  }
  expect(Math.abs(trace / expected - 1)).toBeLessThan(0.05);
});

test("soft targets, one class, no checkpoint and a damping of 0 are refused by name", async () => {
  const soft = { ...data, targets: new Float32Array(180).fill(1 / 3) };
  await expect(tracIn([{ model, weight: 1 }], soft, asked)).rejects.toThrow("the soft targets of blobs");
  const single = { ...model, classes: ["all"] };
  await expect(curvatureInfluence(single, data, asked)).rejects.toThrow("the classes of the model");
  await expect(tracIn([], data, asked)).rejects.toThrow("checkpoints must be one or more");
  await expect(curvatureInfluence(model, data, asked, { damping: 0 })).rejects.toThrow(InvalidInput);
  await expect(representerPoints(model, data, asked, { decay: 0 })).rejects.toThrow(
    "decay must be a finite number > 0",
  );
});

test("an abort rejects with its reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(curvatureInfluence(model, data, asked, { ...options, signal })).rejects.toThrow("enough");
});
