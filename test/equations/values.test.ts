import { expect, test } from "vitest";
import { exact } from "../../src/equations/ball.ts";
import { add, log, mul, seed, slope, sum } from "../../src/equations/dual.ts";
import { oneHot, softmaxDuals } from "../../src/equations/logits.ts";
import { activate } from "../../src/equations/oracle.ts";
import {
  diagonalMatrix,
  jacobianDiagonal,
  jacobianOffDiagonal,
  lossBySoftmax,
  slopes,
  softmaxJacobian,
  transposed,
  weightTensorSlice,
} from "../../src/equations/values.ts";
import { ACTIVATIONS, keepsSlope } from "../../src/network/network.ts";
import { softmax } from "../../src/numerics/softmax.ts";

const z = [0.3, -1.25, 2.5, 0];
const C = z.length;
const duals = softmaxDuals(z, oneHot(C, 2)).S;

test("softmax and its Jacobian, whole, off and on the diagonal, are those of dual numbers", () => {
  const S = softmax(z);
  const [J, off, on] = [softmaxJacobian(S), jacobianOffDiagonal(S), jacobianDiagonal(S)];
  for (let i = 0; i < C; i++) {
    expect(S[i]).toBeCloseTo(duals[i]!.v, 14);
    for (let k = 0; k < C; k++) {
      expect(J[i * C + k]).toBeCloseTo(slope(duals[i]!, k).v, 14);
      expect(off[i * C + k]).toBeCloseTo(i === k ? 0 : slope(duals[i]!, k).v, 14);
    }
    expect(on[i]).toBeCloseTo(slope(duals[i]!, i).v, 14);
  }
});

test("∂ℓ/∂S is that of dual numbers, and 0 where y is, even at S = 0", () => {
  const S = softmax(z);
  const y = [0.1, 0.2, 0.7, 0];
  const loss = sum(Array.from(S, (s, c) => mul(exact(-y[c]!), log(seed(s, c, C)))));
  lossBySoftmax(y, S).forEach((value, c) => {
    expect(value).toBeCloseTo(slope(loss, c).v, 12);
  });
  expect([...lossBySoftmax([0, 1], [0, 0.5])]).toEqual([0, -2]);
});

test("σ′ of every activation that is read from σ(z) is that of dual numbers, and 0 at a ReLU's kink", () => {
  for (const activation of ACTIVATIONS.filter((name) => !keepsSlope(name)))
    for (const at of [-2, -0.5, 0.75, 3]) {
      const value = activate(activation, seed(at, 0, 1), () => at > 0);
      expect(slopes(activation, [value.v])[0]).toBeCloseTo(slope(value, 0).v, 14);
    }
  expect([...slopes("relu", [0])]).toEqual([0]);
});

test("a slice of ∂f/∂W is that of f = aW by dual numbers, the weights its variables", () => {
  const a = [0.5, -1, 2]; // H = 3, two outputs
  const W = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
  const f = [0, 1].map((c) => a.map((x, p) => mul(exact(x), seed(W[p * 2 + c]!, p * 2 + c, 6))).reduce(add));
  for (const q of [0, 1])
    expect([...weightTensorSlice(a, 2, q)]).toEqual(f.flatMap((fc) => a.map((_, p) => slope(fc, p * 2 + q).v)));
});

test("a diagonal matrix and a transposed one hold each number in its place", () => {
  expect([...diagonalMatrix([2, 3])]).toEqual([2, 0, 0, 3]);
  expect([...transposed([1, 2, 3, 4, 5, 6], 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
});
