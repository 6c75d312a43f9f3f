// Every nasty file is refused with its code, its file and its place, and every valid twin loads.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InvalidInput, printable } from "../../src/errors.ts";
import { FORMATS } from "./case.ts";
import { CASES, writeCase } from "./make.ts";
import { readCase } from "./read.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "hostile-"));
});
afterAll(() => rmSync(root, { recursive: true }));

const prototype = () => [Object.getOwnPropertyNames(Object.prototype), Object.getOwnPropertyNames(Array.prototype)];
const clean = prototype();

describe.each(FORMATS)("%s", (format) => {
  const cases = CASES[format];
  test("has at least ten nasty files and a valid twin", () => {
    expect(cases.filter(({ error }) => error).length).toBeGreaterThanOrEqual(10);
    expect(cases.filter(({ error }) => !error).length).toBeGreaterThanOrEqual(1);
  });
  test.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const folder = mkdtempSync(join(root, "case-"));
    const path = writeCase(one, folder);
    const outcome = await readCase(format, path).catch((error: unknown) => error);
    expect(prototype()).toEqual(clean);
    if (!one.error) {
      if (outcome instanceof Error) throw outcome;
      return;
    }
    if (!(outcome instanceof InvalidInput)) throw outcome instanceof Error ? outcome : new Error("it was loaded");
    const [code, at, reason] = one.error;
    expect(outcome.code).toBe(code);
    expect(outcome.file?.startsWith(folder)).toBe(true);
    if (typeof at === "string") expect(outcome.at).toBe(at);
    else expect(outcome.at).toMatch(at);
    expect(outcome.message).toContain(reason);
    expect(printable(outcome.line)).toBe(outcome.line);
    expect(outcome.line.length).toBeLessThan(2000);
  });
});
