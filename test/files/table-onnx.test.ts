// The ONNX file of a table with words and holes: an input a column, the transform as a graph, in onnxruntime.
import { expect, test } from "vitest";
import { encodeOnnx } from "../../src/files/export/onnx.ts";
import { evaluateOnnx, readOnnx } from "../../src/files/export/onnx-reader.ts";
import { rawRows } from "../../src/files/export/raw-rows.ts";
import type { ExportAnswers } from "../../src/files/export/verify-export.ts";
import { predict } from "../../src/training/evaluate.ts";
import { COLUMNS, sampleTable } from "./exported-table.ts";
import { openTable } from "./open-table.ts";

const { model, features } = sampleTable();
const columns = model.scaling.kind === "columns" ? model.scaling.columns : [];
const D = columns.length;
const bytes = encodeOnnx(model);

const open = (file = bytes) => openTable(file);

function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(theirs.length).toBe(ours.length);
  return Array.from(ours).reduce((most, p, k) => Math.max(most, Math.abs(p - theirs[k]!)), 0);
}

test("onnxruntime gives our classes and probabilities on raw rows, with missing values and levels never seen", async () => {
  const ours = await predict(model, features);
  const rows = rawRows(features, columns);
  expect(rows.flat().filter((cell) => cell === null).length).toBeGreaterThan(20);
  expect(rows.flat().filter((cell) => cell === "a level never seen").length).toBeGreaterThan(10);
  expect(new Set(ours.classes).size).toBe(3);
  const { ask } = await open();
  const all = await ask(rows);
  expect(all.classes).toEqual([...ours.classes]);
  expect(largestDifference(ours.probabilities, all.probabilities)).toBeLessThanOrEqual(1e-6);
  const one = await ask(rows.slice(7, 8)); // a batch of any size
  expect(largestDifference(ours.probabilities.subarray(21, 24), one.probabilities)).toBeLessThanOrEqual(1e-6);
});

test("every column has an input of its name and type, and the metadata name its column", async () => {
  const { session } = await open();
  const string = { type: "string", shape: ["batch", 1] };
  const double = { type: "float64", shape: ["batch", 1] };
  expect(session.inputMetadata).toMatchObject([
    { name: "outlook", ...string },
    { name: "temp_C", ...double },
    { name: "label_2", ...string },
    { name: "wind_speed", ...double },
    { name: "wet", type: "bool", shape: ["batch", 1] },
    { name: "W1_2", ...double },
    { name: "size", ...string },
    { name: "size_2", ...string },
    { name: "proto", ...double },
    { name: "_7", ...double },
    { name: "heavy_tail", ...double },
  ]);
  const inputs = JSON.parse(readOnnx(bytes).metadata.get("inputs")!);
  expect(inputs.map(({ column }: { column: string }) => column)).toEqual(COLUMNS.map(({ name }) => name));
  expect(inputs[6]).toEqual({
    input: "size",
    column: "size",
    kind: "ordinal",
    levels: ["small", "medium", "large"],
    missing: false,
  });
});

test("every mark of a missing text is taken as missing", async () => {
  const { ask } = await open();
  const row = rawRows(features, columns)[0]!;
  const missing = await ask([row.with(0, null)]);
  const rain = await ask([row.with(0, "rain")]);
  expect(missing.probabilities).not.toEqual(rain.probabilities);
  for (const mark of ["", "NA", "n/a", "NaN", "None", "NULL", "?", "-", "<NA>", "#N/A"])
    expect((await ask([row.with(0, mark)])).probabilities, mark).toEqual(missing.probabilities);
});

test("our own reader of the graph gives the same answers", async () => {
  const ours = await predict(model, features);
  const answers = evaluateOnnx(bytes, features, D, columns).answers as Extract<ExportAnswers, { classes: unknown }>;
  expect([...(answers.classes as number[])]).toEqual([...ours.classes]);
  expect(largestDifference(ours.probabilities, answers.probabilities)).toBeLessThanOrEqual(1e-6);
});

test.each(["category", "number"] as const)("a table of %s columns alone runs too", async (kind) => {
  const { model: some, features: rows } = sampleTable(3, kind);
  const { columns: fitted } = some.scaling as { columns: typeof columns };
  const ours = await predict(some, rows);
  const { ask } = await open(encodeOnnx(some));
  const { probabilities } = await ask(rawRows(rows, fitted));
  expect(largestDifference(ours.probabilities, probabilities)).toBeLessThanOrEqual(1e-6);
});
