// `train --layer-norm --residual`: in run.json, verified, gone on with, checked.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deltaprop, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
writeTable(join(home, "things.csv"), 120);
afterAll(remove);

test("train records both, and every command takes the model", async () => {
  const words = ["--hidden", "8,8", "--layer-norm", "--residual", "--epochs", "2", "--out", "run"];
  const trained = await deltaprop(home, ["train", "things.csv", ...words]);
  expect([trained.code, trained.err]).toEqual([0, ""]);
  expect(trained.out).toContain("relu, layer normalization, residual");
  expect(JSON.parse(readFileSync(join(home, "run/run.json"), "utf8"))).toMatchObject({
    layerNorm: true,
    residual: true,
  });
  for (const call of [
    ["verify", "run"],
    ["test", "run", "things.csv"],
    ["predict", "run", "things.csv"],
    ["report", "run", "--out", "report.html"],
    ["check", "--model", "run", "--data", "things.csv", "--batch-size", "2"],
    ["train", "things.csv", "--from", "run", "--epochs", "1", "--out", "more"],
    ["influence", "run", "things.csv", "--of", "1", "--method", "tracin"],
  ])
    expect((await deltaprop(home, call)).code, call.join(" ")).toBe(0);
  expect(readFileSync(join(home, "report.html"), "utf8")).toContain("--layer-norm --residual");
}, 60_000);

test("what cannot be is refused in words, and nothing is written", async () => {
  for (const [words, reason] of [
    [["train", "things.csv", "--hidden", "8,9", "--residual", "--out", "never"], "of equal width"],
    [["train", "things.csv", "--from", "run", "--layer-norm", "--out", "never"], "--layer-norm must be left out"],
    [["influence", "run", "things.csv", "--of", "1", "--method", "ek-fac"], "without layer normalization"],
  ] as const) {
    const { code, err } = await deltaprop(home, words);
    expect([code, err.includes(reason)], err).toEqual([2, true]);
  }
});
