// A run's data are read again as its record says, by every command that goes back to them.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { deltaprop } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-recorded-"));
const run = (...words: string[]) => deltaprop(home, words);
const HELD_OUT = "on 16 rows not trained on";

beforeAll(async () => {
  const rows = Array.from({ length: 92 }, (_, k) => `${k % 8 === 0 ? "" : k % 9},${k % 7},${k % 2 === 0 ? "á" : "ä"}`);
  const text = `größe,b,kind\n${rows.join("\n")}\n`;
  writeFileSync(join(home, "odd.csv"), Buffer.from(text, "latin1"));
  const words = ["--encoding", "windows-1252", "--missing", "drop", "--hidden", "4", "--epochs", "3"];
  const trained = await run("train", "odd.csv", ...words, "--out", "run");
  expect([trained.code, trained.out]).toEqual([0, expect.stringContaining(HELD_OUT)]);
});

test("test finds the rows held out of training, and says how many", async () => {
  const { code, out } = await run("test", "run", "odd.csv", "--json");
  expect(code).toBe(0);
  const { part, classNames, confusion } = JSON.parse(out);
  expect([part, classNames]).toEqual(["the rows held out of training", ["á", "ä"]]);
  expect(confusion.flat().reduce((sum: number, n: number) => sum + n)).toBe(16);
});

test("report and export find the data beside the run, and --resume sees that they are its own", async () => {
  const report = await run("report", "run");
  expect([report.code, report.out]).toEqual([0, expect.not.stringContaining("without the test")]);
  const written = await run("export", "run", "--json", "m.json");
  expect([written.code, written.out]).toEqual([0, expect.stringContaining("odd, the rows held out of training")]);
  const resumed = await run("train", "odd.csv", "--resume", "run");
  expect([resumed.code, resumed.out]).toEqual([0, expect.stringContaining("this run is complete")]);
});

test("a choice on the command line wins, and a record does not decide how other data are read", async () => {
  const told = await run("test", "run", "odd.csv", "--encoding", "utf-8");
  expect([told.code, told.err]).toEqual([2, expect.stringContaining("is not UTF-8")]);
  writeFileSync(join(home, "other.csv"), "größe,b,kind\n1,2,á\n3,4,ä\n");
  const { code, out } = await run("test", "run", "other.csv", "--json");
  expect([code, JSON.parse(out).part]).toEqual([0, "all rows"]);
});
