// Splits by time: every part is later than the one before it, as what a model is asked about comes after what it has
// learned from. Rows of the same time stay together.
import { InvalidInput } from "../errors.ts";
import { rowsByPart } from "./rows-by-part.ts";

/**
 * The row numbers of each part, ascending; each is as near its share as equal times allow. Raises InvalidInput
 * BAD_SPLIT where there are fewer times than parts.
 */
export function splitTimes(times: Float64Array, fractions: readonly number[]): readonly Uint32Array[] {
  const sorted = times.slice().sort();
  let count = 0;
  const all = new Uint32Array(sorted.length);
  for (let k = 0; k < sorted.length; k++) if (k === 0 || sorted[k] !== sorted[k - 1]) all[count++] = k;
  const cuts = all.subarray(0, count); // where another time begins
  const P = fractions.length;
  if (cuts.length < P) {
    const distinct = cuts.length === 1 ? "all rows have the same time" : `the rows have ${cuts.length} times`;
    const reason = `${distinct}, which cannot make ${P} parts, one later than the other.`;
    throw new InvalidInput("BAD_SPLIT", reason);
  }
  const starts = new Float64Array(P).fill(Number.NEGATIVE_INFINITY); // the first time of each part
  let end = sorted.length;
  let last = cuts.length; // cuts[last − 1] is the latest that may begin a part
  let whole = 1;
  for (let p = P - 1; p > 0; p--) {
    const wanted = (1 - fractions[p]! / whole) * end;
    whole -= fractions[p]!;
    let best = last - 1;
    // p parts more come before, each with a time at least
    for (let k = last - 1; k >= p; k--) if (Math.abs(cuts[k]! - wanted) < Math.abs(cuts[best]! - wanted)) best = k;
    starts[p] = sorted[cuts[best]!]!;
    [end, last] = [cuts[best]!, best];
  }
  return rowsByPart(times.length, P, (i) => starts.findLastIndex((start) => times[i]! >= start));
}
