// `deltaprop influence`: the rows that pushed an answer, by their numbers in the data, and what is refused.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deltaprop, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
const MACHINE = ["--engine", "wasm", "--threads", "1"];
const TWICE = 12; // row number from 1 that stands in the table twice
let lines: string[];

beforeAll(async () => {
  lines = writeTable(path("trees.csv"), 90).trimEnd().split("\n");
  writeFileSync(path("trees.csv"), `${[...lines, lines[TWICE]].join("\n")}\n`);
  const words = ["--epochs", "30", "--hidden", "8", "--validation", "0.2", "--out", "run"];
  const ended = await deltaprop(home, ["train", "trees.csv", ...words, ...MACHINE]);
  expect(ended.code).toBe(0);
});
afterAll(remove);

const ask = (...words: string[]) => deltaprop(home, ["influence", "run", ...words, "--engine", "wasm"]);

test.each([["ek-fac"], ["tracin"], ["representer"]])(
  "%s: up come rows of the answer's class, down none",
  async (method) => {
    const ended = await ask("--of", "3", "--method", method, "--json", "--top", "5");
    expect(ended.code).toBe(0);
    const found = jsonLines(ended);
    const up = found.filter(({ influence }) => (influence as number) > 0);
    expect(up.length).toBeGreaterThan(0);
    for (const { row, label, answer } of found) expect(lines[row as number]!.split(",").at(-1)).toBe(label ?? answer);
    for (const { label, answer } of up) expect(label).toBe(answer);
    for (const { label, answer, influence } of found) if ((influence as number) < 0) expect(label).not.toBe(answer);
  },
);

test("a row that stands in the data twice is pushed by itself, whichever part it came to", async () => {
  const found = jsonLines(await ask("--of", String(TWICE), "--method", "tracin", "--json", "--top", "90"));
  const own = jsonLines(await ask("--of", "91", "--method", "tracin", "--json", "--top", "90"));
  const values = (rows: Record<string, unknown>[]) => rows.map(({ row, influence }) => [row, influence]);
  expect(values(found)).toEqual(values(own));
  expect(found.some(({ row }) => row === TWICE || row === 91)).toBe(true);
});

test("the class that is asked about turns the answer round", async () => {
  const [up] = jsonLines(await ask("--of", "3", "--json", "--top", "1"));
  const other = ["kind 0", "kind 1", "kind 2"].find((name) => name !== up!.answer)!;
  const turned = jsonLines(await ask("--of", "3", "--class", other, "--json", "--top", "90"));
  expect(turned.find(({ row }) => row === up!.row)!.influence).toBeLessThan(0);
});

test("checkpoints are the recorded epochs, trained again", async () => {
  const once = jsonLines(await ask("--of", "3", "--method", "tracin", "--checkpoints", "1", "--json", "--top", "3"));
  const last = jsonLines(await ask("--of", "3", "--method", "tracin", "--json", "--top", "3"));
  expect(once).toEqual(last); // the last epoch's parameters are the run's
  const more = jsonLines(await ask("--of", "3", "--method", "tracin", "--checkpoints", "5", "--json", "--top", "3"));
  expect(more.map(({ influence }) => influence)).not.toEqual(last.map(({ influence }) => influence));
});

test("the page has the rows and their columns, and asks for nothing", async () => {
  const ended = await ask("--of", "3", "--html", "page.html", "--top", "4");
  expect(ended.code).toBe(0);
  const page = readFileSync(path("page.html"), "utf8");
  expect(page.match(/<tr><td>row \d+/g)!.length).toBeGreaterThan(3);
  expect(page).toContain("width ");
  expect(page).not.toMatch(/<script|src="http|href="http/);
  expect((await ask("--of", "3", "--html", "page.html")).err).toContain("OUT_TAKEN");
});

test.each([
  [["--of", "92"], "error INVALID_ARGUMENT --of must be a row of the data, an integer in [1, 91], got 92."],
  [["--of", "3", "--class", "fern"], "error INVALID_ARGUMENT --class must be one of"],
  [["--of", "3", "--decay", "1"], "error INVALID_ARGUMENT --decay must be left out but for --method representer"],
  [["gone.csv", "--of", "3"], "error DATA_NOT_FOUND gone.csv"],
  [["other.csv", "--of", "3"], "error OTHER_DATA other.csv: these data differ from the run's: SHA-256"],
])("%j is refused by name, and nothing is written", async (words, message) => {
  writeFileSync(path("other.csv"), `${lines.slice(0, 80).join("\n")}\n`);
  const ended = await ask(...words, "--html", "refused.html");
  expect([ended.code, ended.out]).toEqual([2, ""]);
  expect(ended.err).toContain(message);
  expect(existsSync(path("refused.html"))).toBe(false);
});

test("a run whose data are gone is told where to name them", async () => {
  const words = ["--epochs", "2", "--hidden", "4", "--out", "lost"];
  writeFileSync(path("moved.csv"), readFileSync(path("trees.csv")));
  await deltaprop(home, ["train", "moved.csv", ...words, ...MACHINE]);
  renameSync(path("moved.csv"), path("here.csv"));
  const ended = await deltaprop(home, ["influence", "lost", "--of", "3"]);
  expect(ended.code).toBe(2);
  expect(ended.err).toContain("DATA_NOT_FOUND");
  expect(ended.err).toContain("Name them after the run");
  expect((await deltaprop(home, ["influence", "lost", "here.csv", "--of", "3"])).code).toBe(0);
});
