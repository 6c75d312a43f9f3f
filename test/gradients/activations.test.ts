import { expect, test } from "vitest";
import { BACK, SELU_BELOW, SLOPE } from "../../src/gradients/activations.ts";
import { ACTIVATIONS, type Activation, defineNetwork, keepsSlope } from "../../src/network/network.ts";
import { planSession } from "../../src/network/plan.ts";

const plain = (x: number) => x;

test("σ′(0) of every activation is the one that is stated", () => {
  const stated: Record<Activation, number> = {
    ...{ relu: 0, "leaky-relu": Math.fround(0.01), tanh: 1, sigmoid: 0.25, identity: 1 },
    ...{ selu: SELU_BELOW, elu: 1, gelu: 0.5, silu: 0.5, mish: 0.6, softplus: 0.5 },
  };
  const at0: Partial<Record<Activation, number>> = { sigmoid: 0.5, softplus: Math.LN2 };
  for (const σ of ACTIVATIONS) {
    const kept = keepsSlope(σ) ? SLOPE[σ](0, plain) : (at0[σ] ?? 0);
    expect(BACK[σ](1, kept, plain), σ).toBeCloseTo(stated[σ], 15);
  }
  expect(SELU_BELOW).toBeCloseTo(1.7580993408473766, 15);
});

test("only GELU, SiLU and Mish take memory for σ′, and a forward pass takes none", () => {
  const plan = (activation: Activation) =>
    planSession(
      {
        ...{ network: defineNetwork([3, 5, 4, 2], activation), batchSize: 7, states: 0, capacity: 9, rows: 9 },
        ...{ form: "floats", divisor: 1, soft: false },
      },
      4,
    );
  const relu = plan("relu").bytes;
  for (const σ of ACTIVATIONS) {
    const { batch, evaluated, bytes } = plan(σ);
    const kept = batch.layers.map(({ slopes }) => slopes?.cols);
    expect(kept, σ).toEqual(keepsSlope(σ) ? [5, 4, undefined] : [undefined, undefined, undefined]);
    expect(evaluated.layers.every(({ slopes }) => slopes === undefined)).toBe(true);
    expect(bytes - relu).toBe(keepsSlope(σ) ? 2 * 7 * 16 * 4 : 0);
  }
  expect(ACTIVATIONS.filter(keepsSlope)).toEqual(["gelu", "silu", "mish"]);
});

test("a list has one activation for each hidden layer; one name, or equal ones, stand for all", () => {
  expect(defineNetwork([2, 3, 4, 5], ["gelu", "tanh"]).activation).toEqual(["gelu", "tanh"]);
  expect(defineNetwork([2, 3, 4, 5], ["tanh", "tanh"]).activation).toBe("tanh");
  expect(defineNetwork([2, 3, 4, 5], "tanh").activation).toBe("tanh");
  expect(() => defineNetwork([2, 3, 4, 5], ["gelu"])).toThrow(/activations must be 2, one for each hidden layer/);
  expect(() => defineNetwork([2, 3, 5], ["swish" as "silu"])).toThrow(/activation(s\[0\])? must be one of relu/);
});
