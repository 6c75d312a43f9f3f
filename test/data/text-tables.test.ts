// Tables in ARFF, LIBSVM and JSON, as Weka, scikit-learn, pandas and web services write them.
import { describe, expect, test } from "vitest";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import type { InvalidInput } from "../../src/errors.ts";

const read = async (name: string, text: string) => {
  const files = memoryFiles([{ name, bytes: new Uint8Array(Buffer.from(text)) }]);
  const { train, warnings } = await readSource(files, [name]);
  const { features, rows, cols, labels, classes, featureNames, columns } = train;
  return {
    features: Array.from({ length: rows }, (_, i) => [...features.subarray(i * cols, (i + 1) * cols)]),
    labels: [...labels].map((label) => classes[label]),
    featureNames,
    columns,
    warnings,
  };
};
const refusal = (name: string, text: string) =>
  read(name, text).then(
    () => expect.fail("it was read"),
    (error: InvalidInput) => `${error.code} ${error.at}: ${error.reason}`,
  );

const ROWS = {
  features: [
    [5.1, 3],
    [4.9, 2],
    [6, 4],
  ],
  labels: ["setosa", "versicolor", "setosa"],
  featureNames: ["sl", "n"],
};

describe("ARFF", () => {
  const head =
    "% UCI\n@RELATION iris\n\n@ATTRIBUTE sl NUMERIC\n@attribute 'n' integer\n@attribute class {setosa, versicolor}\n\n@DATA\n";
  test.each([
    ["with commas", `${head}5.1,3,setosa\n4.9, 2 ,versicolor\n% between\n\n6,4,'setosa'\n`],
    ["with tabs", `${head}5.1\t3\tsetosa\n4.9\t2\tversicolor\n6\t4\tsetosa`],
    ["in sparse rows", `${head}{0 5.1, 1 3}\r\n{0 4.9,1 2,2 versicolor}\r\n{ 0 6, 1 4, 2 "setosa" }\r\n`],
  ])("%s is the table", async (_, text) => {
    expect(await read("t.arff", text)).toMatchObject(ROWS);
  });
  test("has quoted names and values, escapes among them", async () => {
    const text =
      "@relation 'a b'\n@attribute 'petal width, cm' real\n@attribute \"it's\" {'a, b','c\\'d'}\n@data\n1,'a, b'\n2,'c\\'d'\n3,\"a, b\"\n";
    expect(await read("t.arff", text)).toMatchObject({
      featureNames: ["petal width, cm"],
      labels: ["a, b", "c'd", "a, b"],
    });
  });
  test("has ? for a missing value", async () => {
    expect(await read("t.arff", `${head}5.1,?,setosa\n4.9,2,versicolor\n`)).toMatchObject({
      features: [
        [5.1, Number.NaN],
        [4.9, 2],
      ],
      columns: [
        { name: "sl", kind: "number" },
        { name: "n", kind: "number" },
      ],
    });
  });
  test("has dates in the format that it declares", async () => {
    const dates = (format: string, one: string, other: string) =>
      `@relation r\n@attribute d date ${format}\n@attribute class {a,b}\n@data\n${one},a\n${other},b\n`;
    const day = 20785; // from 1970 to 2026-11-28
    const time = 425 / 1440; // 7:05
    for (const [format, one, other, codes] of [
      ['"dd.MM.yyyy HH:mm"', "'28.11.2026 7:05'", "'1.12.2026 0:00'", [[day + time], [day + 3]]],
      ["", "2026-11-28T07:05:00", "2026-12-01T00:00:00", [[day + time], [day + 3]]],
      ["yyyy-MM-dd", "2026-11-28", "2026-12-01", [[day], [day + 3]]],
      ["MM/dd/yyyy", "11/28/2026", "12/01/2026", [[day], [day + 3]]],
      ["dd/MM/yyyy", "01/12/2026", "02/12/2026", [[day + 3], [day + 4]]],
    ] as const)
      expect(await read("t.arff", dates(format, one, other))).toMatchObject({
        features: codes,
        columns: [{ name: "d", kind: "date" }],
      });
    expect(await refusal("t.arff", dates("MM/dd/yyyy", "28.11", "11/28/2026"))).toContain(
      '"28.11" is no date of column "d"',
    );
  });
  test.each([
    ["no @data", "@relation r\n@attribute a real\n", "BAD_ARFF row 2: the file has no @data."],
    ["nothing declared", "@relation r\n@data\n1\n", "BAD_ARFF row 2: the file declares no @attribute."],
    ["a kind that is none", "@attribute a relational\n", "BAD_ARFF row 1: an attribute is numeric, nominal"],
    ["a line that is none", "hello\n", "BAD_ARFF row 1: a line before @data must be"],
    ["a short row", `${head}1,2\n`, "BAD_ARFF row 9: the row has 2 cells; 3 are declared."],
    ["a weight", `${head}1,2,setosa, {5}\n`, "BAD_ARFF row 9: the row has 4 cells; 3 are declared. Weights"],
    ["a quote left open", `${head}1,2,'setosa\n`, "BAD_ARFF row 9: a quote opens and is never closed"],
    ["text after a quote", `${head}1,2,'setosa'x\n`, "BAD_ARFF row 9: after a closing quote"],
    ["an index outside", `${head}{3 x}\n`, "BAD_ARFF row 9: a sparse row has pairs of a growing index below 3"],
    ["an index twice", `${head}{1 2,1 3}\n`, "BAD_ARFF row 9: a sparse row has pairs"],
    ["a sparse row left open", `${head}{1 2\n`, "BAD_ARFF row 9: a sparse row begins with { and ends with }"],
    [
      "more zeros than the file pays for",
      `${Array.from({ length: 1500 }, (_, k) => `@attribute a${k} real\n`).join("")}@data\n${"{0 1}\n".repeat(6000)}`,
      /^BAD_ARFF row \d+: \d+ rows of 1500 columns/,
    ],
  ])("with %s is refused", async (_, text, line) => {
    const found = await refusal("t.arff", text);
    if (typeof line === "string") expect(found.slice(0, line.length)).toBe(line);
    else expect(found).toMatch(line);
  });
});

describe("LIBSVM files", () => {
  test.each(["t.libsvm", "t.svm", "t.svmlight", "t.txt", "t.data"])("%s", async (name) => {
    expect(
      await read(name, "# scikit-learn\n1 0:5.1 1:3\n2 0:4.9 1:2 \n1 0:6 1:4\n".slice(name.endsWith("m") ? 0 : 15)),
    ).toMatchObject({
      features: ROWS.features,
      labels: ["1", "2", "1"],
      featureNames: ["0", "1"],
    });
  });
});

describe("JSON", () => {
  const objects = [
    { sl: 5.1, n: 3, class: "setosa" },
    { sl: 4.9, n: 2, class: "versicolor" },
    { sl: 6, n: 4, class: "setosa" },
  ];
  const column = (name: "sl" | "n" | "class") => objects.map((row) => row[name]);
  const indexed = (name: "sl" | "n" | "class") => Object.fromEntries(objects.map((row, k) => [k * 7, row[name]]));
  const rows = objects.map((row) => Object.values(row));
  const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
  test.each([
    ["an array of objects (pandas' records, web services)", "t.json", JSON.stringify(objects, null, 2)],
    [
      "an object of columns (DataFrames.jl, polars before 1.0)",
      "t.json",
      JSON.stringify({ sl: column("sl"), n: column("n"), class: column("class") }),
    ],
    [
      "an object of objects (pandas' default)",
      "t.json",
      JSON.stringify({ sl: indexed("sl"), n: indexed("n"), class: indexed("class") }),
    ],
    [
      "columns, index and data (pandas' split)",
      "t.json",
      JSON.stringify({ columns: ["sl", "n", "class"], index: [0, 1, 2], data: rows }),
    ],
    [
      "schema and data (pandas' table)",
      "t.json",
      JSON.stringify({ schema: { fields: [{ name: "sl" }] }, data: objects }),
    ],
    ["an array of rows, the first of names", "t.json", JSON.stringify([["sl", "n", "class"], ...rows])],
    [
      "objects in another order of names",
      "t.json",
      JSON.stringify([objects[0], ...objects.slice(1).map(({ sl, n, class: c }) => ({ class: c, n, sl }))]),
    ],
    ["one object a line", "t.jsonl", lines(objects)],
    ["one object a line, CRLF and blank lines", "t.ndjson", `\n${lines(objects).replaceAll("\n", "\r\n\r\n")}`],
    ["one object a line, called .json", "t.json", lines(objects)],
    ["one array a line", "t.jsonl", lines([["sl", "n", "class"], ...rows])],
  ])("in %s is the table", async (_, name, text) => {
    expect(await read(name, text)).toMatchObject(ROWS);
  });
  test("with lists of numbers, such as embeddings, has a column for each number", async () => {
    const text = JSON.stringify([
      { e: [1, 2], label: "a" },
      { e: [3, 4], label: "b" },
    ]);
    expect(await read("t.json", text)).toMatchObject({
      features: [
        [1, 2],
        [3, 4],
      ],
      featureNames: ["e[0]", "e[1]"],
    });
    expect(await refusal("t.json", text.replace("3,4", "3"))).toBe(
      "BAD_JSON row 2 column 1 (e): a list must have 2 numbers, as in the first row, got 1.",
    );
  });
  test("has true and false for 1 and 0, and what is not there is missing", async () => {
    expect(await read("t.json", '[{"a":true,"k":"x"},{"a":false,"k":"y"}]')).toMatchObject({
      features: [[1], [0]],
      columns: [{ name: "a", kind: "boolean" }],
    });
    for (const row of ['{"k":"y"}', '{"a":null,"k":"y"}'])
      expect(await read("t.json", `[{"a":1,"k":"x"},${row}]`)).toMatchObject({
        features: [[1], [Number.NaN]],
        labels: ["x", "y"],
        columns: [{ name: "a", kind: "number" }],
      });
  });
  test("with __proto__ for a name is only text", async () => {
    const found = await read(
      "t.json",
      '[{"__proto__":1,"toString":2,"k":"x"},{"toString":3,"__proto__":4,"k":"constructor"}]',
    );
    expect(found).toMatchObject({
      featureNames: ["__proto__", "toString"],
      features: [
        [1, 2],
        [4, 3],
      ],
      labels: ["x", "constructor"],
    });
    expect(await read("t.json", '[{"toString":1,"k":"x"},{"k":"y"}]')).toMatchObject({
      features: [[1], [Number.NaN]],
      columns: [{ name: "toString", kind: "number" }],
    });
  });
  test.each([
    ["t.json", "[1,", "BAD_JSON content: the text is not JSON"],
    ["t.json", "3", "BAD_JSON content: a table is an array of objects"],
    [
      "t.json",
      '{"a":1}',
      "BAD_JSON content: a table is an array of objects or of rows, an object of columns, or pandas",
    ],
    ["t.json", "[]", "BAD_JSON row 1: the file has no rows"],
    ["t.json", "[{}]", "BAD_JSON row 1: the table has no columns."],
    [
      "t.json",
      '[{"a":1e999,"k":"x"},{"a":1e39,"k":"y"}]',
      'BAD_JSON row 1 column 1 (a): the number "Infinity" is too large for float32.',
    ],
    [
      "t.json",
      `[{"a":1,"k":"x"}${',{"a":1e39,"k":"y"}'.repeat(4)}]`,
      'BAD_JSON row 2 column 1 (a): the number "1e+39" is too large for float32.',
    ],
    ["t.json", '[{"a":1},[2]]', "BAD_JSON row 2: a row must be an object, got [2]"],
    ["t.json", '[[1],{"a":2}]', "BAD_JSON row 2: a row must be an array, as the first is"],
    ["t.json", '[{"a":{"b":1},"k":"x"}]', "BAD_JSON row 1 column 1 (a): the cell is nested"],
    ["t.json", '{"a":[1,2],"k":["x"]}', 'BAD_JSON content: column "k" has 1 values, "a" has 2'],
    ["t.jsonl", '{"a":1,"k":"x"}\n{"a":2,\n', "BAD_JSON row 2: the line is not JSON"],
    ["t.jsonl", "", "BAD_JSON row 1: the file has no rows"],
    [
      "t.json",
      `[${Array.from({ length: 9000 }, (_, k) => `{"a${k}":1}`).join(",")}]`,
      "BAD_JSON content: 9000 rows of 9000 columns",
    ],
  ])("%s %.60s is refused", async (name, text, line) => {
    expect((await refusal(name, text)).slice(0, line.length)).toBe(line);
  });
});
