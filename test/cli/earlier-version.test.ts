// Files written by version 0.1.0, whose words were others (rule, initialisation, standardise): they load, go on and
// repeat.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deltaprop, folder } from "./run.ts";

const FIXTURE = resolve(import.meta.dirname, "../fixtures/version-0.1");
const [cwd, remove] = folder();
cpSync(FIXTURE, cwd, { recursive: true });
afterAll(remove);

const record = (run: string): Record<string, unknown> => JSON.parse(readFileSync(join(cwd, run, "run.json"), "utf8"));

test("a model of version 0.1.0 answers as it did when it was trained", async () => {
  const { code, out } = await deltaprop(cwd, ["test", "complete", "sorts.csv", "--label", "sort", "--json"]);
  expect(code).toBe(0);
  const [tested] = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect([tested.accuracy, tested.loss]).toEqual([record("complete").testAccuracy, record("complete").testLoss]);
});

test.each(["complete", "whole"])("the record of run %s, of version 0.1.0, repeats it bit for bit", async (run) => {
  const { code, out } = await deltaprop(cwd, ["verify", run, "--engine", "wasm"]);
  expect(out).toContain(String(record(run).parametersSha256));
  expect(code).toBe(0);
});

test("a record without a schedule means a constant rate, and repeats bit for bit", async () => {
  cpSync(join(cwd, "complete"), join(cwd, "bare"), { recursive: true });
  const { options, ...rest } = record("complete") as { options: Record<string, unknown> };
  const { schedule: _, warmupEpochs: __, ...bare } = options;
  writeFileSync(join(cwd, "bare", "run.json"), JSON.stringify({ ...rest, options: bare }));
  const { code, out } = await deltaprop(cwd, ["verify", "bare", "--engine", "wasm"]);
  expect(out).toContain(String(record("complete").parametersSha256));
  expect(code).toBe(0);
});

test("a checkpoint of version 0.1.0 goes on to the bits of the run that was never stopped", async () => {
  const { code } = await deltaprop(cwd, ["train", "--resume", "stopped", "--engine", "wasm"]);
  expect(code).toBe(0);
  expect(record("stopped").parametersSha256).toBe(record("whole").parametersSha256);
  expect(record("stopped").epochParametersSha256).toEqual(record("whole").epochParametersSha256);
});

test("the studio's and the library's old words for options are still understood", async () => {
  const words = ["--rule", "adam", "--initialisation", "he", "--epochs", "1", "--quiet", "--out", "words"];
  const { code, err } = await deltaprop(cwd, ["train", "sorts.csv", "--label", "sort", ...words]);
  expect([code, err]).toEqual([0, ""]);
});
