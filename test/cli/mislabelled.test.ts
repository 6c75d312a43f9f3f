// `deltaprop mislabelled`: the list, the page, the cleaned table, and what is refused before anything is written.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeIdx } from "../data/write-idx.ts";
import { writePng } from "../data/write-png.ts";
import { blobs } from "../training/blobs.ts";
import { deltaprop, type Ended, folder, jsonLines } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
const WRONG = [5, 18, 40]; // row numbers from 0
const { features, labels, cols } = blobs(150, { spread: 0.3 });
const NAMES = ["<b>ash</b>", "oak, old", "elm"];
const quoted = (name: string) => (name.includes(",") ? `"${name}"` : name);
const rows = Array.from(labels, (label, i) =>
  [...features.subarray(i * cols, (i + 1) * cols), quoted(NAMES[(label + Number(WRONG.includes(i))) % 3]!)].join(","),
);
const FAST = ["--epochs", "100", "--hidden", "16", "--members", "1", "--engine", "wasm", "--threads", "1"];
let ended: Ended;

beforeAll(async () => {
  writeFileSync(path("trees.csv"), `width,height,depth,mass,sort\n${rows.join("\n")}\n`);
  const files = ["--html", "page.html", "--out", "cleaned.csv"];
  ended = await deltaprop(home, ["mislabelled", "trees.csv", ...FAST, ...files, "--top", "10"]);
});
afterAll(remove);

test("the planted labels come first, each with the one it had", () => {
  expect([ended.code, ended.err]).toEqual([0, ""]);
  const listed = [...ended.out.matchAll(/^row (\d+)\s+(.*?)\s{2,}(.*?)\s{2,}.*suspected$/gm)];
  expect(listed.map(([, row]) => Number(row)).sort((a, b) => a - b)).toEqual(WRONG.map((row) => row + 1));
  for (const [, row, given, suggested] of listed) {
    const label = labels[Number(row) - 1]!;
    expect([given, suggested]).toEqual([NAMES[(label + 1) % 3], NAMES[label]]);
  }
  expect(ended.out).toContain("3 labels look wrong by confident learning; no row was changed");
});

test("the cleaned table is the data without these rows, and the list has every row", async () => {
  const cleaned = readFileSync(path("cleaned.csv"), "utf8").trimEnd().split("\n");
  expect(cleaned).toHaveLength(1 + 150 - WRONG.length);
  expect(cleaned[0]).toBe("width,height,depth,mass,sort");
  const kept = rows.filter((_, i) => !WRONG.includes(i));
  const numbers = (line: string) => line.split(",").slice(0, 4).map(Number);
  cleaned.slice(1).forEach((line, i) => {
    expect(numbers(line)).toEqual(numbers(kept[i]!));
    expect(line.split(",").slice(4).join()).toBe(kept[i]!.split(",").slice(4).join());
  });
  const list = readFileSync(path("cleaned.suspects.csv"), "utf8").trimEnd().split("\n");
  expect(list).toHaveLength(151);
  expect(list[0]).toMatch(/^part,row,given,suggested,suspected,margin,selfConfidence,/);
  expect(new Set(list.slice(1).map((line) => line.split(",")[1])).size).toBe(150);
  const again = await deltaprop(home, ["mislabelled", "cleaned.csv", "--label", "sort", ...FAST, "--json"]);
  expect(again.err).toBe("");
  expect(jsonLines(again).filter(({ suspected }) => suspected)).toEqual([]);
});

test("the page shows the rows, reads no name of the data as markup, and asks for nothing", () => {
  const page = readFileSync(path("page.html"), "utf8");
  expect(page).toContain("&lt;b&gt;ash&lt;/b&gt;");
  expect(page).not.toContain("<b>ash");
  expect(page.match(/<tr><td>row \d+/g)).toHaveLength(10);
  expect(page).not.toMatch(/<script|src="http|href="http/);
});

test("pictures of a folder are named by their files: in lines, in the list and on the page", async () => {
  for (const [name, at] of [
    ["bars/upright", (x: number) => x === 3],
    ["bars/flat", (_: number, y: number) => y === 3],
  ] as const) {
    mkdirSync(path(name), { recursive: true });
    for (let k = 0; k < 9; k++) {
      const samples = Uint8Array.from({ length: 64 }, (_, n) => (at(n % 8, n >> 3) ? 200 + k : k));
      writeFileSync(path(name, `${k}.png`), writePng({ width: 8, height: 8, depth: 8, colour: 0, samples }));
    }
  }
  const fast = [...FAST, "--folds", "3", "--top", "18"];
  const files = ["--html", "bars.html", "--out", "bars.csv"];
  const found = await deltaprop(home, ["mislabelled", "bars", ...fast, ...files, "--json"]);
  expect(found.code).toBe(0);
  const lines = jsonLines(found);
  const named = lines.map(({ file }) => file as string);
  expect(new Set(named).size).toBe(18);
  for (const { file, given } of lines) expect(file).toMatch(new RegExp(`^${given}/\\d\\.png$`));
  const [head, ...list] = readFileSync(path("bars.suspects.csv"), "utf8").trimEnd().split("\n");
  expect(head).toMatch(/^part,row,file,given,/);
  expect(list.map((line) => line.split(",")[2])).toEqual(named);
  for (const file of named) expect(readFileSync(path("bars.html"), "utf8")).toContain(`<dd>${file}</dd>`);
});

test("from 10,000 images on oriented gradients have three times the epochs, which is said", async () => {
  const N = 10_000;
  const pixels = Uint8Array.from({ length: 64 * N }, (_, n) => ((n >> 6) % 2 === 0 ? n % 8 : (n >> 3) % 8) * 30);
  writeFileSync(path("many-images-idx3-ubyte"), writeIdx(8, [N, 8, 8], pixels));
  writeFileSync(
    path("many-labels-idx1-ubyte"),
    writeIdx(
      8,
      [N],
      Uint8Array.from({ length: N }, (_, row) => row % 2),
    ),
  );
  const words = ["many-images-idx3-ubyte", "--hidden", "2", "--epochs", "1", "--folds", "2", "--members", "1"];
  const { code, out } = await deltaprop(home, ["mislabelled", ...words, "--engine", "wasm"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^pixels: 2 networks 64-2-2, 1 epoch;.*\noriented gradients: 2 networks 32-2-2, 3 epochs;/m);
});

test("one class, too few rows, a taken file and a name that is no .csv are refused, and nothing is written", async () => {
  const table = (name: string, lines: readonly string[]) =>
    writeFileSync(path(name), `width,height,depth,mass,sort\n${lines.join("\n")}\n`);
  table("few.csv", rows.slice(0, 4));
  table(
    "one.csv",
    rows.filter((line) => line.endsWith("elm")),
  );
  const refused = async (...words: string[]) => {
    const { code, out, err } = await deltaprop(home, ["mislabelled", ...words]);
    expect([code, out]).toEqual([2, ""]);
    return err;
  };
  expect(await refused("few.csv", "--html", "new.html")).toMatch(/^error TOO_FEW_ROWS .*4 rows, too few for 5 folds/m);
  expect(await refused("one.csv", "--html", "new.html")).toMatch(/^error INVALID_ARGUMENT .*two or more with rows/m);
  expect(await refused("trees.csv", "--html", "page.html")).toMatch(/^error OUT_TAKEN page\.html: /);
  expect(await refused("trees.csv", "--out", "cleaned.txt")).toMatch(/--out must be a name that ends in \.csv/);
  expect(await refused("trees.csv", "--folds", "1")).toMatch(/--folds must be an integer in \[2, 1000\]/);
  expect(existsSync(path("new.html"))).toBe(false);
});
