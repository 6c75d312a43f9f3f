import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NumericalStop } from "../../src/errors.ts";
import { EXPORT_FORMATS, exampleCount, exportModel } from "../../src/files/export/export-model.ts";
import { encodeOnnx } from "../../src/files/export/onnx.ts";
import { evaluateOnnx, readOnnx } from "../../src/files/export/onnx-reader.ts";
import type { ExportAnswers, ExportExamples, ExportFormat } from "../../src/files/export/verify-export.ts";
import { decodeModelJson } from "../../src/files/model/model-json.ts";
import { decodeSafetensors } from "../../src/files/model/safetensors.ts";
import { writeOnce } from "../../src/files/output-file.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { type Prediction, predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { EXPORTED, type Exported, sample } from "./exported.ts";

type ClassAnswers = Extract<ExportAnswers, { classes: unknown }>;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-export-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const fresh = (end: string) => join(folder, `${files++}.${end}`);
const examplesOf = async ({ model, features }: Exported): Promise<ExportExamples> => ({
  ...{ features, data: "made-up rows", answers: await predict(model, features) },
});
const image = EXPORTED[2]!;
const { model } = image;

const CHECKED: [keyof typeof EXPORT_FORMATS, (bytes: Buffer) => unknown][] = [
  ["onnx", (bytes) => JSON.parse(readOnnx(bytes).metadata.get("checked")!)],
  ["safetensors", (bytes) => JSON.parse(decodeSafetensors(bytes).metadata.get("checked")!)],
  ["module", (bytes) => JSON.parse(/export const checked = (.*);/.exec(bytes.toString())![1]!)],
  ["16-bit module", (bytes) => JSON.parse(/export const checked = (.*);/.exec(bytes.toString())![1]!)],
  ["json", (bytes) => JSON.parse(bytes.toString()).checked],
];

test.each(CHECKED)("%s is run again, and says in the file what came out", async (name, read) => {
  const file = fresh("x");
  const form: ExportFormat = EXPORT_FORMATS[name];
  const [checked] = await exportModel([[form, file]], model, await examplesOf(image));
  expect(checked!).toMatchObject({ data: "made-up rows", examples: 40, labelChanges: 0, limit: form.limit });
  expect(checked!.largestDifference).toBeLessThanOrEqual(form.limit);
  expect(read(readFileSync(file))).toEqual(checked);
  // the same file may be there
  expect(await exportModel([[form, file]], model, await examplesOf(image))).toEqual([checked]);
});

/** The model with one weight, one bias, the names, or the scaling wrong. */
const MISTAKES: readonly [string, (model: Model) => Model][] = [
  ["a weight", (m) => ({ ...m, parameters: m.parameters.with(7, m.parameters[7]! + 0.5) })],
  ["the last bias", (m) => ({ ...m, parameters: m.parameters.with(-1, m.parameters.at(-1)! + 0.5) })],
  ["two names", (m) => ({ ...m, classes: m.classes.toSpliced(0, 2, m.classes[1]!, m.classes[0]!) })],
  ["the scaling", (m) => ({ ...m, scaling: { kind: "divide", by: 256 } })],
  ["the activation", (m) => ({ ...m, network: { ...m.network, activation: "sigmoid" } })],
];

test.each(MISTAKES)("an export with %s wrong is refused with exit code 4 and leaves no file", async (_, mistake) => {
  for (const form of Object.values(EXPORT_FORMATS) as ExportFormat[]) {
    const file = fresh("x");
    const wrong: ExportFormat = { ...form, encode: (m, checked) => form.encode(mistake(m), checked) };
    const error = await exportModel([[wrong, file]], model, await examplesOf(image)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NumericalStop);
    expect(error).toMatchObject({ code: "EXPORT_DIFFERS", exit: 4, file });
    expect(existsSync(file)).toBe(false);
  }
});

test("a file that is damaged on its way to the disk is deleted", async () => {
  for (const form of Object.values(EXPORT_FORMATS) as ExportFormat[]) {
    const file = fresh("x");
    let runs = 0;
    const run: ExportFormat["run"] = async (bytes, features, cols) => {
      if (++runs === 2) return form.run(bytes.subarray(0, bytes.length - 400), features, cols);
      return form.run(bytes, features, cols);
    };
    await expect(exportModel([[{ ...form, run }, file]], model, await examplesOf(image))).rejects.toMatchObject({
      exit: 4,
    });
    expect([runs, existsSync(file)]).toEqual([2, false]);
  }
});

test("a weight whose 16-bit form is off by one place is noticed, however little it changes", async () => {
  const off = model.parameters.with(0, Math.fround(model.parameters[0]! * (1 + 2 ** -10)));
  const form: ExportFormat = EXPORT_FORMATS["16-bit module"];
  const wrong: ExportFormat = { ...form, encode: (m, checked) => form.encode({ ...m, parameters: off }, checked) };
  await expect(exportModel([[wrong, fresh("js")]], model, await examplesOf(image))).rejects.toThrow(
    "does not give the bits",
  );
});

test("the limit of a reordered sum grows only with the network's own rounding", async () => {
  const wide = sample([300, 200, 5], "relu", "none");
  const large: Exported = { ...wide, model: { ...wide.model, parameters: wide.model.parameters.map((w) => 3 * w) } };
  const examples = await examplesOf(large);
  const shaken: ExportFormat = {
    ...EXPORT_FORMATS.onnx,
    run: async (bytes, features, cols) => {
      const { runner, answers } = evaluateOnnx(bytes, features, cols);
      const { probabilities } = answers as ClassAnswers;
      const moved = { ...answers, probabilities: Array.from(probabilities, (p) => p + 1.5e-6) } as ExportAnswers;
      return { runner, answers: moved };
    },
  };
  await expect(exportModel([[shaken, fresh("onnx")]], model, await examplesOf(image))).rejects.toThrow(
    "limit 0.00000100",
  );
  const [widened] = await exportModel([[shaken, fresh("onnx")]], large.model, examples);
  const exact = await predict(large.model, large.features, { engine: "reference-float64" });
  const { probabilities } = examples.answers as Prediction;
  const own = Math.max(...exact.probabilities.map((p, k) => Math.abs(p - probabilities[k]!)));
  expect(widened!.limit).toBe(4 * own);
});

test.each(EXPORTED)(
  "our own evaluation of the file gives our classes, and our probabilities in float32, for $title",
  async (one) => {
    const cols = one.model.network.layers[0]!;
    const answers = evaluateOnnx(encodeOnnx(one.model), one.features, cols).answers as ClassAnswers;
    const ours = await predict(one.model, one.features);
    expect(answers.names).toEqual(one.model.classes.map((name) => name));
    expect(Int32Array.from(answers.classes)).toEqual(ours.classes);
    expect(Float32Array.from(answers.probabilities)).toEqual(Float32Array.from(ours.probabilities));
  },
);

test("JSON is read back to the model's network, parameters, scaling and classes", async () => {
  for (const { model: one } of EXPORTED) {
    const { network, parameters, scaling, classes } = one;
    const file = fresh("json");
    writeFileSync(file, await EXPORT_FORMATS.json.encode(one));
    expect(decodeModelJson(readFileSync(file, "utf8"))).toEqual({ network, parameters, scaling, classes });
  }
});

test("nothing is written where a later file is refused", async () => {
  const [first, second] = [fresh("onnx"), fresh("json")];
  writeFileSync(second, "mine");
  const both = exportModel(
    [
      [EXPORT_FORMATS.onnx, first],
      [EXPORT_FORMATS.json, second],
    ],
    model,
    await examplesOf(image),
  );
  await expect(both).rejects.toMatchObject({ code: "OUT_TAKEN", file: second });
  expect([existsSync(first), readFileSync(second, "utf8")]).toEqual([false, "mine"]);
});

test("as many examples are taken as fit in memory and a minute", () => {
  const count = (layers: number[]) => exampleCount({ ...model, network: defineNetwork(layers) });
  expect(
    [
      [784, 128, 10],
      [3, 2],
      [2 ** 20, 2],
      [4096, 4096, 4096, 4096],
    ].map(count),
  ).toEqual([1000, 1000, 32, 341]);
});

test("a different file is never replaced, and the same one is left alone", async () => {
  const file = fresh("txt");
  await writeOnce(file, "one");
  await writeOnce(file, "one");
  await expect(writeOnce(file, "two")).rejects.toMatchObject({ code: "OUT_TAKEN", exit: 2, file });
  expect(readFileSync(file, "utf8")).toBe("one");
  await expect(writeOnce(folder, "two")).rejects.toMatchObject({ exit: 2 });
});
