// `deltaprop explain`: named columns, the page, permutation importance, pictures, and what is refused.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeNpyOf } from "../data/write-npy.ts";
import { deltaprop, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
beforeAll(async () => {
  writeTable(path("things.csv"), 150);
  writeTable(path("new.csv"), 20);
  await deltaprop(home, ["train", "things.csv", "--hidden", "8", "--epochs", "30", "--out", "run", "--quiet"]);
});
afterAll(remove);

test("each row's answer is explained by the names of its columns, and the gap is said", async () => {
  const words = ["explain", "run", "new.csv", "--rows", "2", "--importance", "things.csv", "--html", "page.html"];
  const { code, out, err } = await deltaprop(home, words);
  expect([code, err]).toEqual([0, ""]);
  expect(out.match(/^new\.csv:\d+ {2}kind \d/gm)).toHaveLength(2);
  for (const name of ["width", "height", "depth", "mass"]) expect(out).toMatch(new RegExp(`^ {2}${name} +-?\\d`, "m"));
  expect(out).toMatch(/^ {2}gap of the sum: -?\d\.\de[+-]\d+$/m);
  expect(out).toMatch(/^column +loss rises by +accuracy falls by\n\w+ +\S+ ± \S+ +\S+ % ± \S+ %$/m);
  const page = readFileSync(path("page.html"), "utf8");
  expect(page).toContain("Permutation importance");
  expect(page).not.toMatch(/<script|src="http/);
});

test("--json has every column by every method, which add up", async () => {
  const lines = jsonLines(await deltaprop(home, ["explain", "run", "things.csv", "--rows", "3", "--json"]));
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(Object.keys(line.saliency as object)).toEqual(["width", "height", "depth", "mass"]);
    expect(Math.abs(line.gap as number)).toBeLessThan(0.05);
  }
});

test("pictures are explained pixel by pixel, on a page", async () => {
  const train = ["train", "digits", "--hidden", "8", "--epochs", "1", "--out", "digits", "--quiet"];
  expect((await deltaprop(home, train)).code).toBe(0);
  writeFileSync(path("X.npy"), writeNpyOf("|u1", [1, 784], new Uint8Array(784).fill(90)));
  const { code, err } = await deltaprop(home, ["explain", "digits", "X.npy", "--html", "pixels.html", "--top", "3"]);
  expect([code, err]).toEqual([0, ""]);
  expect(readFileSync(path("pixels.html"), "utf8").match(/data:image\/png;base64,/g)).toHaveLength(2);
  const refused = await deltaprop(home, ["explain", "digits", "X.npy", "--importance", "digits"]);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("--importance must be left out for images")]);
});

test("an unknown class and a taken page are refused before anything is computed", async () => {
  const strange = await deltaprop(home, ["explain", "run", "things.csv", "--class", "zebra", "--html", "new.html"]);
  expect([strange.code, strange.err]).toEqual([
    2,
    expect.stringContaining("--class must be one of kind 0, kind 1, kind 2"),
  ]);
  expect(existsSync(path("new.html"))).toBe(false);
  const taken = await deltaprop(home, ["explain", "run", "things.csv", "--html", "things.csv"]);
  expect([taken.code, taken.err]).toEqual([2, expect.stringMatching(/^error OUT_TAKEN things\.csv: /)]);
});
