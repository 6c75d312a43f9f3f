// Label columns as numbers or labels: found by their values, told, kept with their rows, refused with their place.
import { expect, test } from "vitest";
import { readCsv } from "../../src/data/csv-source.ts";
import type { CsvOptions } from "../../src/data/formats/csv.ts";
import { schemaOf, schemaOptions } from "../../src/data/table/schema.ts";

const table = (head: string, row: (k: number) => string) =>
  `${head}\n${Array.from({ length: 40 }, (_, k) => row(k)).join("\n")}\n`;
const read = async (text: string, options: Partial<CsvOptions> = {}) =>
  (await readCsv(text, { file: "t.csv", ...options })).data;
const prices = table("a,b,price", (k) => `${k * 1.7},${k % 5},${k + 0.5}`);

test("a measured number is one to learn where that is asked for or found, and refused as a class where nothing is said", async () => {
  await expect(read(prices)).rejects.toThrow(/looks like a measurement.*train --task regress/);
  for (const task of ["found", "regress"] as const) {
    const data = await read(prices, { task });
    expect([data.task, data.classes, data.rows]).toEqual(["regress", ["price"], 40]);
    expect([...data.values!]).toEqual(Array.from({ length: 40 }, (_, k) => k + 0.5));
  }
  const classes = await read(prices, { task: "classify" });
  expect([classes.task, classes.values, classes.classes.length]).toEqual([undefined, undefined, 40]);
});

test("words and few numbers stay classes where the task is found", async () => {
  expect(
    (
      await read(
        table("a,kind", (k) => `${k % 7},${k % 3}`),
        { task: "found" },
      )
    ).classes,
  ).toEqual(["0", "1", "2"]);
  const words = await read(
    table("a,kind", (k) => `${k % 7},${["x", "y"][k % 2]}`),
    { task: "found" },
  );
  expect([words.task, words.classes]).toEqual([undefined, ["x", "y"]]);
  const told = await read(
    table("a,kind", (k) => `${k % 7},${k % 3}`),
    { task: "regress" },
  );
  expect([...told.values!].slice(0, 4)).toEqual([0, 1, 2, 0]);
});

test("several columns are labels where all are yes or no, else numbers, in the order they are named", async () => {
  const text = table("a,wet,warm,temp", (k) => `${k % 7},${["yes", "No"][k % 2]},${k % 3 === 0 ? 1 : 0},${k / 2}`);
  const labels = await read(text, { label: "warm,wet", columns: ["a"] });
  expect([labels.task, labels.classes, labels.featureNames]).toEqual(["multilabel", ["warm", "wet"], ["a"]]);
  expect([...labels.values!].slice(0, 6)).toEqual([1, 1, 0, 0, 0, 1]);
  const numbers = await read(text, { label: "temp, warm", columns: ["a"] });
  expect([numbers.task, [...numbers.values!].slice(2, 4)]).toEqual(["regress", [0.5, 0]]);
  expect((await read(text, { label: "4,3", columns: ["1"] })).classes).toEqual(["temp", "warm"]);
  await expect(read(text, { label: "wet,wet" })).rejects.toThrow(/named twice/);
  await expect(read(text, { label: "wet,temp", task: "multilabel" })).rejects.toThrow(/row 3 column 4 .*1 or yes/);
});

test("a column whose name has a comma is one column", async () => {
  const data = await read(
    table('a,"price, net"', (k) => `${k % 7},${k + 0.5}`),
    { label: "price, net", task: "found" },
  );
  expect(data.classes).toEqual(["price, net"]);
});

test("a row without its target is refused with its place, or left out with the other cells of its row", async () => {
  const text = table(
    "a,sky,price",
    (k) => `${k * 1.5},${k % 2 ? ["sun", "rain"][(k >> 1) % 2] : ""},${k === 3 ? "" : k + 0.5}`,
  );
  await expect(read(text, { task: "regress" })).rejects.toThrow(
    /t\.csv:row 5 column 3 \(price\): the target is missing/,
  );
  const { values, rows, features, cols } = await read(text, { task: "regress", missing: "drop" });
  expect(rows).toBe(19); // the odd rows but 3
  for (let i = 0; i < rows; i++) expect(values![i]).toBe(features[i * cols]! / 1.5 + 0.5);
});

test("a schema keeps several label columns", async () => {
  const text = table("a,wet,warm", (k) => `${k % 7},${k % 2},${k % 3 === 0 ? 1 : 0}`);
  const { data, columns } = await readCsv(text, { file: "t.csv", label: "wet,warm" });
  expect(schemaOptions(JSON.parse(JSON.stringify(schemaOf(columns, data))), "s.json").label).toBe("wet,warm");
});
