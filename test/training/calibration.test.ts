// Temperature: the best one, what it does to the calibration error, and that every format and answer carries it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PlainClassifier } from "../../src/classifier/plain-classifier.ts";
import { EXPORT_FORMATS, exportModel } from "../../src/files/export/export-model.ts";
import { answer, type ExportFormat } from "../../src/files/export/verify-export.ts";
import { classifierOf, fit, fromArrays, fromJSON, load, valueModelOf } from "../../src/index.ts";
import { Random } from "../../src/numerics/random.ts";
import { softmax } from "../../src/numerics/softmax.ts";
import { calibrationError, fitTemperature, lossAt } from "../../src/training/calibration.ts";

const random = new Random(21, 4);

test.each([0.5, 2, 5])("outputs of classes that were drawn at temperature %d are given that temperature", (T) => {
  const logits = Float64Array.from({ length: 6000 * 3 }, () => 3 * random.normal());
  const wanted = Array.from({ length: 6000 }, (_, i) => {
    const p = softmax(logits.subarray(3 * i, 3 * i + 3).map((z) => z / T));
    const u = random.uniform();
    return u < p[0]! ? 0 : u < p[0]! + p[1]! ? 1 : 2;
  });
  const rows = { logits, outputs: 3, wanted, labels: false };
  const found = fitTemperature(rows);
  expect(Math.abs(found / T - 1)).toBeLessThan(0.07);
  for (const other of [0.99, 1.01]) expect(lossAt(rows, found)).toBeLessThan(lossAt(rows, found * other));
  expect(calibrationError(rows, found)).toBeLessThan(calibrationError(rows) / 2);
});

test("so are labels, and outputs that no temperature mends end at a bound", () => {
  const logits = Float64Array.from({ length: 8000 }, () => 3 * random.normal());
  const wanted = Float64Array.from(logits, (z) => Number(random.uniform() < 1 / (1 + Math.exp(-z / 3))));
  const rows = { logits, outputs: 2, wanted, labels: true };
  const found = fitTemperature(rows);
  expect(Math.abs(found / 3 - 1)).toBeLessThan(0.07);
  for (const other of [0.99, 1.01]) expect(lossAt(rows, found)).toBeLessThan(lossAt(rows, found * other));
  const sure = { logits: Float64Array.of(1, -1, -1, 1), outputs: 2, wanted: [0, 1], labels: false };
  expect(fitTemperature(sure)).toBeCloseTo(1 / 64, 6);
  expect(fitTemperature({ ...sure, wanted: [1, 0] })).toBeCloseTo(64, 2);
  expect(fitTemperature({ ...sure, logits: new Float64Array(4) })).toBe(1);
});

test("the calibration error is that of its definition", () => {
  const p = [0.9, 0.9, 0.6, 0.55]; // of the answer, class 0; the last two are in one bin of fifteen: 0.5333 … 0.6
  const logits = Float64Array.from(p.flatMap((x) => [Math.log(x / (1 - x)), 0]));
  const error = calibrationError({ logits, outputs: 2, wanted: [0, 1, 0, 1], labels: false });
  const bins = [Math.abs(1 - 1.8), Math.abs(1 - 0.6), Math.abs(0 - 0.55)]; // 0.6 opens the next bin
  expect(error).toBeCloseTo(bins.reduce((a, b) => a + b) / 4, 9);
});

const X = Array.from({ length: 300 }, () => [random.normal(), random.normal(), random.normal()]);
const noisy = X.map(([a, b]) => (a! + b! + 1.5 * random.normal() > 0 ? "yes" : "no"));
const options = { hidden: [32, 16], epochs: 60, weightDecay: 0, validation: 0.3, seed: 2 } as const;

test("a calibrated classifier gives the same labels at other probabilities, and every format carries them", async () => {
  const data = fromArrays(X, noisy);
  const [plain, calibrated] = [await fit(data, options), await fit(data, { ...options, calibrate: true })];
  const { temperature, ...rest } = calibrated.model;
  expect(rest).toEqual(plain.model);
  expect(temperature).toBeGreaterThan(1.1); // learned by heart, so too sure
  const [before, after] = [await plain.predictMany(X), await calibrated.predictMany(X)];
  expect(after.labels).toEqual(before.labels);
  expect(after.probabilities).not.toEqual(before.probabilities);
  const first = calibrated.predict(X[0]!);
  expect(first.probabilities.yes).toBe(after.probabilities[1]);
  for (const other of [
    await load(await calibrated.toBytes()),
    fromJSON(JSON.parse(JSON.stringify(calibrated))),
    classifierOf(calibrated.model),
    new PlainClassifier(calibrated.model),
  ])
    expect(other.predict(X[0]!)).toEqual(first);
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-calibrated-"));
  try {
    const features = Float64Array.from(X.flat());
    const examples = { features, answers: await answer(calibrated.model, features), data: "rows" };
    const formats = (["onnx", "module", "json"] as const).map(
      (name) => [EXPORT_FORMATS[name] as ExportFormat, join(folder, name)] as const,
    );
    const [onnx, ...exact] = await exportModel(formats, calibrated.model, examples);
    expect(onnx!.largestDifference).toBeLessThan(1e-6);
    expect(exact.map(({ largestDifference }) => largestDifference)).toEqual([0, 0]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("labels are calibrated too, training on starts without a temperature, and what cannot be calibrated is refused", async () => {
  const data = fromArrays(
    X,
    noisy.map((label) => [label === "yes", label === "no"]),
    { task: "multilabel", classes: ["yes", "no"] },
  );
  const model = await fit(data, { ...options, loss: "sigmoid-cross-entropy", calibrate: true });
  expect(model.model.temperature).toBeGreaterThan(1.1);
  expect(valueModelOf({ ...model.model, temperature: undefined }).predict(X[0]!).labels).toEqual(
    model.predict(X[0]!).labels,
  );
  expect((await fit(data, { from: model, epochs: 1 })).model.temperature).toBeUndefined();
  await expect(fit(data, { ...options, validation: 0, loss: "focal", calibrate: true })).rejects.toThrow(
    /validation must be a number in \(0, 1\) with calibrate/,
  );
  const numbers = fromArrays(
    X,
    X.map(([a]) => a!),
    { task: "regress" },
  );
  await expect(fit(numbers, { ...options, loss: "huber", calibrate: true })).rejects.toThrow(
    /calibrate must be left out with huber, which gives no probabilities/,
  );
});
