// CI=true alone makes no missing need a failure: a contributor's fork sets it, too.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { haveMnist, type Need, required, skipped } from "./needs.ts";

const NEEDS: readonly Need[] = ["mnist", "native", "mpi", "browser", "firefox", "tritonclient"];
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.each(NEEDS)(
  "tests that need %s are skipped without it, with a word about how to get it, whatever CI is",
  (need) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const ci of ["", "true"]) {
      vi.stubEnv("CI", ci);
      expect(skipped(need, false, "")).toBe(true);
      expect(skipped(need, true, "")).toBe(false);
    }
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[0]![0]).toMatch(/^SKIPPED tests that need .*: /);
  },
);

test.each(NEEDS)("tests that need %s run without it where DELTAPROP_REQUIRE names it", (need) => {
  const warn = vi.spyOn(console, "warn");
  for (const list of [need, NEEDS.join(","), `,${need},`]) {
    expect(required(need, list)).toBe(true);
    expect(skipped(need, false, list)).toBe(false);
  }
  vi.stubEnv("DELTAPROP_REQUIRE", need);
  for (const other of NEEDS) expect(required(other)).toBe(other === need);
  expect(warn).not.toHaveBeenCalled();
});

test("a misspelt need is refused, since it would require nothing", () => {
  for (const list of ["minst", "native, browser", "toString", "mnist;native"])
    expect(() => required("native", list)).toThrow("it takes mnist, native, mpi, browser");
});

test("a folder holds MNIST when all four files are there", () => {
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-needs-"));
  for (const file of ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"]) {
    writeFileSync(join(folder, file), "");
    expect(haveMnist(folder)).toBe(false);
  }
  writeFileSync(join(folder, "t10k-labels-idx1-ubyte.gz"), "");
  expect(haveMnist(folder)).toBe(true);
  rmSync(folder, { recursive: true });
});
