// The kind of a column, found from its cells and from nothing else: what is a number, a category, yes or no, a date.
import { describe, expect, test } from "vitest";
import { type Column, coderOf } from "../../src/data/columns.ts";
import { readCsv } from "../../src/data/csv-source.ts";
import type { CsvOptions } from "../../src/data/formats/csv.ts";

/** A table of 40 rows with the column `x` that gives a cell a row, a number `n` beside it and two classes. */
function table(cell: (k: number) => string, delimiter = ";"): string {
  const rows = Array.from({ length: 40 }, (_, k) => [cell(k), `${(k * 7) % 11}`, "ab"[k % 2]].join(delimiter));
  return `${["x", "n", "kind"].join(delimiter)}\n${rows.join("\n")}\n`;
}

async function columnOf(cell: (k: number) => string, options: Partial<CsvOptions> = {}, delimiter = ";") {
  const { data, columns } = await readCsv(table(cell, delimiter), { file: "t.csv", ...options });
  const j = data.featureNames?.indexOf("x") ?? -1;
  const values = j < 0 ? [] : Array.from({ length: 4 }, (_, i) => data.features[i * data.cols + j]);
  return { column: data.columns?.[j], found: columns[0]!, values };
}

const of =
  (...cells: string[]) =>
  (k: number) =>
    cells[k % cells.length]!;

describe("a column is numbers where all its cells are", () => {
  test.each<[string, (k: number) => string, number[]]>([
    ["decimal commas", of("5,1", "4,9", "-3", "1.234,5"), [5.1, 4.9, -3, 1234.5]],
    ["thousands with commas", of("1,163.74", "349.65", "1,000,000", "12"), [1163.74, 349.65, 1_000_000, 12]],
    ["thousands with thin blanks", of("1\u202f163", "349", "12\u202f345\u202f678", "1"), [1163, 349, 12_345_678, 1]],
    ["thousands with apostrophes", of("1'163.5", "349", "2'000", "1"), [1163.5, 349, 2000, 1]],
    ["percent", of("5%", "12.5 %", "-3%", "100%"), [0.05, 0.125, -0.03, 1]],
    ["currency before", of("$5", "$1,200.50", "-$3", "$0"), [5, 1200.5, -3, 0]],
    ["currency behind", of("5,00 €", "1.200,50 €", "3 €", "0 €"), [5, 1200.5, 3, 0]],
    ["a minus of Unicode", of("\u22125", "3", "\u22120.5", "2.5"), [-5, 3, -0.5, 2.5]],
    ["blanks of other kinds", of("1\u00a0", "\u20032", "3", "4"), [1, 2, 3, 4]],
  ])("%s", async (_, cell, expected) => {
    const { found, values } = await columnOf(cell);
    expect([found.kind, found.role, values]).toEqual(["number", "feature", expected]);
  });
  test("and a comma is no fraction where commas split the cells", async () => {
    const cell = of('"1,163"', '"349"', '"2,000"', '"7"');
    expect((await columnOf(cell, {}, ",")).values).toEqual([1163, 349, 2000, 7]);
    await expect(columnOf(of('"1,5"', "2"), {}, ",")).rejects.toThrow(
      /row 2 column 1 \(x\): .*Write decimals with a point/,
    );
  });
  test("of more different texts than are kept, too", async () => {
    const rows = Array.from({ length: 70_000 }, (_, k) => `${k},5;${"ab"[k % 2]}`);
    const { data } = await readCsv(`x;kind\n${rows.join("\n")}\n`);
    expect([data.columns, data.features[3], data.features[69_999]]).toEqual([undefined, 3.5, 69_999.5]);
  });
  test.each([
    ["percent beside a plain number", of("5%", "7")],
    ["two currencies", of("$5", "€7", "3")],
    ["points beside decimal commas", of("5,1", "2.5")],
    ["a word among numbers", (k: number) => (k === 3 ? "abc" : `${k}.5`)],
    ["a number that is none", (k: number) => (k === 3 ? "0x10" : `${k}.5`)],
  ])("but not %s: that is refused with its place", async (_, cell) => {
    const error = await columnOf(cell).catch((reason: Error) => reason);
    const words = await columnOf(cell, { categorical: ["x"] });
    if (error instanceof Error) expect(error.message).toMatch(/^t\.csv:row \d+ column 1 \(x\): a feature must be/);
    else expect(error.column?.kind).toBe("category"); // few words that come again and again
    expect(words.column?.kind).toBe("category");
  });
});

describe("a column is yes or no, whatever the words and capitals", () => {
  test.each([
    ["True", "False"],
    ["TRUE", "false"],
    ["yes", "No"],
    ["Y", "N"],
    ["t", "f"],
    ["on", "off"],
  ])("%s and %s", async (yes, no) => {
    const { column, values } = await columnOf(of(yes, no, no, yes));
    expect([column, values]).toEqual([{ name: "x", kind: "boolean" }, [1, 0, 0, 1]]);
  });
  test("with holes it keeps them", async () => {
    expect((await columnOf(of("yes", "?", "no", ""))).values).toEqual([1, Number.NaN, 0, Number.NaN]);
  });
});

describe("a column is a category", () => {
  test("where its words come again, in the order of classes, with 1, 1.0 and 01 one level", async () => {
    const { column, values } = await columnOf(of("b", "a ", "b\u200b", "NA"));
    expect([column, values]).toEqual([{ name: "x", kind: "category", levels: ["a", "b"] }, [1, 0, 1, Number.NaN]]);
    const told = await columnOf(of("01", "1", "1.0", "10"), { categorical: ["x"] });
    expect(told.column).toEqual({ name: "x", kind: "category", levels: ["1", "10"] });
  });
  test("where few of its words are numbers, as 1, 2, 3+", async () => {
    expect((await columnOf(of("1", "2", "3+", "2"))).column?.levels).toEqual(["1", "2", "3+"]);
  });
  test("of ranks in the order that is told", async () => {
    const ordinal = { x: ["S", "M", "L"] };
    const { column, values } = await columnOf(of("M", "L", "XL", "S"), { ordinal });
    expect([column, values]).toEqual([{ name: "x", kind: "ordinal", levels: ["S", "M", "L"] }, [1, 2, -1, 0]]);
  });
});

describe("a column is dates, in days since 1970", () => {
  test.each<[string, (k: number) => string, Partial<Column>, number[]]>([
    ["ISO 8601", of("1970-01-02", "1970-02-01"), {}, [1, 31]],
    ["with times", of("1970-01-02 12:00", "1970-01-02T18:00:00Z"), {}, [1.5, 1.75]],
    ["with a zone", of("1970-01-02T02:00+02:00", "1970-01-02T00:00:00-06:00"), {}, [1, 1.25]],
    ["day first", of("2.1.1970", "31.01.1970"), { order: "dmy" }, [1, 30]],
    ["day first with strokes", of("02/01/1970", "31/01/1970"), { order: "dmy" }, [1, 30]],
    ["month first", of("1/2/1970", "01/31/1970"), { order: "mdy" }, [1, 30]],
    ["year first", of("1970/1/2", "1970/01/31"), { order: "ymd" }, [1, 30]],
  ])("%s", async (_, cell, more, expected) => {
    const { column, values } = await columnOf(cell);
    expect(column).toEqual({ name: "x", kind: "date", ...more });
    expect(values.slice(0, 2)).toEqual(expected);
  });
  test("but not where day and month can be either", async () => {
    expect((await columnOf(of("1/2/1970", "2/1/1970"))).column?.kind).toBe("category");
  });
  test("and no date is 30 February", () => {
    expect(coderOf({ name: "x", kind: "date" })("2026-02-30")).toBeUndefined();
  });
});

describe("a column is left out, and that is said with the reason", () => {
  test.each<[string, (k: number) => string, string]>([
    ["names of their own", (k) => `A${k}`, "40 different values in 40 rows, as of names or ids"],
    ["sentences", (k) => `the row ${k} has words`, "free text"],
    ["a counter", (k) => `${k + 1}`, "it counts the rows and tells nothing else"],
    ["a counter that was shuffled", (k) => `${(k * 7) % 40}`, "it counts the rows and tells nothing else"],
    ["no values", () => "?", "it has no values"],
    ["one word", () => "same", "it has one value only"],
  ])("%s", async (_, cell, why) => {
    const { found } = await columnOf(cell);
    expect([found.role, found.why]).toEqual(["ignored", why]);
    const { warnings } = await readCsv(table(cell));
    expect(warnings[0]).toMatch(`Left out: x (${why}).`);
  });
  test.each(["", "Unnamed: 0", "__index_level_0__", "index", "id", "user_id", "PassengerId"])(
    "an index or identifier called %j",
    async (name) => {
      const { columns } = await readCsv(table((k) => `${k * k + 3}`).replace("x", name));
      expect(columns[0]!.role).toBe("ignored");
      expect((await readCsv(table((k) => `${(k * k) % 30}`).replace("x", name))).columns[0]!.role).toBe("feature");
    },
  );
  test("unless a person says what it is", async () => {
    expect((await columnOf((k) => `${k + 1}`, { numeric: ["x"] })).found.role).toBe("feature");
    expect((await columnOf((k) => `A${k}`, { categorical: ["1"] })).column?.levels).toHaveLength(40);
    expect((await columnOf((k) => `A${k}`, { columns: ["x"] })).found.role).toBe("feature");
    expect((await columnOf((k) => `${k % 5}`, { ignore: ["x"] })).found).toMatchObject({
      role: "ignored",
      why: "as told",
    });
  });
});
