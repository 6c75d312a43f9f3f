// `train` with options of a step: they are in run.json, `verify` follows them, `report` names them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deltaprop, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
writeTable(join(home, "things.csv"), 120);
afterAll(remove);

test("train takes the options of a step, records them, says them, and verify comes to the same bits", async () => {
  const words = ["train", "things.csv", "--hidden", "8,8", "--epochs", "2", "--engine", "wasm", "--out", "run"];
  const given = [
    "--clip-norm",
    "0.5",
    "--l1",
    "0.01",
    "--max-norm",
    "2",
    "--dropout",
    "0.2",
    "--input-dropout",
    "0.05",
    "--input-noise",
    "0.1",
    "--mixup",
    "0.3",
    "--front-scale",
    "6",
    "--beta2",
    "0.95",
    "--average-decay",
    "0.9",
  ];
  const { code, out, err } = await deltaprop(home, [...words, ...given]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(
    "L1 0.01, gradient norm ≤ 0.5, unit norm ≤ 2, dropout 0.2, input dropout 0.05, input noise 0.1, mixup 0.3, inputs scaled (rate × 6), weights averaged (0.9)",
  );
  const { options } = JSON.parse(readFileSync(join(home, "run/run.json"), "utf8"));
  expect(options).toMatchObject({
    clipNorm: 0.5,
    l1: 0.01,
    maxNorm: 2,
    dropout: 0.2,
    inputDropout: 0.05,
    inputNoise: 0.1,
    mixup: 0.3,
    averageDecay: 0.9,
    beta2: 0.95,
  });
  expect((await deltaprop(home, ["verify", "run"])).code).toBe(0);
});

test.each([
  ["--clip-norm", "0"],
  ["--l1", "-1"],
  ["--max-norm", "much"],
  ["--dropout", "1"],
  ["--mixup", "-0.2"],
])("%s %s is refused, and nothing is written", async (flag, value) => {
  const { code, err } = await deltaprop(home, ["train", "things.csv", flag, value, "--out", "never"]);
  expect(code).toBe(2);
  expect(err).toContain(flag);
});
