// The gradient noise scale of McCandlish, Kaplan et al., "An Empirical Model of Large-Batch Training" (arXiv
// 1812.06162): B = tr Σ/‖G‖², where Σ is the covariance of the gradients of single examples and G their mean.

/** What the gradients of n examples at the same parameters say. */
export type GradientNoise = {
  /** n ≥ 2, examples measured. */
  readonly rows: number;
  /** tr Σ ≥ 0, unbiased: the variance of g_i, summed over all parameters. */
  readonly trace: number;
  /** ‖G‖², unbiased; it may be below 0 where n is too small. */
  readonly squaredGradient: number;
  /** tr Σ/‖G‖² in examples: the simple noise scale. Null where ‖G‖² is not above 0. */
  readonly scale: number | null;
};

/**
 * tr Σ = (Σ_i ‖g_i‖² − n‖ḡ‖²)/(n − 1) and ‖G‖² = ‖ḡ‖² − tr Σ/n of n examples, from Σ_i ‖g_i‖² and ‖ḡ‖² of their mean
 * (X31). Both are unbiased for examples drawn independently.
 */
export function gradientNoise(rows: number, sumOfSquares: number, squaredMean: number): GradientNoise {
  const trace = Math.max(0, (sumOfSquares - rows * squaredMean) / (rows - 1)); // below 0 by rounding alone
  const squaredGradient = squaredMean - trace / rows;
  return { rows, trace, squaredGradient, scale: squaredGradient > 0 ? trace / squaredGradient : null };
}
