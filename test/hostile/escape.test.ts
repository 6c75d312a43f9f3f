// Names and labels that a terminal, a line reader or a page would obey, through every command that shows them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deltaprop, folder } from "../cli/run.ts";

const [home, remove] = folder();
afterAll(remove);

const LABELS = [
  "\x1b[31mred",
  "\x9b2Jgone",
  "\u202eevil\u2066",
  "two\nlines",
  "a\u2028b",
  "a\tb",
  "<script>alert(1)</script>",
  "\x07\x08",
  "\ufeffmark",
];
const NASTY = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

beforeAll(() => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    LABELS.map((label, k) => `${(i * 7) % 5},${k + (i % 3)},"${label}"`),
  ).flat();
  writeFileSync(join(home, "nasty.csv"), ['"a\x1b[2J",b\u202e,kind', ...rows].join("\n"));
});

test.each([
  ["data nasty.csv"],
  ["train nasty.csv --hidden 4 --epochs 1 --out run"],
  ["test run nasty.csv"],
  ["predict run nasty.csv"],
  ["predict run nasty.csv --json"],
  ["check --model run --data nasty.csv --batch-size 3 --html check.html"],
  ["export run --onnx m.onnx --js m.mjs --json m.json"],
])("`deltaprop %s` shows them escaped, a line each", async (command) => {
  const { code, out, err } = await deltaprop(home, command.split(" "));
  expect([code, NASTY.exec(out + err)]).toEqual([0, null]);
  if (command.includes("predict")) expect(out.trimEnd().split("\n")).toHaveLength(60 * LABELS.length);
  if (command.includes("predict") && command.includes("--json"))
    expect(
      new Set(
        out
          .trimEnd()
          .split("\n")
          .map((line) => Object.keys(JSON.parse(line).probabilities).sort().join()),
      ),
    ).toEqual(new Set([[...LABELS.map((label) => label.trim())].sort().join()]));
});

test("what these commands wrote for people holds none of them either", () => {
  for (const file of ["check.html", "m.mjs", "m.json", "run/run.json", "run/metrics.jsonl"]) {
    const text = readFileSync(join(home, file), "utf8");
    expect([file, NASTY.exec(text)?.[0]]).toEqual([file, undefined]);
    if (/html|mjs/.test(file)) expect(text).not.toContain("<script>alert");
  }
  expect(readdirSync(home).sort()).toEqual(["check.html", "m.d.mts", "m.json", "m.mjs", "m.onnx", "nasty.csv", "run"]);
});
