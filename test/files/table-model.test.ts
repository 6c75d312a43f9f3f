// The model of a table with words and holes as safetensors and JSON: kept whole, and explained to other readers.
import { expect, test } from "vitest";
import { EXPORT_FORMATS, exportModel } from "../../src/files/export/export-model.ts";
import { withOddRows } from "../../src/files/export/raw-rows.ts";
import type { ExportFormat } from "../../src/files/export/verify-export.ts";
import { decodeModel, encodeModel } from "../../src/files/model/model-file.ts";
import { decodeModelJson, encodeModelJson } from "../../src/files/model/model-json.ts";
import { decodeSafetensors } from "../../src/files/model/safetensors.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { sampleTable } from "./exported-table.ts";

const { model, features } = sampleTable();
const columns = model.scaling.kind === "columns" ? model.scaling.columns : [];

test("safetensors and JSON give the model back, columns and all, with the same bits", async () => {
  const ours = await predict(model, features);
  for (const read of [(await decodeModel(await encodeModel(model))).model, decodeModelJson(encodeModelJson(model))]) {
    expect(read.scaling).toEqual(model.scaling);
    expect(read.featureNames).toEqual(model.featureNames);
    expect(read.parameters).toEqual(model.parameters);
    expect(await predict(read, features)).toEqual(ours);
  }
});

test("another reader finds the columns and the name of every input in the metadata, in training's order", async () => {
  const { metadata, tensors } = decodeSafetensors(await encodeModel(model));
  const json = (key: string) => JSON.parse(metadata.get(key)!);
  expect(json("scaling").columns).toEqual(columns);
  expect(json("features")).toEqual(columns.map(({ name }) => name));
  expect(json("input_names").slice(7, 13)).toEqual([
    "outlook missing",
    "temp (°C)",
    "temp (°C) missing",
    "label=red",
    "label=blue",
    "label other",
  ]);
  expect(json("input_names").length).toBe(tensors.get("layers.0.weight")!.shape[1]);
  expect(metadata.get("reading")).toContain("1 for the row's level and 0 for the others");
});

/** The model with a mistake in one column's fit. */
const MISTAKES: readonly [string, string, object][] = [
  ["a fill", "temp (°C)", { fill: 1 }],
  ["a deviation", "wind-speed", { deviation: 1e3 }],
  ["the levels' order", "outlook", { levels: ["rain", "overcast", ...(columns[0]!.levels ?? []).slice(2)] }],
  ["a level's name", "outlook", { levels: ["overcast", "rain", "Sunny", ...(columns[0]!.levels ?? []).slice(3)] }],
  ["the ranks' order", "size", { levels: ["large", "medium", "small"] }],
];

test.each(MISTAKES)(
  "an export with %s wrong in a column is found by raw rows and not kept",
  async (_, name, change) => {
    const rows = withOddRows(model, features);
    const examples = { features: rows, data: "made-up rows", answers: await predict(model, rows) };
    const wrong: Model = {
      ...model,
      scaling: { kind: "columns", columns: columns.map((one) => (one.name === name ? { ...one, ...change } : one)) },
    };
    for (const form of [EXPORT_FORMATS.onnx, EXPORT_FORMATS.module] as ExportFormat[]) {
      const broken: ExportFormat = { ...form, encode: (_, checked) => form.encode(wrong, checked) };
      const error = await exportModel([[broken, "never-written"]], model, examples).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "EXPORT_DIFFERS", exit: 4 });
    }
  },
);

test("the rows of a check hold a missing value and a level never seen for each column that may have them", () => {
  const D = columns.length;
  const full = features.slice(0, 20 * D).map((x) => (Number.isNaN(x) || x < 0 ? 0 : x));
  const rows = withOddRows(model, full);
  const codes = (j: number) => Array.from({ length: rows.length / D }, (_, i) => rows[i * D + j]!);
  for (const [j, { kind, missing }] of columns.entries()) {
    expect(codes(j).some(Number.isNaN)).toBe(missing);
    expect(codes(j).includes(-1)).toBe(kind === "category" || kind === "ordinal");
  }
  const without = Float64Array.from([...full.subarray(0, D).with(4, Number.NaN), ...full.subarray(D)]);
  expect(withOddRows(model, without).length).toBe(rows.length - D); // no answer where training had no missing value
});
