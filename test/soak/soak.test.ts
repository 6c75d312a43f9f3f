import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EpochHistory } from "../../src/training/epoch-history.ts";
import type { EpochRecord } from "../../src/training/training-result.ts";
import { hashesOf, soak } from "./soak.ts";

const folder = mkdtempSync(join(tmpdir(), "deltaprop-soak-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("over 3,000 short epochs the checkpoint does not grow, no record stays in the run, and no line is lost", async () => {
  const seen = await soak(folder, 3000, 500);
  expect(seen.map(({ epochs }) => epochs)).toEqual([500, 1000, 1500, 2000, 2500, 3000]);
  expect(seen.map(({ held }) => held)).toEqual([0, 0, 0, 0, 0, 0]);
  const sizes = seen.map(({ checkpoint }) => checkpoint);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(64); // digits of the position
  for (const { history } of seen) expect(history).toBeLessThanOrEqual(2048);
  const [recorded, lines] = await hashesOf(folder);
  expect(recorded).toEqual(lines);
  expect(lines.length).toBe(3000);
});

test("a history of a million epochs has as many points as one of thousands, and the same mean", () => {
  const history = new EpochHistory();
  for (let epoch = 1; epoch <= 2 ** 20; epoch++)
    history.add({ epoch, trainLoss: epoch % 1024, trainAccuracy: 1, best: epoch === 7, seconds: 1 } as EpochRecord);
  expect([history.count, history.seconds, history.best?.epoch, history.last?.epoch]).toEqual([
    2 ** 20,
    2 ** 20,
    7,
    2 ** 20,
  ]);
  expect(history.losses.length).toBeLessThan(2048);
  expect(history.losses.every((loss) => loss === 511.5)).toBe(true);
  expect(history.record(7)?.epoch).toBe(7);
  expect(history.record(8)).toBeUndefined();
});
