// `train --recipe`: a named set of options.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { resolveOptions } from "../../src/training/defaults.ts";
import { RECIPE_NAMES, RECIPES } from "../../src/training/recipes.ts";
import { writeIdx } from "../data/write-idx.ts";
import { deltaprop, folder } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);
const { train } = await drawDigits({ train: 60, test: 1 });
writeFileSync(join(home, "few-images-idx3-ubyte"), writeIdx(8, [60, 28, 28], train.features));
writeFileSync(join(home, "few-labels-idx1-ubyte"), writeIdx(8, [60], train.labels));
const record = (run: string) => JSON.parse(readFileSync(join(home, run, "run.json"), "utf8"));

test("a recipe is spelled out before the run and in its record, and options beside it replace its own", async () => {
  const job = ["train", "few-images-idx3-ubyte", "--recipe", "fast", "--hidden", "8", "--batch-size", "16"];
  const { code, err } = await deltaprop(home, [...job, "--out", "run"]);
  expect(code).toBe(0);
  expect(err).toContain("note recipe fast: --hidden 256,256,256 --optimizer adam --learning-rate 0.002");
  const { layers, options } = record("run");
  expect(layers).toEqual([784, 8, 10]);
  expect(options).toMatchObject({ optimizer: "adam", learningRate: 0.002, batchSize: 16, epochs: 1 });
});

test("the recipe for small tables takes classes and numbers", async () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i % 7},${(i * 5) % 11},${i % 7 > 3 ? "more" : "less"},${(i % 7) + 0.25 * (i % 3)}`,
  );
  writeFileSync(join(home, "few.csv"), ["a,b,size,amount", ...rows].join("\n"));
  for (const [label, run] of [
    ["size", "of-classes"],
    ["amount", "of-numbers"],
  ] as const) {
    const words = ["train", "few.csv", "--label", label, "--recipe", "small-table", "--epochs", "2", "--out", run];
    const { code, err } = await deltaprop(home, words);
    expect([code, err]).toEqual([0, expect.stringContaining("note recipe small-table: ")]);
    expect(record(run).options).toMatchObject({ ...RECIPES["small-table"], epochs: 2 });
  }
});

test.each(RECIPE_NAMES)("the options of recipe %s are in range", (name) => {
  const { hidden = [], ...options } = RECIPES[name];
  expect(resolveOptions(options, { rows: 60_000, classes: 10, bytes: name !== "small-table" })).toMatchObject(options);
  expect(hidden.every((units) => Number.isInteger(units) && units >= 1)).toBe(true);
});

test.each([
  [
    "a table",
    ["train", "spiral", "--recipe", "fast"],
    'error INVALID_ARGUMENT --recipe must be one for tables (small-table), got "fast"',
  ],
  [
    "images",
    ["train", "few-images-idx3-ubyte", "--recipe", "small-table"],
    'error INVALID_ARGUMENT --recipe must be one for images (fast, record), got "small-table"',
  ],
  [
    "another model's layers",
    ["train", "digits", "--from", "run", "--recipe", "fast"],
    "--recipe must be left out with",
  ],
  ["a resumed run", ["train", "--resume", "run", "--recipe", "fast"], "error FIXED_OPTION --recipe comes from"],
])("a recipe for %s is refused in words", async (_, words, reason) => {
  const { code, err } = await deltaprop(home, words);
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
});
