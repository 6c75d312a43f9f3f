import { expect, test } from "vitest";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { backpropagate } from "./fixture.ts";

// x = (1, −2), W₁ = (1 −1; 1/2 1), b₁ = (1/2, 0):  z₁ = (1 − 1 + 1/2, −1 − 2 + 0) = (1/2, −3), a₁ = (1/2, 0)
// W₂ = (2 −2; 1 1), b₂ = (0, 2):                   z₂ = (1, 1),  S = (1/2, 1/2),  ℓ = ln 2 for either class
// y = 0: δ² = (−1/2, 1/2); δ²W₂ᵀ = (−1 − 1, −1/2 + 1/2) = (−2, 0); σ′ = (1, 0): δ¹ = (−2, 0)
// ∇W₂ = a₁ᵀδ² = (−1/4 1/4; 0 0), ∇W₁ = xᵀδ¹ = (−2 0; 4 0). Every number is a sum of powers of two: no rounding
// anywhere.
const worked = {
  layers: [2, 2, 2],
  rows: [[1, -2]],
  parameters: [1, -1, 0.5, 1, 0.5, 0, 2, -2, 1, 1, 0, 2],
  labels: Int32Array.of(0),
};

test.each(["reference", "reference-float64"])("one step worked by hand comes out exactly (%s)", async (engine) => {
  const { losses, outputs, deltas, dW, db } = await backpropagate(engine, worked);
  expect(outputs).toEqual([
    [0.5, 0],
    [1, 1],
  ]);
  expect(deltas).toEqual([
    [-2, 0],
    [-0.5, 0.5],
  ]);
  expect(dW).toEqual(
    [
      [-2, 0, 4, -0],
      [-0.25, 0.25, 0, 0],
    ].map((row) => row.map((x) => x + 0)),
  );
  expect(db).toEqual([
    [-2, 0],
    [-0.5, 0.5],
  ]);
  expect(losses[0]).toBe(Math.LN2);
});

test("σ′(0) = 0: a unit at exactly zero passes nothing back", async () => {
  const { outputs, deltas } = await backpropagate("reference", {
    ...worked,
    rows: [[0, 0]],
    parameters: [1, -1, 0.5, 1, 0, 0, 2, -2, 1, 1, 0, 0],
  });
  expect(outputs[0]).toEqual([0, 0]);
  expect(deltas[0]).toEqual([0, 0]);
});

test("gradients are means: a batch of copies gives the gradient of one, and B = 1 divides by one", async () => {
  const one = await backpropagate("reference-float64", worked);
  const four = await backpropagate("reference-float64", {
    ...worked,
    rows: Array(4).fill([1, -2]),
    labels: new Int32Array(4),
  });
  expect(four.dW).toEqual(one.dW);
  expect(four.db).toEqual(one.db);
});

test("soft targets enter as they stand: δ = S − y", async () => {
  const { deltas, losses } = await backpropagate("reference-float64", {
    ...worked,
    targets: Float64Array.of(0.25, 0.75),
  });
  expect(deltas[1]).toEqual([0.25, -0.25]);
  expect(losses[0]).toBeCloseTo(Math.LN2, 15);
});

test("label smoothing and class weights make t_c = w_c((1 − ε)y_c + ε/C) and δ = (Σt)S − t", async () => {
  const { deltas, losses } = await backpropagate("reference-float64", {
    ...worked,
    labelSmoothing: 0.5,
    classWeights: [2, 4],
  });
  // t = (2·(1/2 + 1/4), 4·1/4) = (3/2, 1), Σt = 5/2, δ = 5/2·(1/2, 1/2) − t = (−1/4, 1/4), ℓ = 5/2 ln 2
  expect(deltas[1]).toEqual([-0.25, 0.25]);
  expect(losses[0]).toBeCloseTo(2.5 * Math.LN2, 14);
});

test("L2, momentum and plain descent change the parameters as written", async () => {
  const { session } = await backpropagate("reference-float64", { ...worked, optimizer: "momentum" });
  const before = session.readParameters();
  const step = new Float64Array(COEFFICIENTS);
  step.set([0.5, 0.25, 0.5]); // η = 1/2, λ = 1/4, μ = 1/2
  await session.train(Uint32Array.of(0), step);
  const after = session.readParameters();
  // W₁[0,0]: g = −2 + 1·1/4 = −7/4, v = g, θ = 1 + 7/8;  b₁[0]: g = −2, no decay, θ = 1/2 + 1
  expect(after[0]! - before[0]!).toBe(7 / 8);
  expect(after[4]! - before[4]!).toBe(1);
  expect(session.readStates()[0]![0]).toBe(-7 / 4);
});
