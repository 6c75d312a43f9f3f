// Excel workbooks: those of write-excel-file, which shares nothing with the reader, and parts written by hand as Excel,
// LibreOffice and openpyxl have them.
import { describe, expect, test } from "vitest";
import writeExcelFile from "write-excel-file/node";
import { readXlsx, type XlsxOptions } from "../../src/data/formats/xlsx.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import { InvalidInput } from "../../src/errors.ts";
import { workbook } from "../hostile/make-xlsx.ts";

type Value = string | number | boolean | Date | null;
const cell = (value: Value) =>
  value instanceof Date ? { value, type: Date, format: "yyyy-mm-dd" } : value === null ? null : { value };
const sheet = (rows: Value[][], name = "Sheet1") => ({ data: rows.map((row) => row.map(cell)), sheet: name });
const write = async (...sheets: ReturnType<typeof sheet>[]) =>
  new Uint8Array(await writeExcelFile(sheets as never).toBuffer());
const read = async (bytes: Uint8Array<ArrayBuffer>, options: Partial<XlsxOptions> = {}) => {
  const { data, warnings } = await readXlsx(bytes, { name: "t", file: "t.xlsx", ...options });
  const { features, cols, rows, labels, classes, featureNames, columns } = data;
  return {
    rows: Array.from({ length: rows }, (_, i) => [...features.subarray(i * cols, (i + 1) * cols)]),
    labels: [...labels].map((c) => classes[c]),
    featureNames,
    columns,
    warnings,
  };
};
const refusal = (bytes: Uint8Array<ArrayBuffer>, options = {}) =>
  read(bytes, options).then(
    () => expect.fail("it was read"),
    (error: unknown) => {
      if (error instanceof InvalidInput) return `${error.code} ${error.at}: ${error.reason}`;
      throw error;
    },
  );

const NOVEMBER_28 = 20785; // days from 1970 to 2026-11-28

const TABLE: Value[][] = [
  ["sl", "n", "kind"],
  [5.1, 3, "setosa"],
  [0.1 + 0.2, -2, "virginica & <co>"],
  [1e-7, 4, "setosa"],
];
const FOUND = {
  rows: [
    [5.1, 3],
    [0.1 + 0.2, -2],
    [1e-7, 4],
  ],
  labels: ["setosa", "virginica & <co>", "setosa"],
  featureNames: ["sl", "n"],
};

describe("a sheet", () => {
  test("of another program is the table", async () => {
    expect(await read(await write(sheet(TABLE)))).toMatchObject(FOUND);
  });
  test("is found by its ending", async () => {
    const files = memoryFiles([{ name: "t.xlsx", bytes: await write(sheet(TABLE)) }]);
    expect((await readSource(files, ["t.xlsx"])).train.rows).toBe(3);
  });
  test("is the first, which is said, or the one that is named", async () => {
    const bytes = await write(
      sheet(TABLE, "Data"),
      sheet(
        [
          ["a", "kind"],
          [1, "x"],
          [2, "y"],
        ],
        "Notes & more",
      ),
    );
    expect((await read(bytes)).warnings[0]).toBe(
      'Sheet "Data" is read, of ["Data", "Notes & more"]; --sheet chooses another.',
    );
    expect(await read(bytes, { sheet: "Notes & more" })).toMatchObject({ featureNames: ["a"], rows: [[1], [2]] });
    expect(await refusal(bytes, { sheet: "notes" })).toBe(
      'BAD_XLSX content: no sheet is named "notes"; there are ["Data", "Notes & more"].',
    );
    expect(await refusal(bytes, { sheet: "Date" })).toContain('Did you mean "Data"?');
  });
  test("that is hidden is left out", async () => {
    const bytes = workbook("<sheetData/>", {
      state: "hidden",
      second: '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>0</v></c></row></sheetData>',
    });
    expect((await read(bytes)).rows).toEqual([[1]]);
  });
  test("has truth values, holes, empty rows and a title", async () => {
    const bytes = await write(
      sheet([["Measured in 2026"], [], ["a", "kind"], [true, "x"], [null, null], [false, "y"]]),
    );
    const found = await read(bytes);
    expect(found).toMatchObject({
      rows: [[1], [0]],
      labels: ["x", "y"],
      columns: [{ name: "a", kind: "boolean" }],
    });
    expect(found.warnings[0]).toBe('Row 1 is no row of the table and left out: "Measured in 2026".');
    const hole = await write(
      sheet([
        ["a", "kind"],
        [1, "x"],
        [null, "y"],
      ]),
    );
    expect(await read(hole)).toMatchObject({
      rows: [[1], [Number.NaN]],
      labels: ["x", "y"],
      columns: [{ name: "a", kind: "number" }],
    });
    expect(await refusal(hole, { missing: "refuse" })).toContain("BAD_XLSX row 3 column 1 (a): the value is missing");
  });
  test("has dates", async () => {
    const bytes = await write(
      sheet([
        ["when", "kind"],
        [new Date("2026-11-28T00:00:00Z"), "x"],
        [new Date("2027-11-28T00:00:00Z"), "y"],
      ]),
    );
    expect(await read(bytes)).toMatchObject({
      rows: [[NOVEMBER_28], [NOVEMBER_28 + 365]],
      columns: [{ name: "when", kind: "date" }],
    });
  });
});

describe("parts as programs write them", () => {
  const rows = (body: string) => `<sheetData>${body}</sheetData>`;
  const header =
    '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>kind</t></is></c></row>';
  const kind = '<c r="B2" t="str"><f>"x"</f><v>x</v></c>';
  const second = (cell: string) => `<row r="3">${cell}<c r="B3" t="str"><v>y</v></c></row>`;
  test.each<[string, string, number]>([
    [
      "a prefix before every name",
      `<x:sheetData>${header.replaceAll(/<(\/?)/g, "<$1x:")}<x:row r="2"><x:c r="A2"><x:v>7</x:v></x:c>${kind.replaceAll(/<(\/?)/g, "<$1x:")}</x:row></x:sheetData>`,
      7,
    ],
    [
      "cells and rows without references",
      rows(`${header.replaceAll(/ r="[^"]*"/g, "")}<row><c><v>7</v></c><c t="str"><v>x</v></c></row>`),
      7,
    ],
    ["a formula with its saved value", rows(`${header}<row r="2"><c r="A2"><f>3+4</f><v>7</v></c>${kind}</row>`), 7],
    [
      "a table that does not begin at A1",
      rows(
        header.replace(/A1/, "C5").replace(/B1/, "D5").replace('r="1"', 'r="5"') +
          '<row r="6"><c r="C6"><v>7</v></c><c r="D6" t="str"><v>x</v></c></row>',
      ),
      7,
    ],
  ])("%s", async (_, body, value) => {
    expect(await read(workbook(body))).toMatchObject({ rows: [[value]], labels: ["x"], featureNames: ["a"] });
  });
  test("shared texts in runs, without their phonetic ones", async () => {
    const shared =
      '<sst><si><r><t>a</t></r><r><t xml:space="preserve"> b</t></r></si><si><t>東京</t><rPh><t>トウキョウ</t></rPh></si><si><t>kind</t></si></sst>';
    const text = (reference: string, n: number) => `<c r="${reference}" t="s"><v>${n}</v></c>`;
    const body = rows(
      `<row r="1">${text("A1", 0)}${text("B1", 2)}</row><row r="2"><c r="A2"><v>1</v></c>${text("B2", 1)}</row>`,
    );
    expect(await read(workbook(body, { shared }))).toMatchObject({ featureNames: ["a b"], labels: ["東京"] });
    expect(await refusal(workbook(body))).toContain("there is no shared text");
  });
  test.each([
    ["14", "", true],
    ["22", "", true],
    ["170", '<numFmt numFmtId="170" formatCode="d\\.m\\.yy"/>', true],
    ["171", '<numFmt numFmtId="171" formatCode="0.0&quot; days&quot;"/>', false],
    ["172", '<numFmt numFmtId="172" formatCode="[Red]0.00"/>', false],
    ["173", '<numFmt numFmtId="173" formatCode="[h]:mm"/>', true],
  ])("a number of format %s %s", async (id, custom, isDate) => {
    const styles = `<styleSheet><numFmts>${custom}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="${id}"/></cellXfs></styleSheet>`;
    const first = `<row r="2"><c r="A2" s="1"><v>46354</v></c>${kind}</row>`;
    const body = header + first + second('<c r="A3" s="1"><v>46356.5</v></c>');
    const found = await read(workbook(rows(body), { styles }));
    expect([found.rows, found.columns]).toEqual(
      isDate
        ? [[[NOVEMBER_28], [NOVEMBER_28 + 2.5]], [{ name: "a", kind: "date" }]]
        : [[[46354], [46356.5]], undefined],
    );
  });
  test("dates that count from 1904, with a time", async () => {
    const styles = '<styleSheet><cellXfs><xf numFmtId="22"/></cellXfs></styleSheet>';
    const first = `<row r="2"><c r="A2" s="0"><v>44892.25</v></c>${kind}</row>`;
    const body = header + first + second('<c r="A3" s="0"><v>0</v></c>');
    expect(await read(workbook(rows(body), { styles, from1904: true }))).toMatchObject({
      rows: [[NOVEMBER_28 + 0.25], [Date.UTC(1904, 0, 1) / 86_400_000]],
      columns: [{ name: "a", kind: "date" }],
    });
  });
  test("an error is a missing value", async () => {
    for (const error of ["#N/A", "#DIV/0!", "#REF!"]) {
      const first = `<row r="2"><c r="A2" t="e"><v>${error}</v></c>${kind}</row>`;
      const body = header + first + second('<c r="A3"><v>7</v></c>');
      expect(await read(workbook(rows(body)))).toMatchObject({
        rows: [[Number.NaN], [7]],
        columns: [{ name: "a", kind: "number" }],
      });
    }
  });
});
