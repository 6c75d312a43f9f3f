// Batches from a stream: the bits of train on the same rows in the same order, one small session, abort, refusals.

import { expect, test } from "vitest";
import { openTrainer } from "../../src/classifier/batch-trainer.ts";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { fit } from "../../src/classifier/fit.ts";
import type { TrainerOptions } from "../../src/classifier/trainer-options.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { fitScaling } from "../../src/data/scaling.ts";
import { numbersFrom } from "../../src/data/stored/row-store.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { mixesOf } from "../../src/training/mixup.ts";
import { modelParameters } from "../../src/training/model-parameters.ts";
import { optimizerCoefficients } from "../../src/training/optimizer.ts";
import { openRun } from "../../src/training/trainer.ts";
import { COLUMNS, flowers } from "./flowers.ts";

const CLASSES = ["setosa", "versicolor", "virginica"];
const whole = flowers(1500);
const data = fromArrays(whole.X, whole.y, { columns: COLUMNS });
const scaling = fitScaling(data);
const base = { columns: COLUMNS, classes: CLASSES, hidden: [8], optimizer: "adam", batchSize: 16 } as const;

/** The rows of `data` in batches of `size`, one after another. */
async function* stream(size: number) {
  for (let at = 0; at < 1500; at += size)
    yield fromArrays(whole.X.slice(at, at + size), whole.y.slice(at, at + size), {
      columns: COLUMNS,
      classes: CLASSES,
    });
}

test("a stream of batches gives the bits of one session over all rows, whatever the batches' sizes", async () => {
  const run = await openRun(classifierOf((await fit(data, { hidden: [8], epochs: 1 })).model).network, data, {
    optimizer: "adam",
    batchSize: 16,
    initialization: "he",
    weightDecay: 0,
  });
  const rates = new Float64Array(94).fill(0.001);
  await run.session.train(numbersFrom(0, 1500), optimizerCoefficients(run.options, rates, 1));
  const expected = run.session.readParameters();
  await run.close();
  for (const size of [16, 320, 1488]) {
    await using trainer = await openTrainer({ ...base, scaling });
    let steps = 0;
    for await (const batch of stream(size)) steps += (await trainer.partialFit(batch)).steps;
    expect([steps, trainer.steps]).toEqual([94, 94]);
    expect(trainer.classifier().model.parameters).toEqual(expected);
  }
});

test("the options of a step do in a stream what they do in one session over all rows", async () => {
  const bounds = {
    clipNorm: 0.5,
    l1: 0.001,
    maxNorm: 2,
    dropout: 0.3,
    inputDropout: 0.1,
    inputNoise: 0.1,
    mixup: 0.4,
    averageDecay: 0.9,
    frontScale: 6,
  };
  const options = { optimizer: "adam", batchSize: 16, weightDecay: 0, ...bounds } as const;
  const { network } = classifierOf((await fit(data, { hidden: [8], epochs: 1 })).model);
  const run = await openRun(network, data, options);
  const rates = new Float64Array(94).fill(0.001);
  const coefficients = optimizerCoefficients(run.options, rates, 1);
  await run.session.train(numbersFrom(0, 1500), coefficients, undefined, {
    epoch: 1,
    mixes: mixesOf({ mixup: 0.4, batchSize: 16 }, run.options.seed, 1, 0, 1500),
  });
  const expected = modelParameters(run.session, run.options, 94);
  await run.close();
  for (const size of [16, 320]) {
    await using trainer = await openTrainer({ ...base, ...bounds, scaling });
    for await (const batch of stream(size)) await trainer.partialFit(batch);
    expect(trainer.classifier().model.parameters).toEqual(expected);
  }
  await expect(openTrainer({ ...base, scaling, dropout: 1 })).rejects.toThrow(/dropout must be a number in \(0, 1\)/);
});

test("it learns, says how well, matches names, and goes on from what it made", async () => {
  const learned = await openTrainer({ ...base, scaling: "standardize", sample: data });
  const figures = [];
  for (let pass = 0; pass < 9; pass++)
    for await (const batch of stream(300)) figures.push(await learned.partialFit(batch));
  expect(figures.at(-1)!.loss).toBeLessThan(figures[0]!.loss);
  expect(figures.at(-1)).toMatchObject({ rows: 300, steps: 19 });
  const model = learned.classifier();
  await learned.close();
  expect((await model.evaluate(data)).accuracy).toBeGreaterThan(0.95);
  await using further = await openTrainer({ from: model, learningRate: 1e-12 });
  const turned = fromArrays(
    whole.X.map((row) => row.toReversed()),
    whole.y,
    { columns: COLUMNS.toReversed() },
  );
  expect((await further.partialFit(turned)).accuracy).toBe((await model.evaluate(data)).accuracy);
});

test("bytes are divided as the engines divide them", async () => {
  const bytes = Uint8Array.from({ length: 640 }, (_, k) => (k * 37) % 256);
  const pictures = fromArrays(
    bytes,
    Array.from({ length: 160 }, (_, i) => i % 2),
  );
  const options = { hidden: [5], optimizer: "sgd", batchSize: 160, initialization: "he", weightDecay: 0 } as const;
  const { model } = await fit(pictures, { ...options, epochs: 1, schedule: () => 0.1 });
  await using trainer = await openTrainer({ ...options, features: 4, classes: ["0", "1"], scaling: "divide" });
  const order = fromArrays(
    bytes,
    Array.from({ length: 160 }, (_, i) => i % 2),
  );
  await trainer.partialFit(order);
  trainer.classifier().model.parameters.forEach((value, k) => {
    expect(value).toBeCloseTo(model.parameters[k]!, 5); // the same rows in another order
  });
});

test("soft targets, weights, smoothing and a schedule give the bits of one session with all of them", async () => {
  const soft = whole.y.map((name) => CLASSES.map((one) => (one === name ? 0.7 : 0.15)));
  const weights = whole.y.map((_, i) => (i % 5) / 2);
  const options = { optimizer: "adam", batchSize: 16, labelSmoothing: 0.1 } as const;
  const schedule = (step: number) => 0.002 / (1 + step);
  const all = fromArrays(whole.X, soft, { columns: COLUMNS, classes: CLASSES, weights });
  const network = defineNetwork([4, 8, 3]);
  const run = await openRun(network, all, { ...options, initialization: "he", weightDecay: 0 });
  const rates = Float64Array.from({ length: 94 }, (_, step) => schedule(step));
  const { losses } = await run.session.train(numbersFrom(0, 1500), optimizerCoefficients(run.options, rates, 1));
  const expected = run.session.readParameters();
  await run.close();
  await using trainer = await openTrainer({ ...base, ...options, scaling, schedule });
  const got: number[] = [];
  for (let at = 0; at < 1500; at += 160) {
    const [X, y] = [whole.X.slice(at, at + 160), soft.slice(at, at + 160)];
    // classes in another order are matched by name
    const turned = y.map((row) => row.toReversed());
    const given = { columns: COLUMNS, classes: CLASSES.toReversed(), weights: weights.slice(at, at + 160) };
    const { loss, rows } = await trainer.partialFit(fromArrays(X, turned, given));
    got.push(loss * rows);
  }
  expect(trainer.classifier().model.parameters).toEqual(expected);
  expect(got.reduce((a, b) => a + b)).toBeCloseTo(
    losses.reduce((a, b) => a + b),
    8,
  );
});

test("a schedule that gives no rate is refused before its step", async () => {
  await using trainer = await openTrainer({ ...base, scaling, schedule: (step) => (step < 20 ? 0.1 : -1) });
  await expect(trainer.partialFit(data)).rejects.toThrow(/^schedule\(20\) must be a finite number ≥ 0, got -1/);
  expect(trainer.steps).toBe(16);
});

test("an abort rejects with its reason and keeps the steps done; calls that overlap wait", async () => {
  const reason = new Error("enough");
  await using trainer = await openTrainer({ ...base, scaling });
  await expect(trainer.partialFit(data, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(trainer.steps).toBe(0);
  await Promise.all([trainer.partialFit(data), trainer.partialFit(data)]);
  expect(trainer.steps).toBe(188);
});

test("a loss that is not finite stops before its step is applied", async () => {
  await using trainer = await openTrainer({ ...base, optimizer: "sgd", scaling: "none", learningRate: 1e38 });
  await expect(trainer.partialFit(data)).rejects.toMatchObject({ code: "NOT_FINITE" });
});

test.each<[string, Partial<TrainerOptions> & Record<string, unknown>, RegExp]>([
  ["no scaling", {}, /^scaling must be "none", "divide", .* A stream is never seen whole/],
  ["standardize without a sample", { scaling: "standardize" }, /^sample must be rows to fit "standardize" on/],
  ["no classes", { scaling: "none", classes: undefined }, /^classes must be the names of at least two classes/],
  ["no columns", { scaling: "none", columns: undefined }, /^features must be the number of columns/],
  ["a named schedule", { scaling: "none", schedule: "cosine" as never }, /^schedule must be a function of the step/],
  ["epochs", { scaling: "none", epochs: 3 }, /^openTrainer has no option "epochs"/],
])("refused: %s", async (_, options, message) => {
  await expect(openTrainer({ ...base, ...options } as TrainerOptions)).rejects.toThrow(message);
});

test("a batch with a class or a column that is unknown is refused before any step", async () => {
  await using trainer = await openTrainer({ ...base, scaling });
  const other = (columns: string[], y: string[]) => fromArrays(whole.X.slice(0, 2), y, { columns });
  await expect(trainer.partialFit(other(COLUMNS, ["setosa", "rosa"]))).rejects.toMatchObject({ code: "UNKNOWN_CLASS" });
  await expect(trainer.partialFit(other(["a", "b", "c", "d"], ["setosa", "virginica"]))).rejects.toMatchObject({
    code: "WRONG_COLUMNS",
  });
  const bad = { ...data, weights: new Float64Array(1500).fill(-1) };
  await expect(trainer.partialFit(bad)).rejects.toThrow(/^weights\[0\] must be a finite number ≥ 0/);
  expect(trainer.steps).toBe(0);
});

test("a batch of many rows is taken whole", async () => {
  const rows = 200_000;
  const X = Float32Array.from({ length: rows }, (_, i) => (i % 2) - 0.5);
  const y = Array.from({ length: rows }, (_, i) => (i % 2 ? "odd" : "even"));
  const given = { columns: ["x"], classes: ["even", "odd"], scaling: "none", hidden: [1], batchSize: 20_000 } as const;
  await using trainer = await openTrainer({ ...given, engine: "wasm", threads: 1 });
  expect(await trainer.partialFit(fromArrays(X, y, { columns: ["x"] }))).toMatchObject({ steps: 10, rows });
});

test.each([
  { loss: "gaussian", task: "regress" },
  { loss: { name: "focal", gamma: 1 }, task: "multilabel", labelSmoothing: 0.1 },
] as const)("numbers and labels from a stream give the bits of one session, too: %j", async ({ task, ...learned }) => {
  const names = ["left", "right"];
  const y = whole.X.map(([a, b]) => (task === "regress" ? [100 * a!, b! - 5] : [Number(a! > 5.8), Number(b! > 3)]));
  const weights = whole.X.map((_, i) => (i % 3) / 2);
  const make = (from: number, to: number) =>
    fromArrays(whole.X.slice(from, to), y.slice(from, to), {
      task,
      classes: names,
      columns: COLUMNS,
      weights: weights.slice(from, to),
    });
  const all = make(0, 1500);
  const shape = { optimizer: "adam", batchSize: 16, weightDecay: 0, ...learned } as const;
  const network = defineNetwork([4, 8, 6, task === "regress" ? 4 : 2], ["gelu", "tanh"]);
  const run = await openRun(network, all, { ...shape, seed: 1 });
  const rates = new Float64Array(94).fill(0.001);
  await run.session.train(numbersFrom(0, 1500), optimizerCoefficients(run.options, rates, 1));
  const { parameters, targetScaling } = run.model();
  await run.close();
  const options = {
    ...shape,
    columns: COLUMNS,
    classes: names,
    hidden: [8, 6],
    activations: ["gelu", "tanh"],
  } as const;
  await using trainer = await openTrainer({ ...options, scaling, targetScaling });
  for (let at = 0; at < 1500; at += 320) {
    const { accuracy, loss } = await trainer.partialFit(make(at, Math.min(1500, at + 320)));
    expect([accuracy, Number.isFinite(loss)]).toEqual([null, true]);
  }
  const model = trainer.valueModel();
  expect(model.model.parameters).toEqual(parameters);
  expect(() => trainer.classifier()).toThrow(/a classifier needs a model of classes/);
  await using further = await openTrainer({ from: model, learningRate: 1e-12 });
  await further.partialFit(make(0, 16));
  expect(further.valueModel().predict(whole.X[0]!).values.left).toBeCloseTo(model.predict(whole.X[0]!).values.left!, 4);
  await expect(further.partialFit(data)).rejects.toThrow(/has classes to learn; this model answers with/);
});

test("what a trainer of numbers cannot take is refused in words", async () => {
  const options = { ...base, scaling, classes: ["price"] };
  await expect(
    openTrainer({ ...options, loss: "poisson", targetScaling: { mean: [0], deviation: [1] } }),
  ).rejects.toThrow(/targetScaling must be left out with poisson/);
  await expect(
    openTrainer({ ...options, loss: "huber", targetScaling: { mean: [0, 1], deviation: [1] } }),
  ).rejects.toThrow(/targetScaling must be mean and deviation of 1 targets/);
  await using trainer = await openTrainer({ ...options, loss: "poisson" });
  const negative = fromArrays([[1, 2, 3, 4]], [-1], { task: "regress", classes: ["price"] });
  await expect(trainer.partialFit(negative)).rejects.toThrow(/targets\[0, 0\] must be a finite number ≥ 0/);
});
