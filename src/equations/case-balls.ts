// Arrays of a case as balls, the inputs of formulas.ts: a_{l−1}, δ^l and σ′(z_l) of one example, and W_l.
import { activationOf } from "../network/network.ts";
import { type Ball, exact } from "./ball.ts";
import type { Case } from "./case.ts";
import type { Formulas, RowMajor } from "./formulas.ts";

/** a_{l−1} of example i, as observed; x for l = 1. */
export function inputBalls(c: Case, l: number, i: number): Ball[] {
  if (l === 1) return Array.from(c.input(i), exact);
  return Array.from({ length: c.width(l - 1) }, (_, k) => exact(c.activation(l - 1, i, k)));
}

/** δ^l of example i, as observed, with its bounds. */
export function deltaBalls(c: Case, l: number, i: number): Ball[] {
  const O = c.width(l);
  return Array.from({ length: O }, (_, o) => ({
    v: c.full.observation.deltas[l - 1]![i * O + o]!,
    e: c.full.bounds.deltas[l - 1]![i * O + o]!,
  }));
}

/** W_l [I×O]. */
export function weightBalls(c: Case, l: number): RowMajor {
  const [I, O] = [c.width(l - 1), c.width(l)];
  return Array.from({ length: I }, (_, k) => Array.from({ length: O }, (_, o) => exact(c.parameter(l, k, o))));
}

/** σ′(z_l) of example i by the formula, from the observed a_l and its bounds. */
export function slopesOf(c: Case, l: number, i: number, { derivative }: Pick<Formulas, "derivative">): Ball[] {
  const error = c.full.bounds.a[l - 1]!.subarray(i * c.width(l), (i + 1) * c.width(l));
  const z = c.full.bounds.z[l - 1]!.subarray(i * c.width(l), (i + 1) * c.width(l));
  return Array.from(error, (e, k) => {
    const exactZ = c.examples[i]!.z[l - 1]![k]!;
    const own = { v: exactZ.v, e: exactZ.e + z[k]! };
    return derivative(activationOf(c.network, l), { v: c.activation(l, i, k), e }, own);
  });
}
