// The quick form of the fault campaign; `npm run test:faults` is the long one, and docs/reliability.md has its counts.
import { expect, test } from "vitest";
import { cutEverywhere, turnBits } from "./damage.ts";
import { failEveryCall } from "./disk.ts";
import { interruptAtRandom, killAtRandom } from "./kill.ts";
import { cutEverySave } from "./power-loss.ts";

test("every call of a save that fails, once or for good, or dies, leaves the old or the new checkpoint", async () => {
  const { points, calls } = await failEveryCall([1]);
  expect(calls).toBeGreaterThanOrEqual(8);
  expect(points).toBeGreaterThan(70);
});

test("a power cut at any moment of a save leaves the old or the new checkpoint", async () => {
  const { all, sampled } = await cutEverySave(6000);
  expect(all.states).toBeGreaterThan(1000);
  for (const { old, fresh } of [all, sampled]) expect(Math.min(old, fresh)).toBeGreaterThan(0);
});

test("a checkpoint that was cut or in which a bit was turned is refused, and the tensor is named", async () => {
  expect((await cutEverywhere(23)).lengths).toBeGreaterThan(300);
  const { names } = await turnBits(300, 37);
  expect(names).toBeGreaterThan(10);
});

test("runs killed at random moments go on to the bits of the run that nobody touched", async () => {
  expect((await killAtRandom(2)).kills).toBeGreaterThanOrEqual(2);
});

test("runs interrupted at random moments end in time and go on to the same bits", async () => {
  expect((await interruptAtRandom(2)).kills).toBe(2);
});
