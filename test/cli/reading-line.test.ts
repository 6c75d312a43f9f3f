// The line that shows how far reading has come: in a terminal alone, and only where it takes long.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { ReadingLine } from "../../src/cli/reading-line.ts";
import { loadSource, type ReadProgress } from "../../src/data/source.ts";
import { folder } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);

let now = 0;
let written: string[] = [];
const screen = (isTTY: boolean, columns = 60) => {
  const write = (text: string) => written.push(text) > 0;
  return new ReadingLine({ isTTY, columns, write } as NodeJS.WriteStream, () => now);
};
const at = (bytes: number, total = 2e8): ReadProgress => ({ what: "reading", data: "a/table.csv", bytes, total });

beforeEach(() => {
  now = 5000;
  written = [];
});

test("a reading of less than a second shows nothing, a longer one a line ten times a second, erased at the end", () => {
  const line = screen(true);
  for (now of [5000, 5999]) line.show(at(1e7));
  expect(written).toEqual([]);
  for (now of [6000, 6099, 6100]) line.show(at((now - 5000) * 1e5));
  line.end();
  line.end();
  const clear = "\r\x1b[2K";
  expect(written).toEqual([
    `${clear}reading table.csv  50.00 % of 200 MB`,
    `${clear}reading table.csv  55.00 % of 200 MB`,
    clear,
  ]);
});

test("a line is no wider than the terminal, and a name cannot move its cursor", () => {
  const line = screen(true, 24);
  now = 7000;
  line.show({ ...at(5e7), data: "\x1b[2Jvery-long-name-of-a-table.csv" });
  const text = written[0]!.slice("\r\x1b[2K".length);
  expect(text.length).toBeLessThan(24);
  expect(text).not.toContain("\x1b");
});

test("a pipe gets nothing, and what is never shown erases nothing", () => {
  const line = screen(false);
  now = 9000;
  line.show(at(1e8));
  line.end();
  screen(true).end();
  expect(written).toEqual([]);
});

test("reading tells of every byte of its file", async () => {
  const file = join(home, "table.csv");
  writeFileSync(file, `a,kind\n${"0.25,x\n1.5,y\n".repeat(60_000)}`);
  const seen: ReadProgress[] = [];
  await loadSource(file, { onRead: (progress) => seen.push(progress) });
  const total = 7 + 60_000 * 13;
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)).toMatchObject({ what: "reading", data: file, total });
  expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
});
