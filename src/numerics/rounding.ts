// The constants of rounding-error theorems: unit roundoffs, underflow terms and Higham's γ_n.

/** A floating-point format with round-to-nearest: fl(x ∘ y) = (x ∘ y)(1 + δ) + η with |δ| ≤ roundoff and |η| ≤ tiny. */
export type Precision = {
  /** u. */
  readonly roundoff: number;
  /** η of a product that underflows: half the smallest subnormal. */
  readonly tiny: number;
};

export const FLOAT32: Precision = { roundoff: 2 ** -24, tiny: 2 ** -150 };
export const FLOAT64: Precision = { roundoff: 2 ** -53, tiny: 2 ** -1074 }; // the whole one: its half is not a double

export const floatPrecision = (floatBytes: 4 | 8): Precision => (floatBytes === 4 ? FLOAT32 : FLOAT64);

/**
 * γ_n = nu/(1 − nu): n roundings in any order change a product, or each term of a sum, by a factor within 1 ± γ_n
 * (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., Lemma 3.1). Infinity where nu ≥ 1.
 */
export function gamma(n: number, { roundoff: u }: Precision): number {
  return n * u < 1 ? (n * u) / (1 - n * u) : Number.POSITIVE_INFINITY;
}
