// The quick form of `npm run test:fuzz`: the same mutants, fewer of them.
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { FORMATS } from "./case.ts";
import { Dice, mutant } from "./mutate.ts";
import { fuzz } from "./target.ts";

const IN_PROCESS = 600; //  mutants a format
const THROUGH_CLI = 40; //  mutants a format

describe.each(FORMATS)("%s", (format) => {
  test(`${IN_PROCESS} mutants are read or refused with a code and a place`, async () => {
    const { mutants, read, refused } = await fuzz(format, IN_PROCESS);
    expect(mutants).toBe(IN_PROCESS);
    expect(read).toBeGreaterThan(0);
    expect([...refused.values()].reduce((sum, n) => sum + n, read)).toBe(IN_PROCESS);
  });
  test("a mutant is a function of its number", () => {
    expect(mutant(format, new Dice(7))).toEqual(mutant(format, new Dice(7)));
    expect(mutant(format, new Dice(7))).not.toEqual(mutant(format, new Dice(8)));
  });
});

test(`${THROUGH_CLI} mutants a format through the whole command line end with 0 or 2 and write nothing`, async () => {
  const words = [resolve(import.meta.dirname, "fuzz.ts"), "--cli", "--mutants", String(THROUGH_CLI)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words);
  expect(stderr).toBe("");
  const lines = stdout.trim().split("\n");
  expect(lines.filter((line) => !/refused [A-Z_]+ \d+/.test(line))).toEqual([]); // the commands were run to their end
  expect(lines.map((line) => line.split(",")[0])).toEqual(
    FORMATS.map((format) => `${format.padEnd(11)} ${THROUGH_CLI} mutants`),
  );
});

test("10 records of runs, changed, through `verify` and `train --resume`, end with 0, 2 or 4 and one error line", async () => {
  const words = [resolve(import.meta.dirname, "fuzz.ts"), "--records", "--mutants", "10"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words);
  expect([stdout.split(";")[0], stderr]).toEqual(["run.json    10 mutants", ""]);
});
