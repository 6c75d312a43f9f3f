// The type of a row of the check, and the comparisons that many rows share.
import type { DeltaAnswers } from "../gradients/delta-answers.ts";
import { activationOf } from "../network/network.ts";
import { type Ball, exact } from "./ball.ts";
import { backError } from "./bounds.ts";
import type { BoundedObservation, Case } from "./case.ts";
import { mul, seed, slope, sum } from "./dual.ts";
import type { Formulas } from "./formulas.ts";
import type { Implementation, Problem } from "./implementation.ts";
import { activate, type Directions } from "./oracle.ts";
import { type Comparison, Tally } from "./tally.ts";

/** One equation, of the note (E) or beyond it (X). */
export type Proposition = {
  /** "E17", "X9". */
  readonly id: string;
  /** Section of the note, or "X". */
  readonly section: string;
  /** The statement in LaTeX. */
  readonly latex: string;
  /** The statement in plain text. */
  readonly text: string;
  /** A note on the equation or its check; may be "". */
  readonly remark: string;
};

/** An equation and its check. */
export type Row = Proposition & {
  /** The comparisons; none if the network has no such layer, or the implementation no optimizers. */
  check(evidence: Evidence): readonly Comparison[] | Promise<readonly Comparison[]>;
};

/** The input of every row's check. */
export type Evidence = {
  readonly implementation: Implementation;
  readonly formulas: Formulas;
  readonly answers: DeltaAnswers;
  readonly seed: number;
  readonly main: Case; //              of the problem that is checked
  readonly shapes: readonly Case[]; // of small networks of other depths
  /** The problem as it was given, where its network has layer normalization or residuals; `main` is then without. */
  readonly whole?: { readonly problem: Problem; readonly directions: Directions } | undefined;
};

export const RUNNING =
  "γ_n along the sums from δ^L down, at the implementation's own activations (running error analysis)";
export const ACCUMULATED = "γ_n along every sum from x on (running error analysis)";
export const LOCAL = "γ_n of this one sum, on the implementation's own numbers";
export const QUOTIENT = "γ_n, and (ℓ(θ+h) − ℓ(θ−h))/2h: rounding E/h + truncation h²ℓ‴/6";
export const FORMULA = "running error analysis of the formula in float64";
export const EXACT = "equal, or exact to the oracle's rounding";

/** Compare got ± bound with an oracle's ball. */
export const against = (tally: Tally, place: string, got: number, bound: number, expected: Ball): void =>
  tally.add(place, got, expected.v, bound + expected.e);

/** δ^l of every example against ∂ℓ/∂z_l. */
export function deltaAgainstDuals(c: Case, l: number): Comparison {
  const tally = new Tally(`δ^${l} against ∂ℓ/∂z_${l} by dual numbers`, RUNNING);
  const { observation, bounds } = c.full;
  const O = c.width(l);
  for (const { column, k } of c.directions.in("z", l))
    for (let i = 0; i < c.rows; i++) {
      const at = i * O + column;
      against(
        tally,
        `δ^${l}[${i},${column}]`,
        observation.deltas[l - 1]![at]!,
        bounds.deltas[l - 1]![at]!,
        c.slope(i, k),
      );
    }
  return tally.done();
}

/** ∇W_l or ∇b_l of each example in a batch of one, against dual numbers. */
export function singleAgainstDuals(c: Case, kind: "W" | "b", l: number): Comparison {
  const tally = new Tally(`∇${kind}_${l} of single examples against dual numbers`, RUNNING);
  for (const [i, single] of c.singles.entries())
    eachGradient(c, single, kind, l, (place, k, got, bound) =>
      against(tally, `${place} of example ${i}`, got, bound, c.slope(i, k)),
    );
  return tally.done();
}

/** ∇W_l or ∇b_l of each example in a batch of one, against central differences. */
export function singleAgainstDifferences(c: Case, kind: "W" | "b", l: number): Comparison {
  const tally = new Tally(`∇${kind}_${l} of single examples against central differences`, QUOTIENT);
  for (const [i, single] of c.singles.entries())
    eachGradient(c, single, kind, l, (place, k, got, bound) => {
      const quotient = c.quotient(i, c.directions.variables[k]!, k);
      if (quotient) against(tally, `${place} of example ${i}`, got, bound, quotient);
      else tally.skip();
    });
  return tally.done();
}

/** ∇W_l or ∇b_l of a mini-batch against the mean of the examples' dual numbers. */
export function batchAgainstDuals(c: Case, batch: BoundedObservation, kind: "W" | "b", l: number): Comparison {
  const n = batch.observation.rows;
  const tally = new Tally(`∇${kind}_${l}, ${n} of B = ${c.rows} rows, against dual numbers`, RUNNING);
  eachGradient(c, batch, kind, l, (place, k, got, bound) => against(tally, place, got, bound, c.meanSlope(n, k)));
  return tally.done();
}

/**
 * δ^l against ∂⟨δ^{l+1}, σ(z_l) W_{l+1} + b_{l+1}⟩/∂z_l by dual numbers, for the observed δ^{l+1}: one step of the
 * recursion, without the errors of the layers above.
 */
export function recursionGivenAbove(c: Case, l: number, source: string): Comparison {
  const tally = new Tally(`δ^${l} from the implementation's own δ^${l + 1}`, source);
  const { observation, bounds } = c.full;
  const [I, O] = [c.width(l), c.width(l + 1)];
  const above = observation.deltas[l]!;
  const activation = activationOf(c.network, l);
  const error = backError(
    activation,
    c.problem.parameters,
    { I, O, W: c.packed(l + 1, 0, 0), b: c.packed(l + 1, -1, 0) },
    c.rows,
    above,
    undefined,
    observation.outputs[l - 1]!,
    bounds.a[l - 1]!,
    c.implementation.precision,
    { values: bounds.values[l - 1]!, errors: bounds.z[l - 1]! },
  );
  for (const { column: k } of c.directions.in("z", l))
    for (let i = 0; i < c.rows; i++) {
      const { v, e } = c.examples[i]!.z[l - 1]![k]!;
      const a = activate(activation, seed(v, 0, 1, e), () => observation.outputs[l - 1]![i * I + k]! > 0);
      const inner = Array.from({ length: O }, (_, o) =>
        mul(exact(above[i * O + o]!), mul(a, exact(c.parameter(l + 1, k, o)))),
      );
      against(
        tally,
        `δ^${l}[${i},${k}]`,
        observation.deltas[l - 1]![i * I + k]!,
        error[i * I + k]!,
        slope(sum(inner), 0),
      );
    }
  return tally.done();
}

/** Visit the sampled entries of ∇W_l or ∇b_l. */
function eachGradient(
  c: Case,
  { observation, bounds }: BoundedObservation,
  kind: "W" | "b",
  l: number,
  visit: (place: string, k: number, got: number, bound: number) => void,
): void {
  for (const { row, column, k } of c.directions.in(kind, l)) {
    const got = observation.gradients[c.packed(l, kind === "b" ? -1 : row, column)]!;
    const bound = kind === "W" ? bounds.dW(l, row, column) : bounds.db(l, column);
    visit(kind === "W" ? `∇W_${l}[${row},${column}]` : `∇b_${l}[${column}]`, k, got, bound);
  }
}

/** The layer of a network of depth L for the note's layer: 4 is the last, 1 the first; undefined if there is none. */
export function noteLayer(layer: 1 | 2 | 3 | 4, depth: number): number | undefined {
  const l = layer === 1 ? 1 : depth - (4 - layer);
  return l >= 1 ? l : undefined;
}
