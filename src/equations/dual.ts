// Forward-mode dual numbers: a value with its derivatives in many directions, each with a proven bound on its error.
// The first oracle. The rules are those of + − × ÷ exp log; there is none for a network, softmax or backpropagation.
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { BALLS, type Ball, exact, widened } from "./ball.ts";

/** v ± e, and d[k] ± ed[k] for each direction k. Without `d` every derivative is exactly 0. */
export type Dual = Ball & { readonly d?: Float64Array | undefined; readonly ed?: Float64Array | undefined };

/** A variable: derivative 1 in direction `k` of `size`. */
export function seed(v: number, k: number, size: number, e = 0): Dual {
  const d = new Float64Array(size);
  d[k] = 1;
  return { v, e, d, ed: new Float64Array(size) };
}

export const add = (x: Dual, y: Dual): Dual => chain(BALLS.add(x, y), [x, exact(1)], [y, exact(1)]);
export const sub = (x: Dual, y: Dual): Dual => chain(BALLS.sub(x, y), [x, exact(1)], [y, exact(-1)]);
export const mul = (x: Dual, y: Dual): Dual => chain(BALLS.mul(x, y), [x, y], [y, x]);
export const exp = (x: Dual): Dual => {
  const value = BALLS.exp(x);
  return chain(value, [x, value]);
};
export const log = (x: Dual): Dual => chain(BALLS.log(x), [x, BALLS.div(exact(1), x)]);
export const div = (x: Dual, y: Dual): Dual => {
  const value = BALLS.div(x, y);
  return chain(value, [x, BALLS.div(exact(1), y)], [y, BALLS.neg(BALLS.div(value, y))]);
};
export const sum = (terms: readonly Dual[]): Dual => terms.reduce(add, exact(0));

/** The derivative of x in direction k, as a ball. */
export const slope = (x: Dual, k: number): Ball => ({ v: x.d?.[k] ?? 0, e: x.ed?.[k] ?? 0 });

/** The chain rule: for partial derivatives p of `value` by each x, d = Σ p·d_x. */
export function chain(value: Ball, ...parts: readonly (readonly [x: Dual, p: Ball])[]): Dual {
  const size = parts.find(([x]) => x.d)?.[0].d?.length;
  if (size === undefined) return value;
  const d = new Float64Array(size);
  const ed = new Float64Array(size);
  const g = gamma(parts.length, FLOAT64);
  for (const [{ d: dx, ed: edx }, p] of parts) {
    if (!dx || !edx || (p.v === 0 && p.e === 0)) continue;
    for (let k = 0; k < size; k++) {
      if (dx[k] === 0 && edx[k] === 0) continue;
      d[k] = d[k]! + p.v * dx[k]!;
      const reach = Math.abs(dx[k]!) + edx[k]!;
      ed[k] = widened(ed[k]! + Math.abs(p.v) * edx[k]! + (p.e + g * Math.abs(p.v)) * reach + FLOAT64.tiny);
    }
  }
  return { ...value, d, ed };
}

/** Directions of the variables of one unit: its weights, its bias, its z. −1: not a variable. */
export type UnitSeeds = { readonly weights: Int32Array; readonly bias: number; readonly z: number };

/** z = Σ_k inputs_k·weights_k + bias of one unit, with Higham's bound for a sum in any order. */
export function affine(
  inputs: readonly Dual[],
  weights: Float64Array,
  bias: number,
  size: number,
  seeds: UnitSeeds,
): Dual {
  const g = gamma(inputs.length + 2, FLOAT64);
  let [v, e, magnitude] = [0, 0, Math.abs(bias)];
  const d = new Float64Array(size);
  const ed = new Float64Array(size);
  for (let i = 0; i < inputs.length; i++) {
    const { v: a, e: ea, d: da, ed: eda } = inputs[i]!;
    const w = weights[i]!;
    const width = Math.abs(w);
    v += a * w;
    magnitude += Math.abs(a * w);
    e += ea * width + FLOAT64.tiny;
    if (da && eda && w !== 0)
      for (let k = 0; k < size; k++) {
        d[k] = d[k]! + w * da[k]!;
        ed[k] = ed[k]! + width * (g * Math.abs(da[k]!) + (1 + g) * eda[k]!);
      }
    const own = seeds.weights[i]!;
    if (own >= 0) {
      d[own] = d[own]! + a;
      ed[own] = ed[own]! + ea + g * Math.abs(a);
    }
  }
  v += bias;
  for (const own of [seeds.bias, seeds.z]) if (own >= 0) d[own] = 1; // no other term depends on this direction
  const lost = inputs.length * FLOAT64.tiny; // by underflow, if any term depends on the direction
  return { v, e: widened(e + g * (magnitude + e)), d, ed: ed.map((x) => (x > 0 ? widened(x + lost) : 0)) };
}
