// Which table of kernels a process uses: the fastest by measurement, and what it keeps of the measurement.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Addon } from "../../src/engines/native/addon.ts";
import { chooseTables } from "../../src/engines/native/kernel-tables.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** An addon whose exact tables reach `speeds` GFLOP/s, with one fused table. */
function pretend(speeds: Readonly<Record<string, number>>) {
  const names = Object.keys(speeds);
  const calls = { timed: 0, times: {} as Record<string, number>, chosen: [] as number[] };
  const addon = {
    table: (variant: number, n: number) => (variant === 0 ? names[n] : n === 0 ? "fused" : undefined),
    time(variant: number, n: number) {
      const name = variant === 0 ? names[n]! : "fused";
      calls.timed++;
      calls.times[name] = (calls.times[name] ?? 0) + 1;
      return variant === 0 ? 1e9 * speeds[names[n]!]! : 5e10;
    },
    choose: (_: number, n: number) => calls.chosen.push(n),
  } as unknown as Addon;
  return { addon, calls };
}

test("the fastest table is used, the widest where another is hardly faster", () => {
  const other = pretend({ wide: 60, narrow: 90, slow: 30 });
  expect(chooseTables(other.addon, "build").exact.chosen).toBe(1);
  expect(other.calls.chosen).toEqual([1]);
  expect(chooseTables(pretend({ wide: 89, narrow: 90 }).addon, "another build").exact.chosen).toBe(0);
});

test("one measurement serves later processes, and another build measures anew", () => {
  const first = pretend({ wide: 60, narrow: 90 });
  chooseTables(first.addon, "build");
  expect(first.calls.timed).toBeGreaterThan(0);
  const again = pretend({ wide: 99, narrow: 9 });
  expect(chooseTables(again.addon, "build").exact).toEqual({
    chosen: 1,
    tables: [
      { name: "wide", gigaflops: 60 },
      { name: "narrow", gigaflops: 90 },
    ],
  });
  expect(again.calls).toEqual({ timed: 0, times: {}, chosen: [1] });
  expect(chooseTables(pretend({ wide: 99, narrow: 9 }).addon, "new build").exact.chosen).toBe(0);
  const kept = JSON.parse(readFileSync(join(folder, "deltaprop", "kernels.json"), "utf8"));
  expect(Object.values(kept)).toHaveLength(2);
});

test("tables that may win are timed in four rounds, one far behind or alone in one", () => {
  const { addon, calls } = pretend({ wide: 88, narrow: 90, slow: 30 });
  chooseTables(addon, "build");
  expect(calls.times).toEqual({ wide: 4, narrow: 4, slow: 1, fused: 1 });
});

test("the file holds the eight builds measured last", () => {
  for (let n = 1; n <= 10; n++) chooseTables(pretend({ wide: 60, narrow: 90 }).addon, `build ${n}`);
  const kept = JSON.parse(readFileSync(join(folder, "deltaprop", "kernels.json"), "utf8"));
  const builds = Object.keys(kept).map((key) => key.replace(/.*; /, ""));
  expect(builds).toEqual([3, 4, 5, 6, 7, 8, 9, 10].map((n) => `build ${n}`));
});

test("tests keep their figures out of the user's own folder", () => {
  vi.unstubAllEnvs();
  expect(process.env.XDG_CACHE_HOME).toBe(join(import.meta.dirname, "../../node_modules/.cache/deltaprop-tests"));
});

test.each(["not JSON", "null", "[]", '{"x": {"exact": 7}}'])("a file that holds %s is measured again", (text) => {
  mkdirSync(join(folder, "deltaprop"));
  writeFileSync(join(folder, "deltaprop", "kernels.json"), text);
  expect(chooseTables(pretend({ wide: 60, narrow: 90 }).addon, "build").exact.chosen).toBe(1);
});

test("a folder that cannot be written costs the measurement alone", () => {
  vi.stubEnv("XDG_CACHE_HOME", "/dev/null/nowhere");
  expect(chooseTables(pretend({ wide: 60, narrow: 90 }).addon, "build").exact.chosen).toBe(1);
});
