// How tables of text come from other programs: their separators, their encodings, and what stands before the rows.
import { describe, expect, test } from "vitest";
import { type CsvOptions, readCsv } from "../../src/data/formats/csv.ts";
import type { InvalidInput } from "../../src/errors.ts";

const read = (text: string | Uint8Array, options: Partial<CsvOptions> = {}, size = 1 << 16) => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) =>
    bytes.subarray(k * size, (k + 1) * size),
  );
  return readCsv(pieces, { name: "t", file: "t.csv", ...options });
};
const refusal = async (text: string | Uint8Array, options: Partial<CsvOptions> = {}, size?: number) =>
  read(text, options, size).then(
    () => expect.fail("it was read"),
    (error: InvalidInput) => `${error.code} ${error.at}: ${error.reason}`,
  );
const latin = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

describe("the separator", () => {
  test.each([
    [
      "of UCI's wheat seeds: tabs, sometimes two",
      "15.26\t14.84\t1\n14.88\t\t14.57\t1\n14.1\t14.9\t2\n",
      [15.26, 14.84, 14.88, 14.57, 14.1, 14.9],
    ],
    ["of a matrix: blanks in front and between", "  1  2 0\n 10 20 1\n", [1, 2, 10, 20]],
    ["that splits most", "1,2,x;y\n3,4,y;x\n5,6,x;x\n", [1, 2, 3, 4, 5, 6]],
  ])("%s", async (_, text, features) => {
    expect([...(await read(text)).data.features]).toEqual(features);
  });
  test("that gives every row the same cells", async () => {
    const { data } = await read("1;2|3;a\n4;5|6;b\n1;2|7;a\n");
    expect([...data.features]).toEqual([1, 0, 4, 2, 1, 1]);
    expect(data.columns).toEqual([
      { name: "column 1", kind: "number" },
      { name: "column 2", kind: "category", levels: ["2|3", "2|7", "5|6"] },
    ]);
    expect([...data.labels].map((c) => data.classes[c])).toEqual(["a", "b", "a"]);
  });
  test("in quotes is none", async () => {
    const { data } = await read('a b "long name"\n1 2 "x y"\n3 4 "z ""q"""\n');
    expect([data.featureNames, data.classes]).toEqual([
      ["a", "b"],
      ["x y", 'z "q"'],
    ]);
  });
  test("that is nowhere is said with all that was tried", async () => {
    expect(await refusal("name\n1\n2\n")).toBe(
      "BAD_CSV row 1: the table has one column only: neither commas, semicolons, tabs, bars | nor blanks split its first rows alike. It needs features and a label.",
    );
  });
  test("of a .tsv is the tab, unless there is none", async () => {
    const { data } = await read("a\tb,c\n3,5\t4\n", { preferred: "\t", label: null });
    expect([data.featureNames, [...data.features]]).toEqual([
      ["a", "b,c"],
      [3.5, 4],
    ]);
    expect((await read("1,5,a\n3,5,b\n", { preferred: "\t" })).data.cols).toBe(2);
  });
  test("may be one that a caller names", async () => {
    const { data } = await read("x y k\n1 2,3 a\n", { delimiter: " ", label: null });
    expect([...data.features]).toEqual([1, 2.3, 0]);
    expect(data.columns).toEqual([
      { name: "x", kind: "number" },
      { name: "y", kind: "number", decimal: "," },
      { name: "k", kind: "category", levels: ["a"] },
    ]);
  });
});

describe("before the table", () => {
  const table = "sl,kind\n1,a\n2,b\n3,a\n";
  test("a title is left out, and that is said", async () => {
    const { data, warnings } = await read(`Iris data\n\n${table}`);
    expect([data.rows, data.featureNames]).toEqual([3, ["sl"]]);
    expect(warnings[0]).toBe('Row 1 is no row of the table and left out: "Iris data".');
  });
  test("rows are counted with the lines that are left out", async () => {
    expect(await refusal(`# one\n# two\n\n${table}x,a\n`)).toMatch(/^BAD_CSV row 8 column 1 \(sl\)/);
  });
  test("a # belongs to a header of as many cells", async () => {
    expect((await read("#Label\tx\n1\t2\n0\t4\n", { label: "#Label" })).data.featureNames).toEqual(["x"]);
  });
  test("a first row of one name less has names of rows under it, as R writes them", async () => {
    const { data, warnings } = await read('"sl" "kind"\n"1" 5.5 "a"\n"2" 6.5 "b"\n');
    expect(data.featureNames).toEqual(["column 1", "sl"]);
    expect(warnings[0]).toContain("the first column is taken for the names of rows");
  });
});

describe("a last separator", () => {
  test("that only some rows have is a cell that is empty", async () => {
    expect(await refusal("a,b,kind\n1,2,x\n3,4,\n")).toContain("label is missing");
    expect(await refusal("a,b,kind\n1,2,x\n3,4,y,\n")).toContain("BAD_CSV row 3: the row has 4 cells");
  });
});

describe("an encoding", () => {
  const words = "größe,art\n1,für\n2,nö\n";
  test("is read by its name", async () => {
    for (const encoding of ["windows-1252", "latin1", "iso-8859-1"])
      expect((await read(latin(words), { encoding })).data.classes).toEqual(["für", "nö"]);
    const { data } = await read(Uint8Array.of(0x61, 0x2c, 0x80, 10, 0x31, 0x2c, 0x93, 10), {
      encoding: "windows-1252",
    });
    expect(data.classes).toEqual(["“"]);
  });
  test("with a name that is none is refused", async () => {
    expect(await refusal(words, { encoding: "cp9999" })).toContain("must be the name of an encoding, such as utf-8");
  });
  test.each([1, 3, 7, 4096])("that is not UTF-8 is found at its row and byte, in pieces of %i", async (size) => {
    const rows = Array.from({ length: 5000 }, (_, k) => `${k},${"pq"[k % 2]}\n`).join("");
    const good = `größe,art\n${rows}`;
    const start = Buffer.from(good).length;
    const bad = Buffer.concat([Buffer.from(good), latin("5,für\n6,p\n")]);
    expect(await refusal(bad, {}, size)).toBe(
      `BAD_CSV row 5002 byte ${start + 3}: the byte 0xfc is not UTF-8; in Windows-1252 it is "ü". If the text comes from Excel or Windows, read it with --encoding windows-1252, or convert it: iconv -f CP1252 -t UTF-8.`,
    );
  });
  test("that ends within a character is said with the byte", async () => {
    expect(await refusal(Buffer.concat([Buffer.from("a,kind\n1,x\n2,"), Uint8Array.of(0xe2, 0x82)]))).toContain(
      "row 3 byte 13",
    );
  });
  test.each([
    ["gzip", [0x1f, 0x8b, 8, 0], "compressed by gzip. Let its name end in .gz"],
    ["a workbook", [0x50, 0x4b, 3, 4], "an Excel workbook"],
    ["Parquet", [0x50, 0x41, 0x52, 0x31], "a Parquet file"],
  ])("is not that of %s, which is said", async (_, bytes, reason) => {
    expect(await refusal(Uint8Array.from(bytes))).toContain(`BAD_CSV byte 0: the file is no text, it is `);
    expect(await refusal(Uint8Array.from(bytes))).toContain(reason);
  });
});

test("rows after a quoted comma are the rows of csv-parse, in pieces of any size", async () => {
  const text = 'x,kind\r\n1,a\r\n"2",b\r\n\r\n3,"a, b\r\nc"\r\n4,"d ""e"""\n5,a\r';
  for (const size of [1, 2, 3, 5, 64]) {
    const { data } = await read(text, {}, size);
    expect([...data.features]).toEqual([1, 2, 3, 4, 5]);
    expect(data.classes).toEqual(["a", "a, b\r\nc", "b", 'd "e"']);
  }
});

describe("LIBSVM", () => {
  test("is known by its rows; what a row does not have is 0", async () => {
    const { data } = await read("+1 1:0.5 3:1 # first\n-1 2:0.25\n+1 4:1e-3\n");
    expect([...data.features]).toEqual([0.5, 0, 1, 0, 0, 0.25, 0, 0, 0, 0, 0, 1e-3]);
    expect([data.featureNames, data.classes]).toEqual([
      ["1", "2", "3", "4"],
      ["-1", "1"],
    ]);
    expect([...data.labels]).toEqual([1, 0, 1]);
  });
  test.each([
    ["1 1:0.5\n2 2:0.5 1:3\n", "BAD_LIBSVM row 2: indices must grow in a row, got 1 after 2."],
    ["1 1:0.5\n2 qid:3 1:3\n", 'BAD_LIBSVM row 2: after the label come pairs index:value, got "qid:3". Rankings'],
    ["1 1:0.5\n2 100000:3\n", "BAD_LIBSVM row 2: at most 99999 columns are read"],
    ["1 1:0.5\nx 2:3\n", "BAD_LIBSVM row 2: the label must be a number"],
    ["1 1:0.5\n2 2:\n", "BAD_LIBSVM row 2: after the label come pairs"],
    ["1 99999:0.5\n".repeat(2000), "BAD_LIBSVM row 2000: 2000 rows of 99999 columns are"],
  ])("%j is refused", async (text, line) => {
    expect((await refusal(text)).slice(0, line.length)).toBe(line);
  });
});
