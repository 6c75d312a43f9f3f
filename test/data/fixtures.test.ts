// Good files made by NumPy, PyArrow and Pillow, which know nothing of our readers (test/hostile/fixtures.py says how).
import { describe, expect, test } from "vitest";
import { readNpz } from "../../src/data/formats/npz.ts";
import { readParquet } from "../../src/data/formats/parquet.ts";
import { InvalidInput } from "../../src/errors.ts";
import fixtures from "../hostile/fixtures.json" with { type: "json" };
import { readGrey } from "./read-grey.ts";

const bytes = (name: keyof typeof fixtures.files) => new Uint8Array(Buffer.from(fixtures.files[name], "base64"));

async function refusal(work: Promise<unknown>): Promise<InvalidInput> {
  const error = await work.catch((reason: unknown) => reason);
  if (error instanceof InvalidInput) return error;
  throw error instanceof Error ? error : new Error("it was loaded");
}

describe("an archive of NumPy", () => {
  test("gives training and test part by Keras' names", async () => {
    const { train, test: held, warnings } = await readNpz(bytes("savez.npz"), { name: "m", file: "savez.npz" });
    expect([train.name, train.rows, train.image, [...train.labels]]).toEqual([
      "m train",
      2,
      { height: 3, width: 4 },
      [1, 0],
    ]);
    expect([...train.features]).toEqual(Array.from({ length: 24 }, (_, k) => k));
    expect([held?.rows, held?.classes, warnings]).toEqual([1, ["0", "1"], []]);
  });
  test("is inflated, and a pickled array beside the pair is named and never read", async () => {
    const { train, test: held, warnings } = await readNpz(bytes("compressed.npz"), { name: "m" });
    expect([...train.features]).toEqual(Array.from({ length: 24 }, (_, k) => k));
    expect([held, warnings]).toEqual([undefined, ['Other arrays of the archive are not read: ["note.npy"].']]);
  });
});

describe("a table of PyArrow", () => {
  test.each(["plain", "dictionary", "groups", "v2", "split"] as const)(
    "written as %s has its values and labels",
    async (kind) => {
      const { data } = await readParquet(bytes(`${kind}.parquet`), { name: kind, numeric: ["i32", "u32"] });
      expect([data.rows, data.cols, data.classes]).toEqual([40, 7, ["cat", "dog"]]);
      expect(data.featureNames).toEqual(["f32", "f64", "i32", "i64", "u32", "u8", "bool"]);
      expect([...data.labels]).toEqual(Array.from({ length: 40 }, (_, k) => (k % 3 === 0 ? 1 : 0)));
      const row = (k: number) => [
        k / 4,
        k / 3,
        k === 0 ? 0 : -k,
        k * 2 ** 40,
        2 ** 32 - 1 - k,
        k % 3,
        k % 2 === 0 ? 1 : 0,
      ];
      expect([...data.features]).toEqual(Array.from({ length: 40 }, (_, k) => row(k)).flat());
    },
  );
  test("whose label is chosen by name has the others as features, so text among them is a category", async () => {
    const { data } = await readParquet(bytes("plain.parquet"), { name: "t", label: "u8", file: "t" });
    expect(data.columns!.at(-1)).toEqual({ name: "label", kind: "category", levels: ["cat", "dog"] });
    expect([data.features[data.cols - 1], data.features.at(-1)]).toEqual([1, 1]);
  });
  test("with missing values has them, or is refused at the first of them, with their count", async () => {
    const { data, columns } = await readParquet(bytes("nulls.parquet"), { name: "t", file: "t" });
    expect([data.featureNames, data.classes, [...data.labels]]).toEqual([["a"], ["0", "1"], [0, 1, 0, 1]]);
    expect([...data.features]).toEqual([1, 2, Number.NaN, Number.NaN]);
    expect(columns[0]).toMatchObject({ name: "a", kind: "number", role: "feature", missing: 2 });
    const error = await refusal(readParquet(bytes("nulls.parquet"), { name: "t", file: "t", missing: "refuse" }));
    expect(error.line).toBe(
      'error BAD_PARQUET t:row 3 column 1 (a): the value is missing, got "". 2 values in 2 rows and 1 column are missing. Fill them in, or remove these rows or columns.',
    );
  });
  test("with lists in a column has a feature for each of their numbers", async () => {
    const { data } = await readParquet(bytes("nested.parquet"), { name: "t", file: "t" });
    expect([data.featureNames, [...data.features], [...data.labels]]).toEqual([["a[0]"], [1, 2], [0, 1]]);
  });
  test("compressed by zstd is the one that is not", async () => {
    const { data } = await readParquet(bytes("zstd.parquet"), { name: "t" });
    expect(data).toEqual((await readParquet(bytes("plain.parquet"), { name: "t" })).data);
    expect([data.rows, data.features[2 * data.cols]]).toEqual([40, 0.5]);
  });
});

test.each(["L", "RGB", "1", "P"] as const)("Pillow's grey of a PNG of mode %s is ours", async (mode) => {
  const { values, height, width } = await readGrey(bytes(`${mode}.png`));
  expect([height, width, [...values]]).toEqual([9, 7, fixtures.grey[mode]]);
});
