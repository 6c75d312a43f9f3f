// Habits of the tests themselves that a machine can check.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.tsx?$/.test(name),
);

/** The text from `at`, a call's name, to the bracket that closes the call. Brackets in strings must come in pairs. */
function callAt(text: string, at: number): string {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) return text.slice(at, i + 1);
  }
  return text.slice(at);
}

/** Runs of properties in a source, and how many of them name their seed as the last option. */
function runs(source: string): { all: number; seeded: number } {
  const calls = [...source.matchAll(/\bfc\.(?:assert|check|sample)\(/g)].map(({ index }) => callAt(source, index));
  return { all: calls.length, seeded: calls.filter((call) => /\bseed: \d+\b[^{}]*\},?\s*\)$/.test(call)).length };
}

test("every run of a property has a seed", () => {
  let all = 0;
  for (const file of files) {
    if (file === "habits.test.ts") continue;
    const found = runs(readFileSync(join(import.meta.dirname, file), "utf8"));
    expect(found.seeded, file).toBe(found.all);
    all += found.all;
  }
  expect(all).toBeGreaterThan(10);
});

test("the reader of runs sees a seed only where the run has one", () => {
  expect(runs("fc.assert(fc.property(a, (seed) => f(seed)), { numRuns: 3, seed: 1 });")).toEqual({ all: 1, seeded: 1 });
  expect(runs("await fc.check(p, {\n  seed: 12,\n});")).toEqual({ all: 1, seeded: 1 });
  expect(runs("fc.assert(fc.property(a, (seed) => f({ seed: 1 })));")).toEqual({ all: 1, seeded: 0 });
  expect(runs("fc.assert(p, { numRuns: 3 });\nfc.assert(p, { seed: 1 })")).toEqual({ all: 2, seeded: 1 });
});
