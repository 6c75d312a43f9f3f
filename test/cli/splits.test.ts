// Splits that a person asks for: whole groups, later rows, weights, parts from files of their own. Every command that
// goes back to the data finds the same rows.
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { deltaprop, jsonLines } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-splits-"));
const put = (name: string, text: string) => writeFileSync(join(home, name), text);
const run = (...words: string[]) => deltaprop(home, words);
const QUICK = ["--hidden", "4", "--epochs", "2"];

// 40 families of 1 to 5 people, who board one after another
const HEAD = "id,family,day,w,sex,age,alive";
const people = Array.from({ length: 40 }, (_, f) =>
  Array.from({ length: 1 + (f % 5) }, (_, k) => {
    const day = `2026-0${1 + (f >> 4)}-${String(1 + (f % 16)).padStart(2, "0")}`;
    return [
      `p${f}.${k}`,
      `f${f}`,
      day,
      k % 3,
      (f + k) % 2 ? "m" : "w",
      f % 7 ? 20 + f : "",
      (f * k) % 3 ? "yes" : "no",
    ];
  }),
).flat();
const csv = (rows: readonly (readonly unknown[])[], head = HEAD) =>
  `${head}\n${rows.map((row) => row.join(",")).join("\n")}\n`;
put("people.csv", csv(people));

beforeAll(async () => {
  for (const [out, ...by] of [
    ["grouped", "--group", "family", "--validation", "0.1"],
    ["timed", "--time", "day", "--weight", "w", "--ignore", "family"],
  ] as const) {
    const trained = await run("train", "people.csv", ...by, ...QUICK, "--out", out);
    expect(trained.code).toBe(0);
    put(`${out}.txt`, trained.out);
  }
});

test("train says what held the rows apart, how many groups are on each side, and what the weights became", () => {
  const [grouped, timed] = ["grouped.txt", "timed.txt"].map((name) => readFileSync(join(home, name), "utf8"));
  const [, train, judge, held] =
    /whole groups of family: (\d+) to train on, (\d+) to judge each epoch, (\d+) to test on\n/.exec(grouped!)!;
  expect(Number(train) + Number(judge) + Number(held)).toBe(40);
  expect(grouped).toContain("; group: family;");
  expect(timed).toMatch(
    / {2}split {4}by day: 2026-01-01 … 2026-0\d-\d\d to train on, 2026-0\d-\d\d … 2026-03-08 to test on\n/,
  );
  expect(timed).toMatch(/ {2}weights {2}w, divided by its mean, 0\.\d+; tests count each row once\n/);
});

test.each(["grouped", "timed"])(
  "%s: test, report, verify and --resume find the rows held out, the model alone too",
  async (out) => {
    const held = JSON.parse(readFileSync(join(home, out, "run.json"), "utf8")).data.rows.test;
    copyFileSync(join(home, out, "model.safetensors"), join(home, `${out}.safetensors`));
    for (const model of [out, `${out}.safetensors`]) {
      const { part, rows } = JSON.parse((await run("test", model, "people.csv", "--json")).out);
      const how = out === "timed" ? ", the latest by day" : ", whole groups of family";
      expect([part, rows]).toEqual([`the rows held out of training${how}`, held]);
    }
    expect((await run("report", out)).out).not.toContain("without the test");
    expect((await run("verify", out)).out).toContain("reproduced bit for bit");
    expect((await run("train", "people.csv", "--resume", out)).out).toContain("this run is complete");
  },
);

test("--json has the split: groups or times of each part", async () => {
  const [first] = jsonLines(await run("train", "people.csv", "--group", "family", ...QUICK, "--json", "--out", "json"));
  expect(first!.split).toMatchObject({ by: "group", column: "family", groups: { validation: null } });
});

test.each<[string, readonly string[]]>([
  ["BAD_SPLIT odd.csv: each of the 120 rows has a group of its own", ["--group", "id"]],
  ["BAD_SPLIT odd.csv: all rows are of one group", ["--group", "one"]],
  ["BAD_SPLIT odd.csv: all rows have the same time, which cannot make 2 parts", ["--time", "one"]],
  ['BAD_CSV odd.csv:row 1: no column is named "famly"; the first row is', ["--group", "famly"]],
  ['BAD_CSV odd.csv:row 2 column 6 (age): a time must be a number or a date, got ""', ["--time", "age"]],
  ['BAD_CSV odd.csv:row 2 column 5 (sex): a weight must be a number ≥ 0, got "w"', ["--weight", "sex"]],
  ["BAD_CSV odd.csv:column 8 (zero): all weights are 0", ["--weight", "zero"]],
  [
    "CONFLICTING_OPTION option '--time <column>' cannot be used with option '--group <column>'",
    ["--group", "family", "--time", "day"],
  ],
])("refused: %s", async (line, words) => {
  put(
    "odd.csv",
    csv(
      people.map((row) => [...row, 0, 1]),
      `${HEAD},zero,one`,
    ),
  );
  const { code, err } = await run("train", "odd.csv", "--label", "alive", ...words, ...QUICK);
  expect([code, err]).toEqual([2, expect.stringContaining(line)]);
});

test("validation and test data of their own are read by name, recorded by hash, and found again", async () => {
  const turned = "alive,age,sex,w,day,family,id";
  put(
    "watch.csv",
    csv(
      people.slice(0, 30).map((row) => row.toReversed()),
      turned,
    ),
  );
  put(
    "late.csv",
    csv(
      people.slice(90).map((row) => row.toReversed()),
      turned,
    ),
  );
  put("early.csv", csv(people.slice(30, 90)));
  const words = ["--validation-data", "watch.csv", "--test-data", "late.csv", "--ignore", "w,day,family"];
  const trained = await run("train", "early.csv", ...words, ...QUICK, "--out", "parts");
  const shared = "warning 1 test row is also among the training rows, of 30; 4 validation rows are also among the";
  expect([trained.code, trained.err]).toEqual([0, expect.stringContaining(shared)]);
  expect(trained.out).toContain("60 examples of 2 features in 2 classes; 30 to judge each epoch; 30 to test on\n");
  expect(trained.out).toMatch(/Next: .*test parts late\.csv\n.*predict parts late\.csv\n/);
  const { parts } = JSON.parse(readFileSync(join(home, "parts", "run.json"), "utf8")).data;
  expect([parts.validation.name, parts.test.sha256]).toEqual(["watch", expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect((await run("verify", "parts")).out).toContain("reproduced bit for bit");
  expect((await run("report", "parts")).out).not.toContain("without the test");
  const own = await run("test", "parts", "early.csv");
  expect(own.err).toContain("trained on these very rows, so this tests nothing. Its test rows are those of late.");
  put("late.csv", csv(people.slice(91)));
  const other = await run("verify", "parts");
  expect([other.code, other.err]).toEqual([
    2,
    expect.stringMatching(
      /^error OTHER_DATA \S*late\.csv: these data differ.* Name the test data with --test-data\.\n$/,
    ),
  ]);
});

test("a class that only another part has is said, and a group or a time on both sides is refused", async () => {
  put("a.csv", csv(people.slice(0, 60)));
  put("b.csv", csv([...people.slice(60), ["q", "f40", "2026-03-09", 1, "m", 3, "perhaps"]]));
  const said = await run("train", "a.csv", "--test-data", "b.csv", ...QUICK, "--out", "said");
  expect([said.code, said.err]).toEqual([
    0,
    'warning The class "perhaps" is among the test rows alone, so nothing is learned of it: 1 row counts as a mistake.\n',
  ]);
  expect(said.out).toContain("in 3 classes");
  put("c.csv", csv(people.slice(58)));
  for (const [by, reason] of [
    [["--group", "family"], 'the group "f19" is in a and in c.csv, so one tells of the other. Move the rows'],
    [["--time", "day"], "c.csv must begin after a has ended: some of its rows are not later."],
  ] as const) {
    const { code, err } = await run("train", "a.csv", "--test-data", "c.csv", ...by, ...QUICK);
    expect([code, err]).toEqual([2, expect.stringContaining(`error BAD_SPLIT a.csv: ${reason}`)]);
  }
  const twice = await run("train", "a.csv", "--validation-data", "c.csv", "--validation", "0.1");
  expect(twice.err).toContain("--validation must be left out with --validation-data, got 0.1.");
});
