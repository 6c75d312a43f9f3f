// Every nasty file is refused with its code, its file and its place, and every valid twin loads.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

test("docs/appendix-reliability.md and docs/reliability.md count these files", () => {
  const read = (page: string) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const counts = (wanted: boolean) =>
    FORMATS.map((format) => CASES[format].filter((one) => !one.error === wanted).length);
  const row = (name: string) =>
    read("appendix-reliability.md")
      .split("\n")
      .find((line) => line.startsWith(`| ${name}`));
  expect(row("nasty, refused")).toBe(`| nasty, refused | ${counts(false).join(" | ")} |`);
  expect(row("twins, loaded")).toBe(`| twins, loaded | ${counts(true).join(" | ")} |`);
  const sum = (all: readonly number[]) => all.reduce((a, b) => a + b);
  expect(FORMATS).toHaveLength(17);
  expect(read("reliability.md")).toContain(
    `${sum(counts(false))} nasty files of seventeen formats stand beside ${sum(counts(true))} valid twins`,
  );
});
