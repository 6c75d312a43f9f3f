// Medians and spread of a few measurements. Means are not here: one disturbed window would move them.

/** What repeated measurements say: half of them lie in [low, high]. */
export type Spread = {
  readonly median: number;
  readonly low: number; //  first quartile
  readonly high: number; // third quartile
  readonly best: number; // the least
  readonly count: number;
};

/** The value below which a share `q` in [0, 1] of the sorted values lies, with straight lines between neighbours. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const left = sorted[below]!;
  return left + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - left);
}

/** The same of values in any order. */
export const quantileOf = (values: readonly number[], q: number): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    q,
  );

/** The middle of the values, or the mean of the two middle ones. Raises RangeError for none. */
export function median(values: readonly number[]): number {
  return spread(values).median;
}

/** Raises RangeError for no values. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no measurements");
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    best: sorted[0]!,
    count: sorted.length,
  };
}

/** Half the quartiles' distance, as a share of the median: "± 3 %". */
export const uncertainty = ({ median, low, high }: Spread): number => (high - low) / 2 / median;
