import { expect, test } from "vitest";
import { learningRates, type Schedule } from "../../src/training/schedule.ts";

const run = (schedule: Schedule, epochs: number, stepsPerEpoch: number, warmupEpochs = 0) =>
  Array.from({ length: epochs }, (_, e) => [
    ...learningRates({ schedule, learningRate: 8, warmupEpochs, epochs, stepsPerEpoch }, e + 1),
  ]).flat();

test("a constant schedule is constant", () => expect(run("constant", 2, 3)).toEqual([8, 8, 8, 8, 8, 8]));

test("warm-up rises in equal steps to the full rate", () =>
  expect(run("constant", 3, 2, 2)).toEqual([2, 4, 6, 8, 8, 8]));

test("step divides by 10 at half and by 100 at three quarters", () =>
  expect(run("step", 4, 2)).toEqual([8, 8, 8, 8, 0.8, 0.8, 0.08, 0.08]));

test("cosine starts at the full rate, passes half of it in the middle and falls towards 0", () => {
  const rates = run("cosine", 4, 25);
  expect(rates[0]).toBe(8);
  expect(rates[50]).toBe(4);
  rates.forEach((rate, step) => {
    expect(rate).toBeCloseTo(4 * (1 + Math.cos((Math.PI * step) / 100)), 12);
  });
  expect(rates[99]).toBeLessThan(0.002);
});

test("cosine after warm-up spans the steps that are left", () => {
  const rates = run("cosine", 4, 2, 2);
  expect(rates.slice(0, 5)).toEqual([2, 4, 6, 8, 8]);
  expect(rates[6]).toBe(4);
});

test("coslog4 has four cosines, each twice as long as the one before: full rates between zeros", () => {
  const rates = run("coslog4", 15, 20); // log₂(1 + 15p) is whole at p = 0, 1/15, 3/15, 7/15
  for (const zero of [0, 20, 60, 140]) expect(rates[zero]).toBeLessThan(1e-12);
  rates.forEach((rate, step) => {
    expect(rate).toBeCloseTo(4 * (1 - Math.cos(2 * Math.PI * Math.log2(1 + step / 20))), 9);
  });
  expect(Math.max(...rates.slice(61, 140))).toBeGreaterThan(7.99);
});

test("one-cycle rises from a 25th to the full rate at three tenths of the steps, then falls towards 0", () => {
  const rates = run("one-cycle", 4, 25);
  expect(rates[0]).toBeCloseTo(8 / 25, 12);
  expect(rates[30]).toBe(8);
  rates.forEach((rate, step) => {
    const up = 8 - (8 - 8 / 25) * 0.5 * (1 + Math.cos((Math.PI * step) / 30));
    const down = 4 * (1 + Math.cos((Math.PI * (step - 30)) / 70));
    expect(rate).toBeCloseTo(step < 30 ? up : down, 12);
  });
  expect(rates[99]).toBeLessThan(0.01);
});
