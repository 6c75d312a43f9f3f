// What a row of the check is, and the comparisons that many rows share.
import type { Ball } from "./ball.ts";
import type { BoundedObservation, Case } from "./case.ts";
import type { Formulas } from "./formulas.ts";
import type { Implementation } from "./implementation.ts";
import { type Comparison, Tally } from "./tally.ts";

/** One statement of the note (E) or of ours (X), and how it is checked. */
export type Row = {
  readonly id: string;
  readonly section: string; // of the note, or "X"
  readonly latex: string;
  readonly text: string; //    the same in plain text
  readonly remark: string; //  "" if there is none
  /** The comparisons; none if the network has no such layer. */
  check(evidence: Evidence): readonly Comparison[] | Promise<readonly Comparison[]>;
};

/** What rows look at. */
export type Evidence = {
  readonly implementation: Implementation;
  readonly formulas: Formulas;
  readonly seed: number;
  readonly main: Case; //                 the network asked for
  readonly shapes: readonly Case[]; //    small networks of other depths
};

export const RUNNING =
  "γ_n along the sums from δ^L down, at the implementation's own activations (running error analysis)";
export const ACCUMULATED = "γ_n along every sum from x on (running error analysis)";
export const LOCAL = "γ_n of this one sum, on the implementation's own numbers";
export const QUOTIENT = "γ_n, and (ℓ(θ+h) − ℓ(θ−h))/2h: rounding E/h + truncation h²ℓ‴/6";
export const FORMULA = "running error analysis of the formula in float64";
export const EXACT = "equal, or exact to the oracle's rounding";

/** got ± bound against an oracle's ball. */
export const against = (tally: Tally, place: string, got: number, bound: number, expected: Ball): void =>
  tally.add(place, got, expected.v, bound + expected.e);

/** δ^l of every example, or z's derivative as the implementation has it, against ∂ℓ/∂z_l. */
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

/** ∇W_l or ∇b_l of every example alone (B = 1), against dual numbers. */
export function singleAgainstDuals(c: Case, kind: "W" | "b", l: number): Comparison {
  const tally = new Tally(`∇${kind}_${l} of single examples against dual numbers`, RUNNING);
  for (const [i, single] of c.singles.entries())
    eachGradient(c, single, kind, l, (place, k, got, bound) =>
      against(tally, `${place} of example ${i}`, got, bound, c.slope(i, k)),
    );
  return tally.done();
}

/** ∇W_l or ∇b_l of every example alone, against central differences. */
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

/** The note's layers 4, 3, 2, 1 in a network of depth L: 4 is the last, 1 the first; undefined where there is none. */
export function noteLayer(layer: 1 | 2 | 3 | 4, depth: number): number | undefined {
  const l = layer === 1 ? 1 : depth - (4 - layer);
  return l >= 1 ? l : undefined;
}
