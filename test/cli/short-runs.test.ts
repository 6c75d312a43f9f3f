// `batch-size`, `learning-rate` and `train --noise-scale` on a table.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deltaprop, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
writeTable(join(home, "things.csv"), 200);
const small = ["--hidden", "8", "--engine", "wasm", "--threads", "1"];
afterAll(remove);

test("batch-size prints what it measured, a power of two, and the price of others", async () => {
  const { code, out, err } = await deltaprop(home, ["batch-size", "things.csv", "--steps", "40", ...small]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^step +loss +tr Σ +‖G‖² +noise scale +±$/m);
  const [, scale, recommended] = /noise scale over the run: ([\d,]+) examples\. Recommended: --batch-size (\d+)/.exec(
    out,
  )!;
  expect(Math.abs(Math.log2(Number(recommended) / Number(scale!.replace(",", ""))))).toBeLessThanOrEqual(0.6);
});

test("learning-rate prints the curve and a rate that train takes", async () => {
  const { code, out, err } = await deltaprop(home, ["learning-rate", "things.csv", "--optimizer", "sgd", ...small]);
  expect([code, err]).toEqual([0, ""]);
  const [, rate] = /Recommended: (--learning-rate \S+) with/.exec(out)!;
  const words = ["train", "things.csv", "--optimizer", "sgd", ...rate!.split(" "), ...small, "--json"];
  expect(jsonLines(await deltaprop(home, words)).at(-1)!.testAccuracy).toBeGreaterThan(0.9);
});

test("train --noise-scale writes the noise of every epoch to metrics.jsonl and says the last", async () => {
  const words = ["train", "things.csv", "--epochs", "3", ...small, "--out"];
  const { code, out, err } = await deltaprop(home, [...words, "noisy", "--noise-scale"]);
  expect([code, err]).toEqual([0, ""]);
  const lines = readFileSync(join(home, "noisy/metrics.jsonl"), "utf8").trimEnd().split("\n");
  const epochs = lines.map((line) => JSON.parse(line));
  expect(epochs).toHaveLength(3);
  for (const { noise } of epochs) expect(noise.scale).toBeCloseTo(noise.trace / noise.squaredGradient, 9);
  expect(out).toMatch(/^ {2}noise {4}scale [\d,]+ ± [\d,]+ examples after the last epoch$/m);
  await deltaprop(home, [...words, "plain"]);
  const hashes = (run: string) => JSON.parse(readFileSync(join(home, run, "run.json"), "utf8")).epochParametersSha256;
  expect(hashes("noisy")).toEqual(hashes("plain"));
});
