// Tables with words and holes through the command line: trained, tested, predicted from raw rows, resumed.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnTable } from "../../src/cli/column-table.ts";
import { readCsv } from "../../src/data/csv-source.ts";
import { deltaprop } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-words-"));
const put = (name: string, text: string) => writeFileSync(join(home, name), text);
const run = (...words: string[]) => deltaprop(home, words);

const OUTLOOKS = ["sunny", "rain", "overcast"];
const rows = Array.from({ length: 60 }, (_, k) => {
  const outlook = OUTLOOKS[k % 3]!;
  return `${k * 7},${outlook},${k % 11 === 0 ? "" : 10 + (k % 9)},${k % 2 === 0 ? "yes" : "no"},${outlook === "rain" ? "stay" : "go"}`;
});
const text = `id,outlook,temp,wet,plan\n${rows.join("\n")}\n`;
put("out.csv", text);
put("new.csv", "wet,note,temp,outlook\nno,hello,,rain\nyes,,12,SUNNY\nno,x,12,sunny\n");

test("a table with words and holes is trained, tested and predicted from raw rows by the names of its columns", async () => {
  const trained = await run("train", "out.csv", "--hidden", "8", "--out", "run");
  expect([trained.code, trained.out]).toEqual([0, expect.stringContaining("6 → 8 → 2")]);
  expect(trained.out).toContain("  data     48 examples of 3 features in 2 classes; 12 to test on");
  expect(trained.out).toContain("  label    plan, the last column; --label chooses another (2 classes)\n");
  const columns = "1 category, 1 number, 1 yes/no; left out: id (an identifier of the rows)";
  expect(trained.out).toContain(`  columns  ${columns}\n`);
  const tested = JSON.parse((await run("test", "run", "out.csv", "--json")).out);
  expect([tested.part, tested.accuracy]).toEqual(["the rows held out of training", 1]);
  const { out } = await run("predict", "run", "new.csv", "--json");
  const answers = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).class);
  expect([answers[0], answers[2]]).toEqual(["stay", "go"]);
});

test("a run of such a table repeats to the same bits, and goes on with what was said of its columns", async () => {
  const words = ["--hidden", "8", "--epochs", "6", "--numeric", "id", "--ignore", "wet", "--json"];
  const first = await run("train", "out.csv", ...words, "--out", "told");
  const record = JSON.parse(readFileSync(join(home, "told", "run.json"), "utf8"));
  expect(record.data).toMatchObject({ label: "plan", table: { ignore: ["wet"], numeric: ["id"] } });
  expect(record.layers).toEqual([6, 8, 2]);
  const verified = await run("verify", "told");
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("reproduced bit for bit")]);
  const events = first.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events[0].columns[3]).toMatchObject({ name: "wet", role: "ignored", why: "as told" });
});

test("data shows each column, what it is and what is done with it, in 80 columns and in 40", async () => {
  const { out, err } = await run("data", "out.csv");
  expect(err).toBe("");
  expect(out).toContain("label    plan, the last column; --label chooses another (2 classes)\n");
  const lines = out.split("\n");
  const from = lines.findIndex((line) => line.startsWith("column"));
  expect(lines.slice(from, from + 7)).toEqual([
    "column   kind      missing  distinct  example  use",
    "id       number          0        60  0        left out",
    "outlook  category        0         3  sunny    feature, 3 inputs",
    "temp     number          6         9  11       feature, 2 inputs",
    "wet      yes/no          0         2  yes      feature, 1 input",
    "plan     category        0         2  go       label",
    "left out: id (an identifier of the rows)",
  ]);
  const { data, columns } = await readCsv(text);
  const narrow = columnTable({ columns, labelName: "plan", notes: [] }, data, 40);
  expect(narrow.slice(0, 3)).toEqual([
    "column   kind      use",
    "id       number    left out",
    "outlook  category  feature",
  ]);
  const json = JSON.parse((await run("data", "out.csv", "--json")).out);
  expect(json).toMatchObject({
    label: "plan",
    columns: [{ name: "id", role: "ignored" }, { kind: "category" }, {}, {}, {}],
  });
});

test("a schema is written, edited and given back; a damaged one is refused by its place", async () => {
  await run("data", "out.csv", "--schema-out", "schema.json");
  const schema = JSON.parse(readFileSync(join(home, "schema.json"), "utf8"));
  expect(schema.columns.map(({ name, role, kind }: Record<string, string>) => [name, role, kind])).toEqual([
    ["id", "ignored", undefined],
    ["outlook", "feature", "category"],
    ["temp", "feature", "number"],
    ["wet", "feature", "boolean"],
    ["plan", "label", undefined],
  ]);
  const same = JSON.parse((await run("data", "out.csv", "--schema", "schema.json", "--json")).out);
  expect(same.columns.map(({ role }: { role: string }) => role)).toEqual(
    schema.columns.map(({ role }: { role: string }) => role),
  );
  schema.columns[1] = { name: "outlook", role: "label" };
  schema.columns[4] = { name: "plan", role: "feature", kind: "ordinal", levels: ["stay", "go"] };
  put("schema.json", JSON.stringify(schema));
  const edited = JSON.parse((await run("data", "out.csv", "--schema", "schema.json", "--json")).out);
  expect([edited.label, edited.features, edited.classes]).toEqual(["outlook", 3, [...OUTLOOKS].sort()]);
  put("schema.json", JSON.stringify({ ...schema, columns: [{ name: "plan", role: "lable" }] }));
  const { code, err } = await run("train", "out.csv", "--schema", "schema.json");
  expect([code, err]).toEqual([
    2,
    'error BAD_SCHEMA schema.json: columns[0].role must be one of label, feature, ignored, weight, group, time, keep, got "lable".\n',
  ]);
});

test("--missing refuse names the holes, and drop leaves their rows out", async () => {
  const refused = await run("train", "out.csv", "--missing", "refuse");
  expect(refused.err).toMatch(
    /^error BAD_CSV out\.csv:row 2 column 3 \(temp\): the value is missing, got ""\. 6 values in 6 rows/,
  );
  const dropped = await run("data", "out.csv", "--missing", "drop", "--json");
  expect(JSON.parse(dropped.out)).toMatchObject({ rows: { train: 54 } });
});

test("such a model is written in every format, and each file answers as the model does", async () => {
  const files = ["--onnx", "m.onnx", "--js", "m.js", "--safetensors", "m.safetensors", "--json", "m.json"];
  const written = await run("export", "run", ...files);
  expect([written.code, written.err]).toEqual([0, ""]);
  for (const file of files.filter((_, i) => i % 2 === 1)) expect(written.out).toContain(file);
});
