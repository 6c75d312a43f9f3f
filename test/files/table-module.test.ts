// The module of a table with words and holes: its own transform, against the library's, on raw rows.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { coderOf } from "../../src/data/columns.ts";
import { encodeModule } from "../../src/files/export/js-module.ts";
import { moduleTypes } from "../../src/files/export/js-types.ts";
import { rawRows } from "../../src/files/export/raw-rows.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { sample } from "./exported.ts";
import { COLUMNS, sampleTable } from "./exported-table.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-table-module-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
async function load(model: Model) {
  const file = join(folder, `${files++}.mjs`);
  writeFileSync(file, encodeModule(model));
  return import(/* @vite-ignore */ pathToFileURL(file).href);
}

const { model, features } = sampleTable();
const columns = model.scaling.kind === "columns" ? model.scaling.columns : [];
const rows = rawRows(features, columns);
const named = (row: readonly unknown[]) => Object.fromEntries(row.map((cell, j) => [COLUMNS[j]!.name, cell]));

test("a module of a table gives the library's bits for lists and for objects of raw values", async () => {
  const module = await load(model);
  const { probabilities, classes } = await predict(model, features);
  for (const form of [(row: readonly unknown[]) => row, named]) {
    const answers = rows.map((row) => module.predict(form(row)));
    expect(Float64Array.from(answers.flatMap((answer) => [...answer.probabilities]))).toEqual(probabilities);
    expect(answers.map((answer) => answer.class)).toEqual([...classes]);
  }
  expect(module.columns).toEqual(columns);
  expect(columns[2]).toMatchObject({ levels: ["red", "blue"], other: true, missing: false });
  expect(rows.flat().filter((cell) => cell === null).length).toBeGreaterThan(20);
  expect(rows.flat()).toContain("a level never seen");
});

const TEXTS = ["", " ", "NA", "n/a", "?", "None", "-", "30", " 3e2 ", "1,5", "0x10", "inf", "sunny", " sunny\u200b"];
const MORE = ["SUNNY", "e\u0301te\u0301 猫", "1.0", "01", "yes", "No", "T", "off", "2026-11-28", "2026-02-30"];
const TIMES = ["2026-11-28T10:30", "2026-11-28 10:30:15+01:00", "2026-11-28T10:30:15.25+0100", "2026-11-28T24:00"];
const OTHERS = [1, 0, 1n, true, false, new Date(1e12), new Date(Number.NaN), 1e39, Number.POSITIVE_INFINITY];
const NOTHING = [null, undefined, Number.NaN, {}, [], Symbol("s")];
const CELLS = [...TEXTS, ...MORE, ...TIMES, ...OTHERS, ...NOTHING];

test("a module reads a cell as the library does: blanks, spellings, numbers as text, dates", async () => {
  const module = await load(model);
  let refused = 0;
  for (const [j, column] of columns.entries()) {
    const code = coderOf(column);
    for (const cell of CELLS) {
      const row = [...(rows.find((row) => !row.includes(null)) ?? [])].with(j, cell as never);
      const isCell = cell === null || !["object", "symbol"].includes(typeof cell) || cell instanceof Date;
      const plain = cell instanceof Date ? (Number.isNaN(cell.getTime()) ? null : cell.toISOString()) : cell;
      const expected = isCell ? code((typeof plain === "bigint" ? Number(plain) : plain) as never) : undefined;
      // stricter: a number is no yes or no, and text is a plain number
      const strict = column.kind === "number" && (typeof cell === "boolean" || cell === "1,5");
      if (expected === undefined || strict || (Number.isNaN(expected) && !column.missing)) {
        refused++;
        expect(() => module.predict(row), `${column.name} ${String(cell)}`).toThrow(TypeError);
      } else {
        const coded = Float64Array.from(columns, (other, k) => coderOf(other)(row[k] as never) ?? 0);
        coded[j] = expected;
        const { probabilities } = await predict(model, coded);
        expect(module.predict(row).probabilities, `${column.name} ${String(cell)}`).toEqual(probabilities);
      }
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test("null is refused where training had no missing value, and is never taken as 0", async () => {
  const module = await load(model);
  const row = rows.find((one) => !one.includes(null))!;
  for (const [j, { name, holes }] of COLUMNS.entries())
    for (const lacking of [null, undefined, Number.NaN, ""]) {
      const ask = () => module.predict(row.with(j, lacking as never));
      if (holes) expect(ask().probabilities).toHaveLength(3);
      else expect(ask).toThrow(`column ${JSON.stringify(name)} must be`);
    }
  expect(() => module.predict(row.slice(1))).toThrow("predict takes 11 values, got 10.");
  const { wet, ...rest } = named(row);
  expect(() => module.predict(rest)).toThrow('the row has no column "wet".');
});

test.each(["none", "divide", "standardize"] as const)(
  "a module of plain numbers refuses null, texts and booleans, takes objects by name, scaling %s",
  async (kind) => {
    const plain = sample([3, 4, 2], "relu", kind);
    const module = await load({ ...plain.model, featureNames: ["a", "b", "length"] });
    const row = [...plain.features.subarray(0, 3)];
    const [a, b, length] = row;
    expect(module.predict({ length, b, a, id: "x" })).toEqual(module.predict(row));
    expect(module.predict(plain.features.subarray(0, 3))).toEqual(module.predict(row));
    for (const wrong of [null, "", true, "1", undefined, Number.NaN, [], 1n]) {
      expect(() => module.predict(row.with(1, wrong as never))).toThrow('column "b" must be a finite number, got');
      const nameless = await load(plain.model);
      expect(() => nameless.predict(row.with(1, wrong as never))).toThrow("pixels[1] must be a finite number, got");
    }
  },
);

test("the types of a module have its columns by name, and null only where it may be missing", () => {
  const file = join(folder, "typed.d.mts");
  writeFileSync(file, moduleTypes(model));
  const row = JSON.stringify(named(rows.find((one) => !one.includes(null))!).valueOf());
  const ask = (change: string) => `import { predict, columns, type NamedRow } from "./typed.mjs";
export const row: NamedRow = { ...${row}, ["__proto__"]: null, ${change} };
export const label: string = predict(row).label + predict(Object.values(row)).label + columns[0]!.name;\n`;
  const tsc = (text: string): string => {
    writeFileSync(join(folder, "ask.mts"), text);
    const words = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "",
      "--ignoreConfig",
    ];
    const compiler = resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
    try {
      return execFileSync(process.execPath, [compiler, ...words, "ask.mts"], { cwd: folder, encoding: "utf8" });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  expect(tsc(ask("outlook: null, wet: true"))).toBe("");
  expect(tsc(ask("wet: null, size: {}")).match(/not assignable/g)).toHaveLength(2);
});

test("the types name everything that a module of a table exports", async () => {
  const declared = [...moduleTypes(model).matchAll(/export declare (?:const|function) (\w+)/g)].map(([, name]) => name);
  expect(declared.sort()).toEqual(Object.keys(await load(model)).sort());
});
