// deltaprop/predict: the answers of Classifier from a saved model, without an engine.
import { expect, test } from "vitest";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { fit } from "../../src/classifier/fit.ts";
import { PlainClassifier } from "../../src/classifier/plain-classifier.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { fromJSON, load } from "../../src/predict.ts";
import { EXPORTED } from "../files/exported.ts";
import { COLUMNS, flowers } from "./flowers.ts";

const { X, y } = flowers(120);
const model = await fit(fromArrays(X, y, { columns: COLUMNS }), { hidden: [8], epochs: 3 });

test("a model from bytes, JSON text or its parsed value answers as Classifier, by array and by name", async () => {
  const written = JSON.stringify(model);
  for (const plain of [await load(await model.toBytes()), fromJSON(written), fromJSON(JSON.parse(written))]) {
    expect([plain.classes, plain.columns]).toEqual([model.classes, COLUMNS]);
    for (const row of X.slice(0, 9)) {
      expect(plain.predict(row)).toEqual(model.predict(row));
      const [sl, sw, pl, pw] = row;
      expect(plain.predict({ pw, pl, kind: "?", sw, sl })).toEqual(model.predict(row));
    }
    expect(plain.predictMany(X)).toEqual(await model.predictMany(X));
  }
});

test.each(EXPORTED)("$title: the bits of Classifier", async ({ model: plain, features }) => {
  const answers = new PlainClassifier(plain).predictMany(features);
  expect(answers).toEqual(await classifierOf(plain).predictMany(features));
});

test("an infinite weight is not left out where its input is 0", async () => {
  const { model: plain } = EXPORTED[0]!;
  const parameters = plain.parameters.with(0, Number.POSITIVE_INFINITY);
  const answers = new PlainClassifier({ ...plain, parameters }).predictMany(new Float32Array(3));
  expect(answers.probabilities.every(Number.isNaN)).toBe(true);
  expect(answers).toEqual(await classifierOf({ ...plain, parameters }).predictMany(new Float32Array(3)));
});

test.each<[string, (plain: PlainClassifier) => unknown, RegExp]>([
  ["a short row", (plain) => plain.predict([1]), /^the row must be 4 numbers, got 1/],
  ["a misspelt column", (plain) => plain.predict({ sl: 1, sw: 1, pl: 1, pW: 1 }), /Did you mean "pW"/],
  ["a bad row among many", (plain) => plain.predictMany([X[0]!, [1, 2, 3, Number.NaN]]), /^row 2, column 4 \(pw\)/],
])("refused: %s", (_, ask, message) => {
  expect(() => ask(new PlainClassifier(model.model))).toThrow(
    expect.objectContaining({ name: "InvalidInput", message: expect.stringMatching(message) }),
  );
});

test("what is no model is refused", async () => {
  await expect(load("model.safetensors" as never)).rejects.toThrow(/^bytes must be the bytes of a model/);
  expect(() => fromJSON("{}")).toThrow(/^deltaprop must be /);
});
