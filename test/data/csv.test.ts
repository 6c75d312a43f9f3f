import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvOptions, readCsv } from "../../src/data/formats/csv.ts";
import { InvalidInput } from "../../src/errors.ts";

const iris = "sepal,petal,species\n5.1,1.4,setosa\n7.0,4.7,versicolor\n6.3,6.0,virginica\n4.9,1.5,setosa\n";

const utf16 = (text: string) => Buffer.from(text, "utf16le");

/** Read text, handed over in pieces of `size` bytes. */
function read(text: string | Uint8Array, options: Partial<CsvOptions> = {}, size = 1 << 16) {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) =>
    bytes.subarray(k * size, (k + 1) * size),
  );
  return readCsv(chunks, { name: "table", file: "t.csv", ...options });
}

async function refusal(text: string | Uint8Array, options: Partial<CsvOptions> = {}): Promise<InvalidInput> {
  const error = await read(text, options).then(
    () => new Error("it was read"),
    (reason: unknown) => reason,
  );
  if (error instanceof InvalidInput) return error;
  throw error;
}

test("a table with a header and text labels becomes features, classes in alphabetical order, and names", async () => {
  const { data, warnings } = await read(iris);
  expect(data).toEqual({
    name: "table",
    features: Float64Array.of(5.1, 1.4, 7, 4.7, 6.3, 6, 4.9, 1.5),
    rows: 4,
    cols: 2,
    labels: Int32Array.of(0, 1, 2, 0),
    classes: ["setosa", "versicolor", "virginica"],
    featureNames: ["sepal", "petal"],
  });
  expect(warnings).toEqual(["2 classes have one example only: versicolor, virginica."]);
});

test("the same table in other clothes is the same dataset", async () => {
  const { data } = await read(iris);
  const clothes: [string, string | Uint8Array][] = [
    ["CRLF", iris.replaceAll("\n", "\r\n")],
    ["CR", iris.replaceAll("\n", "\r")],
    ["a byte order mark", `\ufeff${iris}`],
    ["tabs", iris.replaceAll(",", "\t")],
    ["semicolons", iris.replaceAll(",", ";")],
    ["quotes", iris.replaceAll(/[^,\n]+/g, '"$&"')],
    ["no newline at the end", iris.trimEnd()],
    ["blank lines", `\n\n${iris.replaceAll("\n", "\n\n")}`],
    ["blanks around cells", iris.replaceAll(",", " , ")],
    ["bars", iris.replaceAll(",", "|")],
    ["blanks for separators", iris.replaceAll(",", " ")],
    ["runs of blanks and tabs", `  ${iris.replaceAll(",", "  \t ")}`],
    ["semicolons behind every row", iris.replaceAll(",", ";").replaceAll("\n", ";\n")],
    ["commas behind every row but the first", iris.replaceAll(/(?<=[0-9],[a-z]+)\n/g, ",\n")],
    ["sep=;", `sep=;\r\n${iris.replaceAll(",", ";")}`],
    ["comments first", `# made by a program, in 2026\n% and by hand\n#\n${iris}`],
    ["UTF-16 with a mark", utf16(`\ufeff${iris}`)],
    ["big-endian UTF-16 with a mark", utf16(`\ufeff${iris}`).swap16()],
    ["UTF-16 without a mark", utf16(iris)],
    ["big-endian UTF-16 without a mark", utf16(iris).swap16()],
    ["sep=; in UTF-16", utf16(`\ufeffsep=;\n${iris.replaceAll(",", ";")}`)],
  ];
  for (const [what, text] of clothes)
    for (const size of [5, 1 << 16]) expect((await read(text, {}, size)).data, `${what}, ${size}`).toEqual(data);
});

test("any numbers come back exactly, in chunks of any size", async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -3.4e38, max: 3.4e38 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(number, number, fc.constantFrom("a", 'b "quoted", b', "ç\nd")), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.integer({ min: 10, max: 400 }),
      async (rows, size) => {
        const quoted = (label: string) => `"${label.replaceAll('"', '""')}"`;
        const text = rows.map(([x, y, label]) => `${x};${y};${quoted(label)}\n`).join("");
        const { data } = await read(text, {}, size);
        expect([...data.features]).toEqual(rows.flatMap((row) => [row[0] + 0, row[1] + 0]));
        expect([...data.labels].map((c) => data.classes[c])).toEqual(rows.map((row) => row[2]));
      },
    ),
    { numRuns: 40, seed: 1 },
  );
});

describe("the label column", () => {
  const header = "kind,x,y\nb,1,2\na,3,4\n";
  test("is the last by default", async () => {
    expect((await read("1,2,b\n3,4,a\n")).data.classes).toEqual(["a", "b"]);
  });
  test("is the one column called label, class or target, and that is said", async () => {
    const { data, warnings } = await read(header.replace("kind", "Class"));
    expect([...data.features]).toEqual([1, 2, 3, 4]);
    expect(warnings[0]).toBe('The label is column 1, "Class"; --label chooses another.');
  });
  test("can be chosen by name or by position from 1", async () => {
    for (const label of ["kind", "1"]) expect((await read(header, { label })).data.featureNames).toEqual(["x", "y"]);
  });
  test("may be missing, and then no cell is a label", async () => {
    const { data, warnings } = await read("x,y\n1,2\n3,5\n", { label: null });
    expect([...data.features]).toEqual([1, 2, 3, 5]);
    expect(warnings).toEqual([]);
  });
  test("can be matched to the classes of a model", async () => {
    const { data } = await read("1,2,b\n3,4,a\n", { classes: ["c", "b", "a"] });
    expect([data.classes, [...data.labels]]).toEqual([
      ["c", "b", "a"],
      [1, 2],
    ]);
  });
  test("in numbers is sorted by value, in text as people count", async () => {
    expect((await read("1,10\n1,9\n2,-1\n")).data.classes).toEqual(["-1", "9", "10"]);
    expect((await read("1,10\n1,9\n2,x\n")).data.classes).toEqual(["9", "10", "x"]);
  });
});

describe("the first row", () => {
  test("that counts rows and columns, as scikit-learn's do, is told", async () => {
    const remedy = "The first row seems to count rows and columns, as in scikit-learn's files: remove it.";
    await expect(read("3,3,a,b,c,d\n1,2,3,0\n4,5,6,1\n7,8,9,0\n")).rejects.toThrow(
      `row 2: the row has 4 cells; the first row has 6. ${remedy}`,
    );
    const { warnings } = await read("4,2,a\n1,2,0\n4,5,1\n7,8,0\n1,9,1\n");
    expect(warnings).toContain(remedy);
    expect((await read("4,2,a\n1,2,0\n4,5,1\n7,8,0\n")).warnings).not.toContain(remedy);
  });
  test("is an example where all its features are numbers", async () => {
    const { data } = await read("1,2,a\n3,4,b\n");
    expect([data.rows, data.featureNames]).toEqual([2, undefined]);
  });
  test("is an example where a feature is missing, so the missing value can be reported", async () => {
    expect((await refusal("NA,2,a\n3,4,b\n", { missing: "refuse" })).at).toBe("row 1 column 1");
    expect([...(await read("NA,2,a\n3,4,b\n")).data.features]).toEqual([Number.NaN, 2, 3, 4]);
  });
  test("is a header where its names are numbers but its label is none", async () => {
    for (const classes of [undefined, ["0", "1"]]) {
      const { data } = await read("0,1,digit\n5,6,1\n7,8,0\n", { classes });
      expect([data.rows, data.featureNames, [...data.features]]).toEqual([2, ["0", "1"], [5, 6, 7, 8]]);
      expect([data.classes, [...data.labels]]).toEqual([
        ["0", "1"],
        [1, 0],
      ]);
    }
  });
  test("may leave the index column without a name", async () => {
    expect((await read(",x,y\n7,1,a\n9,2,b\n")).data.featureNames).toEqual(["column 1", "x"]);
  });
  test("named like Object.prototype's members is only text", async () => {
    const { data } = await read("__proto__,constructor,toString\n1,2,hasOwnProperty\n3,4,__proto__\n");
    expect(data.featureNames).toEqual(["__proto__", "constructor"]);
    expect(data.classes).toEqual(["__proto__", "hasOwnProperty"]);
    expect(({} as { 1?: unknown })[1]).toBeUndefined();
  });
});

describe("a cell that is not a plain decimal number is refused with its row and column", () => {
  const bad = [
    "0x10",
    "1e999",
    "inf",
    "-Infinity",
    "1_000",
    '"1,5"',
    "1.2.3",
    "1e",
    "e5",
    ".",
    "+",
    "--1",
    "5%",
    "$5",
    "1d",
    "0b1",
    "12px",
    "١",
    "true",
  ];
  const holes = ["nan", "NaN", "", " ", "NA", "?", "null"];
  test.each([...bad, ...holes, "1e39", "3.5e38"])("%j", async (cell) => {
    const missing = holes.includes(cell) ? "refuse" : "fill";
    const error = await refusal(`width,petal_width,kind\n1,2,a\n3,${cell},b\n`, { missing });
    expect([error.code, error.file, error.at]).toEqual(["BAD_CSV", "t.csv", "row 3 column 2 (petal_width)"]);
  });
  test.each([
    ["1", 1],
    ["+1", 1],
    ["-1.50", -1.5],
    [".5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["1E-3", 0.001],
    [" 7\t", 7],
    ["007", 7],
    ["3.4e38", 3.4e38],
    ["1e-400", 0],
    ["1\u00a0", 1],
  ])("but %j is a number", async (cell, value) => {
    expect((await read(`x,k\n${cell},a\n`)).data.features[0]).toBe(value);
  });
});

describe("a table that is not one is refused", () => {
  const long = "x".repeat(131_073);
  test.each<[string, string | Uint8Array, string | undefined, string]>([
    ["an empty file", "", "row 1", "no rows"],
    ["only blank lines", "\n\n\r\n", "row 1", "no rows"],
    ["only a header", "a,b\n", "row 1", "no rows under it"],
    ["one column", "a\n1\n2\n", "row 1", "one column only: neither commas, semicolons, tabs, bars | nor blanks"],
    ["a short row", "1,2,a\n\n3,b\n", "row 3", "has 2 cells; the first row has 3"],
    ["a long row", "1,2,a\n3,4,5,b\n", "row 2", "has 4 cells; the first row has 3"],
    ["a name twice", "x,x,kind\n1,2,a\n", "row 1", 'columns 1 and 2 have the same name, "x"'],
    ["a quote never closed", 'x,k\n1,a\n2,"b\n3,c\n', "row 3", "never closed"],
    ["text after a closing quote", 'x,k\n1,"a"b\n', "row 2", "after a closing quote"],
    ["a quote inside a bare cell", 'x,k\n1,a"b\n', "row 2", "only around a whole cell"],
    ["a cell over 131,072 bytes", `x,k\n1,${long}\n`, "row 2 column 2 (k)", "131073 bytes"],
    ["a number over 131,072 bytes", `x,k\n${"1".repeat(131_073)},a\n`, "row 2 column 1 (x)", "131073 bytes"],
    ["a missing label", "x,k\n1,a\n2,\n", "row 3 column 2 (k)", "label is missing"],
    [
      "a measurement as a label",
      Array.from({ length: 30 }, (_, k) => `${k}.25,${k}.5\n`).join(""),
      "column 2",
      "looks like a measurement",
    ],
    ["Latin-1", new Uint8Array(Buffer.from("größe,k\n1,a\n", "latin1")), "row 1 byte 2", "not UTF-8"],
    ["a decimal comma among points", "x;k\n1,5;a\n2.5;b\n", "row 2 column 1 (x)", "Write decimals with a point"],
  ])("%s", async (_, text, at, reason) => {
    const error = await refusal(text);
    expect([error.code, error.file]).toEqual(["BAD_CSV", "t.csv"]);
    expect(error.message).toContain(reason);
    expect(error.at).toBe(at);
  });

  test("a label that is no column, with what was probably meant", async () => {
    const error = await refusal(iris, { label: "spceies" });
    expect(error.line).toBe(
      'error BAD_CSV t.csv:row 1: no column is named "spceies"; the first row is ["sepal", "petal", "species"]. Did you mean "species"?',
    );
    for (const label of ["0", "4"])
      expect((await refusal(iris, { label })).message).toContain(`a column from 1 to 3, got ${label}`);
  });
  test("a label that the model does not know", async () => {
    const error = await refusal(iris, { classes: ["setosa", "versicolor"] });
    expect([error.at, error.reason]).toEqual([
      "row 4 column 3 (species)",
      'the label must be one of the classes ["setosa", "versicolor"], got "virginica".',
    ]);
  });
});

describe("a careful user is warned", () => {
  const rows = (f: (k: number) => string) => Array.from({ length: 12 }, (_, k) => `${f(k)}\n`).join("");
  test.each([
    [
      "of columns with one value",
      `a,b,c,k\n${rows((k) => `3,${k * k},7,${"pq"[k % 2]}`)}`,
      "2 columns have one value only: a, c.",
    ],
    [
      "of a column that counts the rows",
      `id,b,k\n${rows((k) => `${k + 1},${k * k},${"pq"[k % 2]}`)}`,
      "Left out: id (it counts the rows and tells nothing else). --numeric id keeps it.",
    ],
    ["of one row", "a,k\n1,only\n", 'There is one row only, of the class "only".'],
    ["of one class", `a,k\n${rows((k) => `${k * k},only`)}`, 'All 12 rows have the same class, "only".'],
    [
      "of a class with one example",
      `a,k\n${rows((k) => `${k * k},${k === 5 ? "rare" : "common"}`)}`,
      "1 class has one example only: rare.",
    ],
  ])("%s", async (_, text, warning) => {
    expect((await read(text)).warnings).toEqual([warning]);
  });
  test("and not of what is fine", async () => {
    expect((await read(`a,k\n${rows((k) => `${k * k},${"pq"[k % 2]}`)}`)).warnings).toEqual([]);
  });
});
