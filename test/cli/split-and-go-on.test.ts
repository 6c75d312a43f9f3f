// `split`, whose files train to the same bits as the table they came from, and `train --from`, which goes on with new
// rows.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { deltaprop, jsonLines } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-split-"));
const put = (name: string, text: string) => writeFileSync(join(home, name), text);
const read = (...name: string[]) => readFileSync(join(home, ...name), "utf8");
const run = (...words: string[]) => deltaprop(home, words);
const QUICK = ["--hidden", "4", "--epochs", "2", "--json"];

const lines = Array.from({ length: 90 }, (_, k) => {
  const note = k % 4 ? `n;${k}` : ` said "${k}" `;
  const quoted = `"${note.replaceAll('"', '""')}"`;
  return `00${k};h${k % 30};${k % 7},50;${quoted};${["red", "blue", ""][k % 3]};${["yes", "no"][(k >> 1) % 2]}`;
});
put("houses.csv", `id;house;area;note;color;sold\n${lines.join("\n")}\n`);
const sha = (done: Record<string, unknown>[]) => done.at(-1)!.parametersSha256;

test("split writes the user's own cells, each row once, and a run on the folder has the bits of one on the table", async () => {
  const first = await run("split", "houses.csv", "--group", "house", "--out", "parts");
  expect([first.code, first.err]).toEqual([0, ""]);
  expect(first.out).toMatch(
    /^parts.train\.csv {2}\d+ rows\nparts.validation\.csv {2}\d+ rows\nparts.test\.csv {2}\d+ rows\n/,
  );
  expect(first.out).toMatch(
    /split {4}whole groups of house: \d+ to train on, \d+ to judge each epoch, \d+ to test on\n/,
  );
  const parts = ["train", "validation", "test"].map((part) => read("parts", `${part}.csv`).trim().split("\n"));
  expect(parts.map(([head]) => head)).toEqual(new Array(3).fill("id;house;area;note;color;sold"));
  const rows = parts.flatMap(([, ...rest]) => rest);
  const plain = (line: string) => line.replace(/;"(n;\d+)";/, ';"$1";');
  expect(rows.map(plain).sort()).toEqual(lines.map(plain).sort());
  const whole = ["train", "houses.csv", "--label", "sold", "--group", "house", "--validation", "0.1", ...QUICK];
  const folder = ["train", "parts", "--label", "sold", "--group", "house", ...QUICK];
  const [a, b] = [jsonLines(await run(...whole, "--out", "a")), jsonLines(await run(...folder, "--out", "b"))];
  expect(sha(b)).toBe(sha(a));
  expect(b.at(-1)!.testAccuracy).toBe(a.at(-1)!.testAccuracy);
});

test("split is drawn from --seed, takes no file's place, and leaves no old part beside new ones", async () => {
  const words = ["split", "houses.csv", "--stratify", "sold", "--seed", "2", "--out"];
  await run(...words, "p1");
  const json = JSON.parse((await run(...words, "p2", "--json")).out);
  expect(json).toMatchObject({ event: "done", rows: { train: 65, validation: 7, test: 18 }, split: null, seed: 2 });
  expect(read("p2", "test.csv")).toBe(read("p1", "test.csv"));
  expect(read("p1", "test.csv").split(/;yes$/m).length - 1).toBe(9);
  const again = await run(...words, "p1");
  expect([again.code, again.err]).toEqual([2, expect.stringContaining("OUT_TAKEN")]);
  const stale = await run(...words, "p1", "--validation", "0", "--force");
  expect([stale.code, stale.err]).toEqual([2, expect.stringContaining("a part of another split is there")]);
  const none = await run("split", "houses.csv", "--test", "0", "--validation", "0", "--out", "p3");
  expect(none.err).toContain("--test and --validation must be not both 0");
  const holes = await run("split", "houses.csv", "--stratify", "color", "--out", "p3");
  expect(holes.err).toMatch(/row 4 column 5 \(color\): the label is missing\. Fill it in, or remove the row\.\n$/);
  const measured = await run("split", "houses.csv", "--stratify", "id", "--out", "p3");
  expect(measured.err).toContain("Choose the label with --stratify.");
});

const HEAD = "color,area,weight,sold";
const row = (k: number, sold: string) => `${["red", "blue"][k % 2]},${k % 7},${k % 5},${sold}`;
const table = (from: number, n: number, sold: (k: number) => string) =>
  `${HEAD}\n${Array.from({ length: n }, (_, k) => row(from + k, sold(from + k))).join("\n")}\n`;

beforeAll(async () => {
  put(
    "old.csv",
    table(0, 60, (k) => ["yes", "no"][k % 2]!),
  );
  expect((await run("train", "old.csv", ...QUICK, "--out", "old")).code).toBe(0);
  const more = table(1000, 60, (k) => ["yes", "no", "rented"][k % 3]!);
  put("more.csv", more.replaceAll(/^(.*),(.*)$/gm, "$2,$1").replace("color", "COLOR"));
});

test("train --from keeps columns, scaling and classes by name, widens by a new class, and is repeated from its record", async () => {
  const { code, out, err } = await run(
    "train",
    "more.csv",
    "--from",
    "old",
    "--epochs",
    "2",
    "--json",
    "--out",
    "more",
  );
  expect(code).toBe(0);
  expect(err).toContain('note more.csv: The column "COLOR" is taken for "color".');
  expect(err).toContain('the class is new: it gets an output of the last layer, which starts from 0: "rented".');
  const [start] = jsonLines({ code, out, err });
  expect(start!.layers).toEqual([4, 4, 3]);
  const record = JSON.parse(read("more", "run.json"));
  expect(record.start).toEqual({ from: join(home, "old"), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const scaling = async (name: string) => {
    await run("export", name, "--json", `${name}.json`);
    const { scaling: found, classes } = JSON.parse(read(`${name}.json`));
    return [found, classes];
  };
  const [before, after] = [await scaling("old"), await scaling("more")];
  expect([after[0], after[1]]).toEqual([before[0], [...before[1], "rented"]]);
  expect((await run("verify", "more")).out).toContain("reproduced bit for bit");
  await run("train", "old.csv", "--seed", "5", ...QUICK, "--out", "other");
  const other = await run("verify", "more", "--from", "other");
  expect([other.code, other.err]).toEqual([
    2,
    expect.stringContaining("error OTHER_DATA other/model.safetensors: this is not"),
  ]);
});

test.each<[string, readonly string[]]>([
  ["--hidden must be left out with --from: the model keeps its own", ["more.csv", "--hidden", "3"]],
  ["--ignore must be left out with --from: the model keeps its columns", ["more.csv", "--ignore", "area"]],
  ['WRONG_COLUMNS less.csv:row 1: there is no column "weight"', ["less.csv"]],
  ["FILE_NOT_FOUND nowhere: there is no such file", ["more.csv", "--from", "nowhere"]],
])("train --from refuses what does not fit: %s", async (reason, words) => {
  put("less.csv", "color,area,sold\nred,1,yes\nblue,2,no\n");
  const { code, err } = await run("train", "--from", "old", ...words, "--out", "none");
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
});

test("going on with the same data and another seed says that the test was learned", async () => {
  const { err } = await run("train", "old.csv", "--from", "old", "--seed", "2", "--epochs", "1", "--out", "again");
  expect(err).toContain("the model of --from was trained on rows that this run tests on. --seed 1 holds out the same");
});
