// The first row, the label and the rows of a table: found from the cells, said, and never wrong in silence.
import { describe, expect, test } from "vitest";
import { readCsv } from "../../src/data/csv-source.ts";
import type { CsvOptions } from "../../src/data/formats/csv.ts";
import { InvalidInput } from "../../src/errors.ts";

const lines = (n: number, row: (k: number) => string) => `${Array.from({ length: n }, (_, k) => row(k)).join("\n")}\n`;

async function shape(text: string, options: Partial<CsvOptions> = {}) {
  const { data, labelName } = await readCsv(text, { file: "t.csv", ...options });
  return { rows: data.rows, classes: data.classes, names: data.featureNames, label: labelName };
}

async function refusal(text: string, options: Partial<CsvOptions> = {}): Promise<InvalidInput> {
  const error = await readCsv(text, { file: "t.csv", ...options }).catch((reason: unknown) => reason);
  if (error instanceof InvalidInput) return error;
  throw new Error("it was read", { cause: error });
}

const SPECIES = ["setosa", "versicolor", "virginica"];
describe("the first row is a header", () => {
  test("where it counts the columns over words or numbers that never have its label", async () => {
    const four = (k: number) => `${k % 7}.5,${k % 5}.5,${k % 3}.5,${SPECIES[k % 3]}`;
    expect(await shape(`0,1,2,species\n${lines(12, four)}`)).toMatchObject({ rows: 12, classes: SPECIES });
    expect(await shape(`0,1,2,3\n${lines(12, four)}`)).toMatchObject({ rows: 12, names: ["0", "1", "2"] });
    const digits = (k: number) => `${k % 7},${k % 5},${k % 3},${k % 2}`;
    expect(await shape(`0,1,2,3\n${lines(12, digits)}`)).toMatchObject({ rows: 12, classes: ["0", "1"] });
    expect(await shape(`0,1,2,1\n${lines(12, digits)}`)).toMatchObject({ rows: 13, names: undefined });
  });
  test("where its words are none of the words below, and not where one of them is", async () => {
    const weather = (k: number) =>
      `${["sun", "rain"][k % 2]},${["warm", "cold", "mild"][k % 3]},${["go", "stay"][k % 2]}`;
    expect(await shape(`sky,air,plan\n${lines(12, weather)}`)).toMatchObject({ rows: 12, names: ["sky", "air"] });
    expect(await shape(lines(12, weather))).toMatchObject({ rows: 12, classes: ["go", "stay"] });
    const mixed = (k: number) => `${30 + k}.5,${["State-gov", "Private"][k % 2]},${["<=50K", ">50K"][k % 2]}`;
    expect(await shape(lines(12, mixed))).toMatchObject({ rows: 12, names: ["column 1", "column 2"] });
    expect(await shape(`1990,country,kind\n${lines(12, mixed)}`)).toMatchObject({
      rows: 12,
      names: ["1990", "country"],
    });
  });
});

describe("the label", () => {
  test.each(["#Label", "class_id", "Class", "TARGET", "Survived", "y", "label name"])(
    "is the column called %s, wherever it stands, and that is said",
    async (name) => {
      const text = `${name},a,b\n${lines(12, (k) => `${k % 2},${k % 5}.5,${k % 7}.25`)}`;
      const { warnings, labelName, columns } = await readCsv(text);
      expect([labelName, columns[0]!.role, columns[0]!.why]).toEqual([name, "label", "by its name"]);
      expect(warnings[0]).toBe(`The label is column 1, "${name}"; --label chooses another.`);
    },
  );
  test("is the first column where the last cannot be one, with the reason", async () => {
    const pixels = lines(40, (k) => `${k % 10},${(k * 37) % 256},${(k * 11) % 256},0`);
    const { labelName, columns, data } = await readCsv(pixels);
    expect([labelName, data.classes.length, data.cols]).toEqual(["1", 10, 3]);
    expect(columns[0]!.why).toBe("the first column, as the last has one value or a value for each row");
    const prices = `kind,size,price\n${lines(60, (k) => `${"abc"[k % 3]},${k % 4},${k * 3.5}`)}`;
    expect((await readCsv(prices)).columns[0]!.why).toBe("the first column, as the last is measured");
  });
  test("is not a column that happens to be called y and never repeats", async () => {
    expect((await shape(`x,y,ok\n${lines(6, (k) => `${k},${k * 2},${["True", "false"][k % 2]}`)}`)).label).toBe("ok");
  });
  test("is not an empty last column", async () => {
    const { label, rows } = await shape("len,wid,kind,\n1.5,2,a,\n2.5,3,b,\n");
    expect([label, rows]).toEqual(["kind", 2]);
  });
  test.each<[string, (k: number) => string]>([
    ["prices", (k) => `${k * 1.25}`],
    ["ages", (k) => `${18 + ((k * 7) % 60)}`],
    ["ratings with a decimal", (k) => `${1 + (k % 41) / 10}`],
  ])("in numbers that are measured is refused: %s", async (_, label) => {
    const error = await refusal(`a,b,value\n${lines(200, (k) => `${k * 0.5},${k * 0.25},${label(k)}`)}`);
    expect(error.message).toMatch(
      /column 3 \(value\): the label has \d+ different values in 200 rows\..*train --task regress/,
    );
  });
  test("in numbers that count classes is taken, and ages are where a person says that they are names", async () => {
    const many = `a,k\n${lines(200, (k) => `${k}.5,${k % 26}`)}`;
    expect((await shape(many)).classes).toHaveLength(26);
    const ages = `a,age\n${lines(200, (k) => `${k}.5,${18 + (k % 30)}`)}`;
    expect((await shape(ages, { label: "age", categorical: ["age"] })).classes).toHaveLength(30);
  });
});

describe("the same class is one class", () => {
  test.each<[string, string[], string[]]>([
    ["in numbers", ["1", "1.0", "01", "0", "0.0", "00"], ["0", "1"]],
    ["true and false in any capitals", ["True", "true", "TRUE", "False", "false", "FALSE"], ["false", "true"]],
    ["in composed and decomposed letters", ["caf\u00e9", "cafe\u0301", "tea", "tea"], ["caf\u00e9", "tea"]],
    ["with blanks that are not seen", ["cat", "cat\u200b", " cat\u00a0", "dog"], ["cat", "dog"]],
  ])("%s", async (_, labels, classes) => {
    expect((await shape(`a,k\n${lines(24, (k) => `${k % 7}.5,${labels[k % labels.length]}`)}`)).classes).toEqual(
      classes,
    );
  });
  test("but one that differs in capitals stays apart, and that is said", async () => {
    const { warnings, data } = await readCsv(`a,k\n${lines(24, (k) => `${k % 7}.5,${["Cat", "cat", "dog"][k % 3]}`)}`);
    expect(data.classes).toEqual(["Cat", "cat", "dog"]);
    expect(warnings).toEqual(["Classes differ in capitals alone and stay apart: Cat and cat."]);
  });
  test("none, - and nil are classes, NA and ? are missing labels", async () => {
    expect((await shape("a,k\n1,none\n2,-\n3,none\n4,-\n")).classes).toEqual(["-", "none"]);
    for (const gone of ["NA", "?", "", "n/a", "NULL"]) {
      const text = `a,k\n1,${gone}\n2,y\n3,${gone}\n4,z\n`;
      const error = await refusal(text);
      expect([error.at, error.reason]).toEqual(["row 2 column 2 (k)", expect.stringMatching(/^the label is missing/)]);
      const { data, warnings } = await readCsv(text, { missing: "drop" });
      expect([[...data.features], data.classes]).toEqual([
        [2, 4],
        ["y", "z"],
      ]);
      expect(warnings).toContain("2 of 4 rows have a missing value and are left out.");
    }
  });
});

describe("holes", () => {
  const text = "a,b,kind\n1,2,x\n,5,y\nNA,?,x\n4,9,y\n";
  test("are kept, unless they are refused with their number or their rows dropped", async () => {
    const { data } = await readCsv(text);
    expect([...data.features]).toEqual([1, 2, Number.NaN, 5, Number.NaN, Number.NaN, 4, 9]);
    const error = await refusal(text, { missing: "refuse" });
    expect(error.line).toBe(
      'error BAD_CSV t.csv:row 3 column 1 (a): the value is missing, got "". 3 values in 2 rows and 2 columns are missing. Fill them in, or remove these rows or columns.',
    );
    const dropped = await readCsv(text, { missing: "drop" });
    expect([[...dropped.data.features], [...dropped.data.labels]]).toEqual([
      [1, 2, 4, 9],
      [0, 1],
    ]);
    expect(dropped.data.columns).toBeUndefined();
  });
});

test("weights, groups, times and cells to keep go with their rows", async () => {
  const text = "id,w,who,day,x,kind\nq1,2,ann,2026-01-02,1,a\nq2,1,bob,2026-01-01,,b\nq3,0.5,ann,2026-01-03,3,a\n";
  const options = { weight: "w", group: "who", time: "day", keep: ["id"], missing: "drop" } as const;
  const { data, kept, columns } = await readCsv(text, options);
  expect([[...data.weights!], [...data.groups!]]).toEqual([
    [2, 0.5],
    [0, 0],
  ]);
  expect(data.times![1]! - data.times![0]!).toBe(1);
  expect([kept, data.featureNames]).toEqual([{ id: ["q1", "q3"] }, ["x"]]);
  expect(columns.map(({ role }) => role)).toEqual(["keep", "weight", "group", "time", "feature", "label"]);
});

test("an id is handed back as it stands, and groups have their names", async () => {
  const text = "id,who,x,kind\n007,1.0,1,a\n1e3,01,2,b\n 8 ,2,3,a\n";
  const { data, kept } = await readCsv(text, { group: "who", keep: ["id"] });
  expect([kept.id, [...data.groups!], data.groupNames]).toEqual([
    ["007", "1e3", " 8 "],
    [0, 0, 1],
    ["1", "2"],
  ]);
});

test("times are numbers, or dates in the order that the whole column agrees on; weights may have decimal commas", async () => {
  const read = async (cells: readonly string[], more: Partial<CsvOptions>) =>
    (await readCsv(`t;x;kind\n${cells.map((cell, k) => `${cell};${k};${"ab"[k % 2]}`).join("\n")}\n`, more)).data;
  const days = [...(await read(["31.12.2025", "01.01.2026", "02.01.2026"], { time: "t" })).times!];
  expect([days[1]! - days[0]!, days[2]! - days[1]!]).toEqual([1, 1]);
  expect([...(await read(["2", "1.5", "-3"], { time: "t" })).times!]).toEqual([2, 1.5, -3]);
  expect([...(await read(["0,5", "2", "1,25"], { weight: "t" })).weights!]).toEqual([0.5, 2, 1.25]);
});

test.each<[string, string, Partial<CsvOptions>]>([
  ['row 3 column 1 (t): a time must be a number or a date, got ""', "2026-01-01,,2026-01-03", { time: "t" }],
  ['row 3 column 1 (t): a time must be a number or a date, got "2"', "2026-01-01,2,2026-01-03", { time: "t" }],
  ['row 2 column 1 (t): a time must be a number or a date, got "1/2/2026"', "1/2/2026,3/4/2026", { time: "t" }],
  ['row 3 column 1 (t): a group must be a text or a number, got "?"', "1,?,2", { group: "t" }],
  ['row 4 column 1 (t): a weight must be a number ≥ 0, got "-1"', "1,0,-1", { weight: "t" }],
  ['row 2 column 1 (t): a weight must be a number ≥ 0, got "many"', "many,few,many", { weight: "t" }],
  ["column 1 (t): all weights are 0, so there is nothing to learn from", "0,0,0", { weight: "t" }],
  ["column 3 (kind): the column is the label, so it cannot be the group too", "1,2,3", { group: "kind" }],
  ["column 1 (t): the column cannot be both group and time", "1,2,3", { group: "t", time: "t" }],
  ['no column is named "who"; the first row is ["t", "x", "kind"]', "1,2,3", { group: "who" }],
])("refused: %s", async (reason, cells, options) => {
  const rows = cells.split(",").map((cell, k) => `${cell},${k % 2},${"ab"[k % 2]}`);
  await expect(readCsv(`t,x,kind\n${rows.join("\n")}\n`, options)).rejects.toThrow(reason);
});

describe("rows for a model", () => {
  const known = [
    { name: "sl", kind: "number" },
    { name: "sky", kind: "category", levels: ["rain", "sun"] },
  ] as const;
  const read = (text: string, more: Partial<CsvOptions> = {}) => readCsv(text, { known, label: null, ...more });
  test("are read by name, in any order, with other columns whatever they hold", async () => {
    const { data } = await read("id,sky,note,sl\nA1,sun,,5.5\nA2,snow,??,\n");
    expect([...data.features]).toEqual([5.5, 1, Number.NaN, -1]);
  });
  test("of one row, too, and never as guessed: a counter stays a number", async () => {
    expect([...(await read("sl,sky\n1,rain\n")).data.features]).toEqual([1, 0]);
    const counter = await read(`sl,sky\n${lines(12, (k) => `${k},sun`)}`);
    expect(counter.data.features[2 * 11]).toBe(11);
  });
  test("without a header are read by position, with their label or without", async () => {
    expect([...(await read("5.5,sun\n6,rain\n")).data.features]).toEqual([5.5, 1, 6, 0]);
    const more = { classes: ["a", "b"] };
    expect([...(await read("5.5,sun,b\n6,rain,a\n", more)).data.features]).toEqual([5.5, 1, 6, 0]);
    const error = await refusal("A1,5.5,sun\nA2,6,rain\n", { known, label: null, ...more });
    expect(error.line).toBe(
      "error WRONG_COLUMNS t.csv:row 1: the table has no header and 3 columns; training had 2: sl, sky. Write their names in a first row.",
    );
  });
  test.each([
    ["SL,s l,sky\n1,2,sun\n", 'Did you mean "SL"?'],
    ["sky,other\nsun,1\n", 'It has ["sky", "other"].'],
  ])("name the column that is not there, and one that is near: %j", async (text, hint) => {
    const error = await refusal(text, { known, label: null });
    expect([error.code, error.reason]).toEqual([
      "WRONG_COLUMNS",
      `there is no column "sl", which training had. ${hint}`,
    ]);
  });
  test("are refused at the first cell that the kind of its column has no number for", async () => {
    const error = await refusal("sl,sky\n1,sun\nwarm,rain\n", { known, label: null });
    expect([error.at, error.reason]).toEqual([
      "row 3 column 1 (sl)",
      'a feature must be a decimal number, as others of this column are, got "warm".',
    ]);
  });
});

describe("rows for a model that have other names or bad cells", () => {
  const known = [
    { name: "sepal_length", kind: "number" },
    { name: "sky", kind: "category", levels: ["rain", "sun"] },
  ] as const;
  const read = (text: string, more: Partial<CsvOptions> = {}) => readCsv(text, { known, label: null, ...more });

  test("a column that differs in capitals and blanks alone is taken, and that is said", async () => {
    const { data, notes } = await read("Sky ,Sepal Length,id\nsun,5.5,1\n");
    expect([...data.features]).toEqual([5.5, 1]);
    expect(notes).toEqual([
      'The column "Sepal Length" is taken for "sepal_length".',
      'The column "Sky" is taken for "sky".',
    ]);
  });

  test("of two such columns none is taken", async () => {
    await expect(read("SKY,Sky,sepal_length\nsun,rain,1\n")).rejects.toThrow(
      'no column "sky", which training had. Did',
    );
  });

  test("bad rows are named and skipped where that is said, with the cells of the others beside", async () => {
    const text = "id,sky,sepal_length\na,sun,1\nb,rain,much\nc,sun\nd,rain,1e99\ne,hail,2\n";
    const { data, kept, rejected } = await read(text, { onBad: "skip", keep: ["id"] });
    expect([[...data.features], data.rows, kept.id]).toEqual([[1, 1, 2, -1], 2, ["a", "e"]]);
    expect(rejected).toEqual([
      {
        row: 3,
        index: 1,
        reason:
          'column 3 (sepal_length): a feature must be a decimal number, as others of this column are, got "much".',
      },
      { row: 4, index: 2, reason: "the row has 2 cells; the first row has 3." },
      { row: 5, index: 3, reason: 'column 3 (sepal_length): the number "1e99" is too large for float32.' },
    ]);
    await expect(read(text, {})).rejects.toThrow("row 4: the row has 2 cells");
    await expect(read("sky,sepal_length\nsun,much\n", { onBad: "skip" })).rejects.toThrow("row 2: no row can be read.");
  });

  test("the rows as they stand go to who watches, the header too", async () => {
    const seen: unknown[] = [];
    await read("sky,sepal_length\nsun, 01\n", {
      onRow: (cells: unknown, row: number) => seen.push([row, cells]),
    } as never);
    expect(seen).toEqual([
      [1, ["sky", "sepal_length"]],
      [2, ["sun", " 01"]],
    ]);
  });
});

test("y beside x is a coordinate where the last column has words for classes, else the label by its name", async () => {
  const points = (k: number, last: string) => `${k},${k + 2},${last}`;
  const words = lines(6, (k) => points(k, ["True", "true", "False"][k % 3]!));
  expect(await shape(`x,y,ok\n${words}`, { task: "found" })).toMatchObject({ label: "ok", classes: ["false", "true"] });
  expect(await shape(`a,y,ok\n${words}`, { task: "found" })).toMatchObject({ label: "y" });
  const numbers = lines(30, (k) => points(k % 2, String(k + 0.5)));
  expect(await shape(`x,y,z\n${numbers}`)).toMatchObject({ label: "y" });
});
