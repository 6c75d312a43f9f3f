// The task of the comparison with other libraries, arrays to a classifier that learns on, as a program of its own:
// seven lines, imports included, where scikit-learn takes eight without learning on.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { flowers } from "./flowers.ts";

const LINES = [
  'import { fit, fromArrays } from "deltaprop";',
  'import { load, save } from "deltaprop/node";',
  "const model = await fit(fromArrays(X, y), { validation: 0.1, patience: 5 });",
  "const { label, probabilities } = model.predict(row);",
  "await save(model, file);",
  "const back = await load(file);",
  "const better = await fit(fromArrays(later.X, later.y), { from: back });",
];
const EIGHT = { lines: 8, characters: 461 }; // of scikit-learn 1.2

test("the task takes seven short lines, and each does what it says", { timeout: 60_000 }, () => {
  expect(LINES.length).toBeLessThan(EIGHT.lines);
  expect(LINES.join("\n").length).toBeLessThan(EIGHT.characters);
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-lines-"));
  try {
    const source = (entry: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../src", entry)).href);
    const lines = LINES.join("\n")
      .replace('"deltaprop"', source("index.ts"))
      .replace('"deltaprop/node"', source("node.ts"));
    const { X, y } = flowers(150);
    const given = { X, y, row: X[0]!, file: join(folder, "model.safetensors"), later: flowers(60, 1) };
    const before = `const { X, y, row, file, later } = ${JSON.stringify(given)};`;
    const after = `console.log(JSON.stringify({
      label, probabilities, stopReason: model.stopReason, epochs: model.history.length,
      same: JSON.stringify(back.predict(row)) === JSON.stringify(model.predict(row)),
      scaling: JSON.stringify(better.model.scaling) === JSON.stringify(model.model.scaling), learned: better.history.length,
    }));`;
    const program = join(folder, "program.ts");
    writeFileSync(program, [before, lines, after].join("\n"));
    const found = JSON.parse(execFileSync(process.execPath, [program], { encoding: "utf8" })) as Record<
      string,
      unknown
    >;
    expect(found).toMatchObject({ label: y[0], same: true, scaling: true, stopReason: "early" });
    expect(Object.keys(found.probabilities as object).sort()).toEqual([...new Set(y)].sort());
    expect(found.learned).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
