// fit: data to a classifier, early stopping, going on from a model, weights, schedules, metrics, and what is refused.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Classifier } from "../../src/classifier/classifier.ts";
import { fit } from "../../src/classifier/fit.ts";
import type { FitOptions } from "../../src/classifier/fit-options.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { fromRows } from "../../src/data/from-rows.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { load, save } from "../../src/node.ts";
import { train } from "../../src/training/trainer.ts";
import { COLUMNS, flowers } from "./flowers.ts";

const { X, y } = flowers(240);
const data = fromArrays(X, y, { columns: COLUMNS });
const quick = { hidden: [8], epochs: 3 } as const;

test("the task of a data scientist in eight lines: arrays, early stopping, names, save, load, learn on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "face-"));
  const file = join(folder, "flowers.safetensors");
  const fresh = flowers(90, 1);
  try {
    const model = await fit(fromArrays(X, y), { validation: 0.1, patience: 5 });
    const { label, probabilities } = model.predict(X[0]!);
    await save(model, file);
    const back = await load(file);
    const better = await fit(fromArrays(fresh.X, fresh.y), { from: back, epochs: 3 });
    expect(label).toBe(y[0]);
    expect(Object.keys(probabilities)).toEqual(["setosa", "versicolor", "virginica"]);
    expect(back.predict(X[0]!)).toEqual(model.predict(X[0]!));
    expect((await better.evaluate(data)).accuracy).toBeGreaterThan(0.9);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("fit has the bits of train with the same network, options and splits", async () => {
  const model = await fit({ train: data, test: data }, { ...quick, optimizer: "adam", seed: 7, patience: 2 });
  const options = { epochs: 3, optimizer: "adam", seed: 7, patience: 2 } as const;
  const result = await train(defineNetwork([4, 8, 3]), { train: data, test: data }, options);
  expect(model.model.parameters).toEqual(result.model.parameters);
  expect(model.history.map((epoch) => epoch.parametersSha256)).toEqual(
    result.epochs.map((epoch) => epoch.parametersSha256),
  );
  expect([model.stopReason, model.bestEpoch, model.test]).toEqual([result.stopReason, result.keptEpoch, result.test]);
});

test("scaling can be chosen, and undefined is the default", async () => {
  const kinds = await Promise.all(
    [undefined, "none", "divide", "standardize"].map((scaling) =>
      fit(data, { ...quick, epochs: 1, learningRate: 1e-6, scaling: scaling as FitOptions["scaling"] }),
    ),
  );
  expect(kinds.map(({ model }) => model.scaling.kind)).toEqual(["standardize", "none", "divide", "standardize"]);
});

test("a model that learns on keeps its scaling: rows of another spread cost it no accuracy", async () => {
  const model = await fit(data, { hidden: [16] });
  const before = await model.evaluate(data);
  const few = fromArrays(
    X.slice(0, 30).map(([sl, ...rest]) => [sl! + 40_000, ...rest]),
    y.slice(0, 30),
    { columns: COLUMNS },
  );
  const after = await fit(few, { from: model, epochs: 1, learningRate: 1e-12 });
  expect(after.model.scaling).toEqual(model.model.scaling);
  expect((await after.evaluate(data)).accuracy).toBe(before.accuracy);
});

test("going on matches classes and columns by name", async () => {
  const model = await fit(data, quick);
  const rows = X.map(([sl, sw, pl, pw], i) => ({ kind: y[i], pw, pl, sw, sl }));
  const turned = fromRows(rows, { label: "kind", classes: ["virginica", "setosa", "versicolor"] });
  const straight = await fit(data, { from: model, epochs: 1 });
  const other = await fit(turned, { from: model.model, epochs: 1 });
  expect(other.model.parameters).toEqual(straight.model.parameters);
  expect(other.classes).toEqual(model.classes);
  expect(other.columns).toEqual(COLUMNS);
});

test("a new class widens the last layer behind the model's own, whose answers stay until it is trained", async () => {
  const model = await fit(data, { ...quick, epochs: 5 });
  const labels = y.map((name, i) => (i % 20 === 3 ? "rosa" : name));
  const more = fromArrays(X, labels, { columns: COLUMNS });
  const still = await fit(more, { from: model, epochs: 1, optimizer: "sgd", learningRate: 1e-12 });
  expect([model.classes, still.classes]).toEqual([
    ["setosa", "versicolor", "virginica"],
    [...model.classes, "rosa"],
  ]);
  expect(still.model.network.layers).toEqual([4, 8, 4]);
  const [before, after] = [model.predict(X[0]!), still.predict(X[0]!)];
  const share = (answer: typeof before, name: string) => answer.probabilities[name]! / answer.probabilities.setosa!;
  expect(share(after, "virginica")).toBeCloseTo(share(before, "virginica"), 6);
  const grown = await fit(more, { from: model, epochs: 60, learningRate: 0.01, optimizer: "adam" });
  const answers = await grown.predictMany(X);
  const found = answers.labels.filter((label, i) => label === labels[i]).length;
  expect(found / X.length).toBeGreaterThan(0.85);
  const rosa = answers.classes.indexOf("rosa"); // a twentieth of the rows of every kind, at random
  const shares = labels.map((_, i) => answers.probabilities[i * 4 + rosa]!);
  expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeCloseTo(0.05, 1);
});

test("groups and times of rows decide which of them validate", async () => {
  const few = fromArrays(
    Float64Array.from({ length: 40 }, (_, i) => i),
    Array.from({ length: 40 }, (_, i) => i % 2),
  );
  const labels: number[] = [];
  const metric = (rows: { readonly labels: Int32Array }) => labels.push(rows.labels.length);
  const options = { hidden: [2], epochs: 1, patience: 1, validation: 0.1, metric };
  await fit(few, { ...options, groups: Array.from({ length: 40 }, (_, i) => `g${i >> 3}`) });
  await fit(few, { ...options, times: Array.from({ length: 40 }, (_, i) => Math.floor(i / 7)) });
  expect(labels).toEqual([8, 5]);
  await expect(fit(few, { ...options, groups: new Int8Array(40) })).rejects.toThrow("all rows are of one group");
});

test("weights of rows act like copies of the rows, weight 0 like their absence", async () => {
  const one = { layers: [4, 3], scaling: "none", epochs: 1, batchSize: 240, weightDecay: 0 } as const;
  const few = fromArrays(
    X.map((row) => row.map((x) => x / 1e4)),
    y,
  );
  const doubled = await fit(few, { ...one, weights: new Float64Array(240).fill(2), learningRate: 0.1 });
  const faster = await fit(few, { ...one, learningRate: 0.2 });
  doubled.model.parameters.forEach((value, k) => {
    expect(value).toBeCloseTo(faster.model.parameters[k]!, 6);
  });
  const still = await fit(few, { ...one, weights: new Float64Array(240), labelSmoothing: 0.1, optimizer: "sgd" });
  const start = await fit(few, { ...one, schedule: () => 0 });
  expect(still.model.parameters).toEqual(start.model.parameters);
});

test("weights leave validation alone and go with their rows into the split", async () => {
  const weights = Float64Array.from(y, () => 3);
  const plain = await fit(data, { ...quick, validation: 0.2, epochs: 1, learningRate: 1e-12 });
  const weighted = await fit({ ...data, weights } as never, {
    ...quick,
    validation: 0.2,
    epochs: 1,
    learningRate: 1e-12,
  });
  expect(weighted.history[0]!.validationLoss).toBe(plain.history[0]!.validationLoss);
  expect(weighted.history[0]!.trainLoss).toBeCloseTo(3 * plain.history[0]!.trainLoss!, 5);
});

test("class weights by name are those by position", async () => {
  const byName = await fit(data, { ...quick, classWeights: { versicolor: 3 } });
  const byPlace = await fit(data, { ...quick, classWeights: [1, 3, 1] });
  expect(byName.model.parameters).toEqual(byPlace.model.parameters);
});

test("a schedule can be a function, asked for every step", async () => {
  const asked: number[][] = [];
  const schedule = (epoch: number, step: number, steps: number) => {
    asked.push([epoch, step, steps]);
    return epoch === 1 ? 0.1 : 0;
  };
  const model = await fit(data, { ...quick, batchSize: 60, epochs: 2, weightDecay: 0, schedule });
  expect(asked.slice(0, 5)).toEqual([
    [1, 0, 4],
    [1, 1, 4],
    [1, 2, 4],
    [1, 3, 4],
    [2, 0, 4],
  ]);
  expect(model.history.map(({ learningRate }) => learningRate)).toEqual([0.1, 0]);
  expect(model.history[1]!.parametersSha256).toBe(model.history[0]!.parametersSha256);
});

test("a metric of one's own decides which epoch is best", async () => {
  const scores = [0.2, 0.9, 0.5, 0.4];
  let epoch = 0;
  const model = await fit(data, {
    ...quick,
    epochs: 10,
    patience: 2,
    metric: ({ labels, predictions, probabilities, classes }) => {
      expect([labels.length, predictions.length, probabilities.length, classes.length]).toEqual([24, 24, 72, 3]);
      return scores[epoch++]!;
    },
  });
  expect([model.stopReason, model.bestEpoch, epoch]).toEqual(["early", 2, 4]);
});

test("onEpoch is awaited, sees the model, and may stop the run", async () => {
  const seen: (number | string)[] = [];
  const model = await fit(data, {
    ...quick,
    epochs: 9,
    onEpoch: async ({ epoch, trainLoss, model: current }) => {
      seen.push(epoch);
      await new Promise((resolve) => setTimeout(resolve));
      seen.push("end");
      expect(current().parameters).toHaveLength(67);
      expect(trainLoss).toBeGreaterThan(0);
      return epoch === 2 ? "stop" : undefined;
    },
  });
  expect(seen).toEqual([1, "end", 2, "end"]);
  expect([model.stopReason, model.history.length]).toEqual(["onEpoch", 2]);
});

test("what onEpoch throws rejects fit", async () => {
  const failure = new Error("no disk");
  await expect(fit(data, { ...quick, onEpoch: () => Promise.reject(failure) })).rejects.toBe(failure);
});

test("an asynchronous onEvent is refused at the start: nothing would await it", async () => {
  const asked = { epochs: 1, onEvent: async () => Promise.reject(new Error("no disk")) };
  await expect(fit(data, asked)).rejects.toMatchObject({
    name: "InvalidInput",
    reason: expect.stringMatching(/onEvent.*onEpoch/s),
  });
  await expect(fit(data, { onEvent: 7 as never })).rejects.toMatchObject({
    reason: expect.stringMatching(/onEvent must be a function/),
  });
});

test("an abort ends with the parameters so far; a signal aborted already rejects with its reason", async () => {
  const reason = new Error("enough");
  await expect(fit(data, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await expect(train(defineNetwork([4, 3]), data, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  const model = await fit(data, { ...quick, signal: controller.signal, onEpoch: () => controller.abort(reason) });
  expect([model.stopReason, model.history.length]).toEqual(["interrupted", 1]);
  expect(model.predict(X[0]!).label).toBeTypeOf("string");
});

const refused = async (work: () => Promise<unknown>, message: RegExp, code = "INVALID_ARGUMENT") => {
  await expect(work()).rejects.toMatchObject({ name: "InvalidInput", code, message: expect.stringMatching(message) });
};

test.each<[string, Record<string, unknown>, RegExp]>([
  ["batch_size", { batch_size: 7 }, /^fit has no option "batch_size"\. Did you mean batchSize\?/],
  ["learningrate", { learningrate: 5 }, /Did you mean learningRate\?/],
  ["lr", { lr: 5 }, /Did you mean learningRate\?/],
  ["hiden", { hiden: [5] }, /Did you mean hidden\?/],
  ["something far", { qqqqqqqqqq: 1 }, /Its options: activation, activations, augment, averageDecay, batchSize, beta1/],
])("an unknown option is refused with the nearest name: %s", async (_, options, message) => {
  await refused(() => fit(data, { ...quick, ...options }), message, "UNKNOWN_OPTION");
});

test("train refuses unknown options too, and takes undefined for a default", async () => {
  const network = defineNetwork([4, 3]);
  await refused(() => train(network, data, { batchsize: 7 } as never), /Did you mean batchSize/, "UNKNOWN_OPTION");
  const asked = await train(network, data, { epochs: undefined, optimizer: undefined, classWeights: undefined });
  expect(asked.options.epochs).toBe((await train(network, data)).options.epochs);
});

test.each<[string, (model: Classifier) => Promise<unknown>, RegExp, string?]>([
  ["no data", () => fit(undefined as never), /^data must be a dataset/],
  ["a network for data", () => fit({ layers: [4, 3] } as never), /^data must be a dataset/],
  ["train without data", () => train(defineNetwork([4, 3]), undefined as never), /^data must be a dataset/],
  ["train without a network", () => train(undefined as never, data), /^network must be a network/],
  ["options that are no object", () => fit(data, 5 as never), /^the options of fit must be an object, got 5/],
  ["hidden that is no list", () => fit(data, { hidden: 64 as never }), /^hidden must be a list of sizes, got 64/],
  ["a scaling of another name", () => fit(data, { scaling: "minmax" as never }), /^scaling must be one of none/],
  [
    "an unknown class weight",
    () => fit(data, { classWeights: { setoza: 2 } }),
    /Did you mean "setosa"/,
    "UNKNOWN_CLASS",
  ],
  ["a metric without patience", () => fit(data, { metric: () => 1 }), /^metric must be left out unless patience/],
  [
    "a rate that is none",
    () => fit(data, { ...quick, batchSize: 16, schedule: () => -1 }),
    /^schedule\(1, 0, 15\) must be a finite/,
  ],
  ["too few weights", () => fit(data, { weights: [1] }), /^weights must be 240 numbers, one for each row, got 1/],
  [
    "from and a scaling",
    (from) => fit(data, { from, scaling: "none" }),
    /^scaling must be left out where from is given/,
  ],
  ["from and other sizes", (from) => fit(data, { from, hidden: [9] }), /^hidden must be left out or \[8\]/],
  ["from a result", (from) => fit(data, { from: { model: from.model } as never }), /Pass its \.model\./],
  [
    "from and other columns",
    (from) => fit(fromArrays(X, y, { columns: ["a", "b", "c", "d"] }), { from }),
    /has no column "sl", which this model was trained on/,
    "WRONG_COLUMNS",
  ],
])("refused: %s", async (_, work, message, code) => {
  await refused(async () => work(await fit(data, { ...quick, epochs: 1 })), message, code);
});
