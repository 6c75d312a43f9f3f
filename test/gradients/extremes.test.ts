import { describe, expect, test } from "vitest";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { backpropagate } from "./fixture.ts";

const FLOATS = ["reference", "reference-float64"];
const U = 2 ** -24;

/** With one layer, D = 1 and x = 1, the weights are the logits. */
const logits = (z: readonly number[], label: number, engine: string) =>
  backpropagate(engine, {
    layers: [1, z.length],
    rows: [[1]],
    parameters: [...z, ...z.map(() => 0)],
    labels: Int32Array.of(label),
  });

describe.each(FLOATS)("the loss of %s", (engine) => {
  test.each([1, 2, 3, 10, 1000])("is ln C at zero logits, with δ = 1/C − y (C = %i)", async (C) => {
    const { losses, deltas } = await logits(Array(C).fill(0), C - 1, engine);
    expect(Math.abs(losses[0]! - Math.log(C))).toBeLessThanOrEqual(4 * 2 ** -53 * Math.log(C));
    const delta = deltas.at(-1)!;
    for (let c = 0; c < C; c++) expect(Math.abs(delta[c]! - (1 / C - (c === C - 1 ? 1 : 0)))).toBeLessThanOrEqual(U);
  });

  test("is the gap itself where the gap is large, never infinite or clipped", async () => {
    expect((await logits([1e4, -1e4], 1, engine)).losses[0]).toBe(2e4);
    expect((await logits([1e4, -1e4], 0, engine)).losses[0]).toBe(0);
    const huge = Math.fround(3e38);
    expect((await logits([huge, -huge, 0], 1, engine)).losses[0]).toBe(2 * huge);
    expect((await logits([huge, huge, -huge], 0, engine)).losses[0]).toBeCloseTo(Math.LN2, 15);
  });

  test.each([
    [[1e4, -1e4, 0]],
    [[3e38, -3e38, 3e38]],
    [[-3e38, -3e38, -3e38]],
    [[88, -88, 104]],
    [[1e-45, -1e-45, 0]],
    [[0, 0, -0]],
  ])("has finite δ whose row sums to zero at logits %j", async (z) => {
    for (let label = 0; label < z.length; label++) {
      const { losses, deltas, dW } = await logits(z.map(Math.fround), label, engine);
      const delta = deltas.at(-1)!;
      expect(losses.every(Number.isFinite)).toBe(true);
      expect([...delta, ...dW[0]!].every(Number.isFinite)).toBe(true);
      expect(Math.abs(delta.reduce((a, b) => a + b, 0))).toBeLessThanOrEqual(z.length * U);
    }
  });

  test("is zero with zero gradients for one class", async () => {
    const { losses, deltas, dW } = await logits([3.5], 0, engine);
    expect([losses[0], deltas[0], dW[0]]).toEqual([0, [0], [0]]);
  });
});

test("all-zero inputs give zero weight gradients in the first layer and the biases' gradients above", async () => {
  const parameters = Array.from({ length: 3 * 4 + 4 + 4 * 2 + 2 }, (_, i) => ((i * 37) % 11) / 8 - 0.5);
  const { dW, db, losses } = await backpropagate("reference", {
    layers: [3, 4, 2],
    rows: [
      [0, 0, 0],
      [0, 0, 0],
    ],
    parameters,
    labels: Int32Array.of(0, 0),
  });
  expect(dW[0]).toEqual(Array(12).fill(0));
  expect(db[1]!.every((g) => g !== 0)).toBe(true);
  expect(losses[0]).toBe(losses[1]);
});

test("subnormal inputs and weights are not flushed: their product rounds as float64 says", async () => {
  const x = Math.fround(1e-40);
  const w = Math.fround(0.75);
  const { outputs } = await backpropagate("reference", {
    layers: [1, 1, 1],
    activation: "identity",
    rows: [[x]],
    parameters: [w, 0, 1, 0],
  });
  expect(outputs[0]![0]).toBe(Math.fround(x * w));
  expect(outputs[0]![0]).toBeGreaterThan(0);
});

test("a last batch of any size is divided by its own size", async () => {
  const { chooseEngine } = await import("../../src/engines/registry.ts");
  const { defineNetwork } = await import("../../src/network/network.ts");
  const N = 10;
  for (let B = 1; B <= N + 2; B++) {
    const session = await chooseEngine("reference-float64").open({
      network: defineNetwork([1, 2]),
      batchSize: B,
      features: new Float64Array(N).fill(1),
      labels: new Int32Array(N),
    });
    const steps = Math.ceil(N / B);
    await session.train(
      Uint32Array.from({ length: N }, (_, i) => i),
      Float64Array.from({ length: steps * COEFFICIENTS }, (_, i) => (i % COEFFICIENTS ? 0 : 2 ** -60)),
    );
    // δ = (−1/2, 1/2) in every row, so each step moves b by 2⁻⁶⁰/2, whatever the size of its batch
    expect(session.readParameters()[2]).toBeCloseTo((steps * 2 ** -60) / 2, 70);
    await session.close();
  }
});
