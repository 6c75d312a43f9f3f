// A classifier's answers: the bits of predict, by name, warm, refused where the rows are not the model's.
import { beforeAll, expect, test } from "vitest";
import { type Classifier, classifierOf } from "../../src/classifier/classifier.ts";
import { fit } from "../../src/classifier/fit.ts";
import { fromJSON, load } from "../../src/classifier/load.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { ENGINES } from "../../src/engines/registry.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { evaluate, predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { COLUMNS, flowers } from "./flowers.ts";

const { X, y } = flowers(150);
const data = fromArrays(X, y, { columns: COLUMNS });
let model: Classifier;
beforeAll(async () => {
  model = await fit(data, { hidden: [16, 8], epochs: 5 });
});

const engines = ENGINES.filter((engine) => engine.missing() === undefined).map(({ name }) => name);
const shapes: [number[], Model["network"]["activation"], Model["scaling"]][] = [
  [[4, 3], "relu", { kind: "none" }],
  [[5, 17, 33, 2, 3], "tanh", { kind: "divide", by: 255 }],
  [[64, 40, 20, 10], "leaky-relu", { kind: "none" }],
];

test.each(engines)("on %s, one row and many rows have the bits of predict", async (engine) => {
  for (const [layers, activation, scaling] of shapes) {
    const network = defineNetwork(layers, activation);
    const parameters = initialize(network, "he", 3);
    const classes = Array.from({ length: layers.at(-1)! }, (_, c) => `c${c}`);
    const plain: Model = { network, parameters, scaling, classes };
    const D = layers[0]!;
    const features = Float64Array.from({ length: 150 * D }, (_, k) => ((k * 7919) % 200) + 0.5);
    const expected = await predict(plain, features, { engine });
    await using warm = classifierOf(plain, { engine });
    const many = await warm.predictMany(features);
    expect(many.probabilities).toEqual(expected.probabilities);
    expect(many.labels).toEqual(Array.from(expected.classes, (c) => classes[c]));
    for (const i of [0, 70, 149]) {
      const { label, probability, probabilities } = warm.predict(features.subarray(i * D, (i + 1) * D));
      expect(Object.values(probabilities)).toEqual([
        ...expected.probabilities.subarray(i * classes.length).slice(0, classes.length),
      ]);
      expect([label, probability]).toEqual([many.labels[i], probabilities[label]]);
    }
  }
});

test("whole numbers in float64 have the answers of the same in a list, bytes or not, to a model that divides", () => {
  const network = defineNetwork([5, 17, 3], "tanh");
  const classes = ["a", "b", "c"];
  const parameters = initialize(network, "he", 3);
  const rows = [
    [0, 1, 128, 254, 255],
    [255, -0, 0, 0, 7],
    [1, 2, 256, 3, 4],
    [1, 2, 3, 4, -1],
    [9, 9, 9, 9.5, 9],
  ];
  for (const by of [255, 1e-3]) {
    using warm = classifierOf({ network, parameters, classes, scaling: { kind: "divide", by } });
    for (const row of rows) expect(warm.predict(Float64Array.from(row))).toEqual(warm.predict(row));
    const over = Float64Array.of(1, 2, 3, Number.POSITIVE_INFINITY, 4);
    expect(() => warm.predict(over)).toThrow(/column 4 must be a finite number/);
  }
});

test("an object by column name has the answer of its array; other keys are ignored", () => {
  const [sl, sw, pl, pw] = X[0]!;
  expect(model.predict({ pw, kind: "?", pl, sw, sl })).toEqual(model.predict(X[0]!));
});

test("evaluate has the figures of the plain function, and matches columns by name", async () => {
  const turned = fromArrays(
    X.map((row) => row.toReversed()),
    y,
    { columns: COLUMNS.toReversed() },
  );
  expect(await model.evaluate(turned)).toEqual(await evaluate(model.model, data));
});

test("bytes and JSON give every bit back, and a clone of the plain model gives the same answer", async () => {
  const answer = model.predict(X[5]!);
  expect((await load(await model.toBytes())).predict(X[5]!)).toEqual(answer);
  const written = fromJSON(JSON.stringify(model));
  expect(written.model).toEqual({ ...model.model, image: undefined, trainedOn: undefined });
  expect(written.predict({ sl: X[5]![0], sw: X[5]![1], pl: X[5]![2], pw: X[5]![3] })).toEqual(answer);
  expect(classifierOf(structuredClone(model.model)).predict(X[5]!)).toEqual(answer);
});

test("single answers take no memory that stays: the same views serve 20,000 of them", () => {
  const before = process.memoryUsage();
  for (let i = 0; i < 20_000; i++) model.predict(X[i % X.length]!);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 20);
});

test("an abort rejects predictMany and evaluate with its reason, before and in between", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await expect(model.predictMany(X, { signal })).rejects.toBe(reason);
  await expect(model.evaluate(data, { signal })).rejects.toBe(reason);
  const later = new AbortController();
  const slow = Array.from({ length: 400_000 }, (_, i) => X[i % X.length]!);
  const asked = model.predictMany(slow, { signal: later.signal });
  setTimeout(() => later.abort(reason));
  await expect(asked).rejects.toBe(reason);
});

test("overlapping calls of one classifier do not meet", async () => {
  const turned = X.toReversed();
  const [a, b] = await Promise.all([model.predictMany(X), model.predictMany(turned)]);
  expect(a.labels).toEqual(b.labels.toReversed());
});

test("threads change no bit of many answers", async () => {
  await using team = classifierOf(model.model, { threads: 2 });
  expect(await team.predictMany(X)).toEqual(await model.predictMany(X));
  const reason = new Error("enough");
  await expect(team.predictMany(X, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a closed classifier says so", async () => {
  const closed = classifierOf(model.model);
  closed.close();
  expect(() => closed.predict(X[0]!)).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
  await expect(closed.predictMany(X)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
});

test.each<[string, () => unknown, RegExp]>([
  ["a short row", () => model.predict([1, 2]), /^the row must be 4 numbers, got 2/],
  ["many rows at once", () => model.predict(X.slice(0, 2).flat()), /predictMany takes many/],
  ["NaN", () => model.predict([1, 2, Number.NaN, 4]), /^the row, column 3 \(pl\) must be a finite number, got NaN/],
  ["text", () => model.predict(["1", 2, 3, 4] as never), /^the row, column 1 \(sl\) must be a finite number, got "1"/],
  ["null", () => model.predict(null as never), /^the row must be an array of numbers or an object, got null/],
  [
    "a misspelt column",
    () => model.predict({ sl: 1, sw: 1, pl: 1, pW: 1 }),
    /^the row has no column "pw"\. Did you mean "pW"/,
  ],
  [
    "a training result",
    () => classifierOf({ model: model.model } as never),
    /^model must be a model.* Pass its \.model\./,
  ],
])("refused: %s", (_, ask, message) => {
  expect(ask).toThrow(expect.objectContaining({ name: "InvalidInput", message: expect.stringMatching(message) }));
});

test("many rows are refused with the row's number", async () => {
  await expect(model.predictMany([X[0]!, [1]])).rejects.toThrow(/^row 2 must be 4 numbers, got 1/);
  await expect(model.predictMany(X[0] as never)).rejects.toThrow(/predict takes one row/);
});

test("bytes asked as fractions, and fractions asked as bytes, are refused with what to do", async () => {
  const bytes = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i % 2 ? 250 : 3, 100, 30 + i));
  const kinds = bytes.map((_, i) => i % 2);
  const ofBytes = await fit(fromArrays(bytes, kinds), { hidden: [4], epochs: 2 });
  expect(() => ofBytes.predict([0.9, 0.4, 0.2])).toThrow(/fractions within 0 … 1.* Multiply by 255/);
  for (const decidedLast of [
    [1, 0, 0.5],
    [0, 0, 0.5],
  ])
    expect(() => ofBytes.predict(decidedLast)).toThrow(/Multiply/);
  for (const noFractions of [
    [0.5, 0.5, 2],
    [2, 0.5, 0.5],
    [0.5, 0.5, -1],
  ])
    expect(ofBytes.predict(noFractions).label).toBeTypeOf("string");
  expect(ofBytes.predict([0, 1, 0])).toBeDefined(); // a dark picture
  const fractions = bytes.map((row) => Array.from(row, (byte) => byte / 255));
  const ofFractions = await fit(fromArrays(fractions, kinds), { hidden: [4], epochs: 2 });
  expect(() => ofFractions.predict(bytes[0]!)).toThrow(/whole numbers up to 100.* Divide bytes by 255/);
  expect(ofFractions.predict([0, 1, 1])).toBeDefined();
  await expect(fit(fromArrays(fractions, kinds), { from: ofBytes })).rejects.toThrow(/Multiply by 255/);
});
