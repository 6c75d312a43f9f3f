import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { checkOptimizer, OPTIMIZER_DEFAULTS, optimizerCoefficients, power } from "../../src/training/optimizer.ts";

test("powers by squaring agree with repeated products to the last few bits, and 0 and 1 are exact", () => {
  for (const base of [0.9, 0.999, 0.5]) {
    let product = 1;
    for (let n = 0; n <= 3000; n++) {
      if (product > 1e-290) expect(Math.abs(power(base, n) / product - 1)).toBeLessThan((n + 1) * 2 ** -52);
      product *= base;
    }
  }
  expect(power(0.9, 0)).toBe(1);
  expect(power(0, 7)).toBe(0);
  expect(power(2, 1000)).toBe(2 ** 1000);
});

test("Adam's first step divides by 1 − β, and its hundredth starts where a cut run would go on", () => {
  const adam = { ...OPTIMIZER_DEFAULTS, optimizer: "adam" as const, weightDecay: 0.25 };
  const rates = new Float64Array(150).fill(0.5);
  const all = optimizerCoefficients(adam, rates, 1);
  expect(all[0]).toBeCloseTo(5, 12); // 0.5/(1 − 0.9)
  expect(all[7]).toBeCloseTo(Math.sqrt(1000), 9);
  expect([...all.slice(1, 7)]).toEqual([0.25, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-8]);
  expect(optimizerCoefficients(adam, rates.subarray(100), 101)).toEqual(all.slice(100 * COEFFICIENTS));
});

test("AdamW's decay follows the learning rate; the others keep λ as it is", () => {
  const rates = Float64Array.of(0.5, 0.25);
  const decay = (optimizer: "sgd" | "momentum" | "nesterov" | "adam" | "adamw") =>
    [1, 1 + COEFFICIENTS].map(
      (at) => optimizerCoefficients({ ...OPTIMIZER_DEFAULTS, optimizer, weightDecay: 0.5 }, rates, 1)[at],
    );
  expect(decay("adamw")).toEqual([0.25, 0.125]);
  for (const optimizer of ["sgd", "momentum", "nesterov", "adam"] as const)
    expect(decay(optimizer)).toEqual([0.5, 0.5]);
});

test("a constant that float32 rounds to 1, a negative decay and an unknown optimizer are refused", () => {
  const refused = (change: object) =>
    expect(() => checkOptimizer({ ...OPTIMIZER_DEFAULTS, ...change })).toThrow(InvalidInput);
  refused({ momentum: 1 - 2 ** -40 });
  refused({ beta2: Number.NaN });
  refused({ weightDecay: -1 });
  refused({ weightDecay: 1e39 });
  refused({ epsilon: 0 });
  refused({ optimizer: "rmsprop" });
});
