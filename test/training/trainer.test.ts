import { expect, test } from "vitest";
import { drawPart } from "../../src/data/digits/digits.ts";
import { InvalidInput } from "../../src/errors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { DEFAULTS, resolveOptions } from "../../src/training/defaults.ts";
import { evaluate, predict } from "../../src/training/evaluate.ts";
import { type TrainOptions, train } from "../../src/training/trainer.ts";
import { Diverged, hashOf, type TrainEvent } from "../../src/training/training-result.ts";
import { blobs } from "./blobs.ts";

const network = defineNetwork([4, 8, 3]);
const data = { train: blobs(90), test: blobs(60, { stream: 1 }) };
const quick: TrainOptions = {
  optimizer: "sgd",
  schedule: "constant",
  epochs: 4,
  batchSize: 16,
  engine: "reference",
};

test("training learns, and says after every epoch which parameters it had", async () => {
  const events: TrainEvent[] = [];
  const trained = await train(network, data, { ...quick, epochs: 8, onEvent: (event) => events.push(event) });
  expect(trained.test?.accuracy).toBeGreaterThan(0.9);
  expect(trained.epochs.map((e) => [e.epoch, e.steps])).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((e) => [e, 6 * e]));
  expect(trained.epochs.at(-1)?.parametersSha256).toBe(trained.parametersSha256);
  expect(await hashOf(trained.model.parameters)).toBe(trained.parametersSha256);
  expect(new Set(trained.epochs.map((e) => e.parametersSha256)).size).toBe(8);
  expect(events.filter(({ event }) => event === "epoch").map(({ event: _, ...record }) => record)).toEqual(
    trained.epochs,
  );
  expect(trained.stopReason).toBe("finished");
});

test("the same seed gives the same bits on any number of threads, another seed does not", async () => {
  const digest = async (options: TrainOptions) =>
    (await train(network, data, { ...quick, ...options })).parametersSha256;
  const one = await digest({});
  expect(await digest({})).toBe(one);
  expect(await digest({ threads: 3 })).toBe(one);
  expect(await digest({ engine: "auto" })).toBe(one);
  expect(await digest({ seed: 2 })).not.toBe(one);
});

test("parameters equal plain descent written out by hand in float64, to float32 rounding", async () => {
  // one layer, one batch an epoch, two classes: W ← W − η Xᵀ(S − Y)/B, b ← b − η mean(S − Y), and rows commute in a
  // whole batch
  const set = blobs(12, { cols: 2, classes: 2 });
  const linear = defineNetwork([2, 2]);
  const { model } = await train(linear, set, { ...quick, epochs: 5, batchSize: 12, learningRate: 0.5 });
  const { mean, deviation } = model.scaling as Extract<typeof model.scaling, { kind: "standardize" }>;
  const θ = Float64Array.from(initialize(linear, "he", 1));
  for (let step = 0; step < 5; step++) {
    const g = new Float64Array(6);
    for (let i = 0; i < 12; i++) {
      const x = [0, 1].map((j) => (set.features[2 * i + j]! - mean[j]!) / deviation[j]!);
      const z = [0, 1].map((c) => x[0]! * θ[c]! + x[1]! * θ[2 + c]! + θ[4 + c]!);
      const p = 1 / (1 + Math.exp(z[1]! - z[0]!));
      [p, 1 - p].forEach((s, c) => {
        const δ = s - (set.labels[i] === c ? 1 : 0);
        g[c]! += (x[0]! * δ) / 12;
        g[2 + c]! += (x[1]! * δ) / 12;
        g[4 + c]! += δ / 12;
      });
    }
    g.forEach((value, i) => {
      θ[i]! -= 0.5 * value;
    });
  }
  θ.forEach((value, i) => {
    expect(model.parameters[i]).toBeCloseTo(value, 5);
  });
});

test("the scaling is that of the training rows, without the validation rows", async () => {
  const { model } = await train(network, data, { ...quick, epochs: 1, validation: 0.5 });
  const whole = await train(network, data, { ...quick, epochs: 1 });
  expect(model.scaling.kind).toBe("standardize");
  expect(model.scaling).not.toEqual(whole.model.scaling);
});

test("test figures are the plain cross-entropy, whatever smoothing and weights were trained with", async () => {
  const options = { ...quick, labelSmoothing: 0.2, classWeights: [3, 1, 0.5] };
  const { model, test: figures, epochs } = await train(network, { ...data, validation: data.test }, options);
  expect(figures).toEqual(await evaluate(model, data.test, { engine: "reference" }));
  expect(epochs.at(-1)?.validationLoss).toBe(figures?.loss);
});

test("patience keeps the parameters of the lowest validation loss and stops that many epochs later", async () => {
  const hard = blobs(60, { spread: 3 });
  const options = { ...quick, epochs: 200, learningRate: 0.5, patience: 3, validation: 0.3 };
  const { stopReason, keptEpoch, epochs, parametersSha256 } = await train(network, hard, options);
  const losses = epochs.map((e) => e.validationLoss!);
  expect(stopReason).toBe("early");
  expect(losses.indexOf(Math.min(...losses)) + 1).toBe(keptEpoch);
  expect(epochs.length).toBe(keptEpoch + 3);
  expect(parametersSha256).toBe(epochs[keptEpoch - 1]!.parametersSha256);
  expect(epochs.filter((e) => e.best).at(-1)?.epoch).toBe(keptEpoch);
});

test("numbers that run away stop the run, name step and layer, and leave finite parameters", async () => {
  const failure = await train(network, data, { ...quick, learningRate: 1e30 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Diverged);
  const { message, kept, exit } = failure as Diverged;
  expect(exit).toBe(4);
  expect(message).toMatch(/at step \d+ \(epoch 1, learning rate 1e\+30\)/);
  expect(message).toMatch(/layer \d/);
  expect(kept.keptEpoch).toBe(0);
  expect(kept.model.parameters).toEqual(initialize(network, "he", 1));
});

test("numbers that run away late leave the best epoch before that", async () => {
  // each step multiplies the weights by 1 − ηλ ≈ −1500, so float32 ends after some 12 steps: in epoch 2 or 3 of 6 steps
  const options = { ...quick, epochs: 6, weightDecay: 15_000 };
  const failure = await train(defineNetwork([4, 3]), data, options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Diverged);
  const { kept } = failure as Diverged;
  expect(kept.keptEpoch).toBe(1);
  expect(kept.parametersSha256).toBe(kept.epochs[0]!.parametersSha256);
  expect(kept.model.parameters.every(Number.isFinite)).toBe(true);
});

test("an abort ends the run with the parameters it had", async () => {
  const stop = new AbortController();
  const onEvent = (event: TrainEvent) => {
    if (event.event === "epoch" && event.epoch === 2) stop.abort();
  };
  const {
    stopReason,
    epochs,
    keptEpoch,
    parametersSha256,
    test: figures,
  } = await train(network, data, {
    ...quick,
    onEvent,
    signal: stop.signal,
  });
  expect([stopReason, epochs.length, keptEpoch, figures]).toEqual(["interrupted", 2, 2, null]);
  expect(parametersSha256).toBe(epochs[1]!.parametersSha256);
});

test("balanced weights are those of the formula N/(C·n_c)", async () => {
  const uneven = { ...data.train, labels: data.train.labels.map((_, i) => (i < 60 ? 0 : i < 75 ? 1 : 2)) };
  const digest = async (classWeights: "balanced" | number[]) =>
    (await train(network, uneven, { ...quick, classWeights })).parametersSha256;
  expect(await digest("balanced")).toBe(await digest([90 / (3 * 60), 90 / (3 * 15), 90 / (3 * 15)]));
});

test("soft targets of 0 and 1 train the same bits as labels", async () => {
  const soft = (set: typeof data.train) => {
    const targets = new Float32Array(set.rows * 3);
    set.labels.forEach((label, i) => {
      targets[3 * i + label] = 1;
    });
    return { ...set, targets };
  };
  const hard = await train(network, data, quick);
  const other = await train(network, { train: soft(data.train), test: soft(data.test) }, quick);
  expect(other.parametersSha256).toBe(hard.parametersSha256);
  expect(other.test).toEqual(hard.test);
});

test("images stay bytes and predictions agree with evaluation", async () => {
  const images = { train: drawPart(1, "train", 200), test: drawPart(1, "test", 50) };
  const { model, test: figures } = await train(defineNetwork([784, 16, 10]), images, { ...quick, epochs: 2 });
  expect(model.scaling).toEqual({ kind: "divide", by: 255 });
  const { classes, probabilities } = await predict(model, images.test.features, { engine: "reference" });
  const hits = classes.filter((c, i) => c === images.test.labels[i]).length;
  expect(hits / 50).toBe(figures?.accuracy);
  for (let i = 0; i < 50; i++) {
    const row = probabilities.subarray(10 * i, 10 * i + 10);
    expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
    expect(Math.max(...row)).toBe(row[classes[i]!]);
  }
});

test("columns and classes are matched by name, and what is missing is refused", async () => {
  const names = ["a", "b", "c", "d"];
  const set = { ...data.train, featureNames: names };
  const { model } = await train(network, set, quick);
  const known = await evaluate(model, set);
  const turned: typeof set = {
    ...set,
    featureNames: ["d", "extra", "a", "c", "b"],
    cols: 5,
    features: Float64Array.from({ length: 450 }, (_, k) => {
      const from = [3, -1, 0, 2, 1][k % 5]!;
      return from < 0 ? 7 : set.features[4 * Math.floor(k / 5) + from]!;
    }),
    classes: [...set.classes].reverse(),
    labels: set.labels.map((label) => 2 - label),
  };
  expect(await evaluate(model, turned)).toEqual(known);
  await expect(evaluate(model, { ...set, featureNames: ["a", "b", "c", "e"] })).rejects.toThrow(/"d"/);
  await expect(evaluate(model, { ...set, classes: ["kind 0", "kind 1", "kind 9"] })).rejects.toThrow(/"kind 9"/);
});

test("nonsense is refused before any work", async () => {
  const refuse = (options: object, what: string) =>
    expect(train(network, data, { ...quick, ...options })).rejects.toThrow(
      expect.objectContaining({ constructor: InvalidInput, message: expect.stringContaining(what) }),
    );
  await refuse({ epochs: 0 }, "epochs");
  await refuse({ epochs: 1.5 }, "epochs");
  await refuse({ batchSize: Number.NaN }, "batchSize");
  await refuse({ learningRate: 1e39 }, "learningRate");
  await refuse({ learningRate: 0 }, "learningRate");
  await refuse({ warmupEpochs: 5 }, "warmupEpochs");
  await refuse({ validation: 1 }, "validation");
  await refuse({ patience: 2, validation: 0 }, "validation");
  await refuse({ seed: -1 }, "seed");
  await refuse({ classWeights: [1, 2] }, "classWeights");
  await refuse({ classWeights: [0, 0, 0] }, "classWeights must be at least one number > 0");
  await refuse({ classWeights: [1, 1e39, 1] }, "classWeights[1]");
  await refuse({ labelSmoothing: 1 }, "labelSmoothing");
  await refuse({ engine: "abacus" }, "engine");
  await expect(train(defineNetwork([5, 3]), data, quick)).rejects.toThrow(
    "the network's inputs must be 4, the number of features",
  );
  await expect(train(defineNetwork([4, 2]), data, quick)).rejects.toThrow(
    "the network's outputs must be 3, the number of classes",
  );
});

const table = (rows: number) => ({ rows, classes: 3, bytes: false });
const images = (rows: number) => ({ rows, classes: 10, bytes: true });

test("tables and few images get AdamW, and many images the note's setting", () => {
  const adamw = { optimizer: "adamw", learningRate: 0.003, weightDecay: 1, schedule: "cosine", batchSize: 32 };
  expect(resolveOptions({}, table(6))).toMatchObject({ ...adamw, epochs: 600 });
  expect(resolveOptions({}, table(900))).toMatchObject({ ...adamw, epochs: 100 });
  expect(resolveOptions({}, table(4000))).toMatchObject({ ...adamw, epochs: 40 });
  expect(resolveOptions({}, table(1_000_000))).toMatchObject({ ...adamw, epochs: 10 });
  expect(resolveOptions({}, { ...table(90), classes: 26 }).weightDecay).toBe(10 / 26);
  expect(resolveOptions({}, images(9999))).toMatchObject(adamw);
  expect(resolveOptions({}, images(10_000))).toEqual(DEFAULTS);
  expect(DEFAULTS).toMatchObject({ optimizer: "sgd", learningRate: 0.2, weightDecay: 0, batchSize: 64, epochs: 10 });
});

test("each optimizer has its own rate and decay, and what the caller says holds", () => {
  const told = { batchSize: 64, epochs: 2, initialization: "glorot", weightDecay: 0, learningRate: 0.3 } as const;
  expect(resolveOptions(told, table(90))).toMatchObject(told);
  expect(resolveOptions({ batchSize: 1 }, table(90)).epochs).toBe(56);
  expect(resolveOptions({ optimizer: "adam" }, table(90))).toMatchObject({ learningRate: 0.002, weightDecay: 0 });
  expect(resolveOptions({ optimizer: "adamw" }, images(10_000))).toMatchObject({ learningRate: 0.003, weightDecay: 0 });
  expect(resolveOptions({ schedule: "constant" }, images(10_000)).learningRate).toBe(0.1);
  expect(resolveOptions({ patience: 3 }, table(90)).validation).toBe(0.1);
  const momentum = resolveOptions({ optimizer: "momentum" }, table(90));
  expect(resolveOptions(momentum, images(60_000))).toEqual(momentum);
});

test("a learning rate without an optimizer is one of plain descent", () => {
  expect(resolveOptions({ learningRate: 0.1 }, table(90))).toMatchObject({ optimizer: "sgd", weightDecay: 0 });
  expect(resolveOptions({ learningRate: 0.01, optimizer: "adamw" }, table(90)).optimizer).toBe("adamw");
});
