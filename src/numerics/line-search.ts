// A step length that satisfies the strong Wolfe conditions: bracketing and zoom (Nocedal and Wright, Numerical
// Optimization, algorithms 3.5 and 3.6), by cubic interpolation, in float64.
import { ENOUGH } from "./minimize.ts";

/** A function along a line: its value and slope at t. */
export type LinePoint = { readonly t: number; readonly value: number; readonly slope: number };

const FLATTER = 0.9; //    the slope that is left, of the first
const LONGEST = 2 ** 20;
const FARTHER = 4; //      times as far, while the function still falls

/**
 * A point along a line that begins at `start` (t = 0, slope < 0), tried at `first` and at most `evaluations` times:
 * value ≤ value₀ + 10⁻⁴·t·slope₀ and |slope| ≤ 0.9·|slope₀|. Else the lowest point that satisfies the first of them;
 * undefined where there is none.
 */
export async function wolfePoint<P extends LinePoint>(
  at: (t: number) => Promise<P>,
  start: LinePoint,
  first: number,
  evaluations: number,
): Promise<P | undefined> {
  const falls = (p: LinePoint) => p.value <= start.value + ENOUGH * p.t * start.slope; // false for NaN
  const flat = (p: LinePoint) => Math.abs(p.slope) <= -FLATTER * start.slope;
  let best: P | undefined;
  let [low, high]: [LinePoint, LinePoint | undefined] = [start, undefined];
  let t = first;
  for (let spent = 0; spent < evaluations; spent++) {
    const p = await at(t);
    if (!falls(p) || p.value >= low.value) high = p;
    else {
      best = p;
      if (flat(p)) return p;
      const overshot: boolean = high === undefined ? p.slope >= 0 : p.slope * (high.t - low.t) >= 0;
      if (overshot) high = low;
      low = p;
    }
    if (high === undefined) t = Math.min(LONGEST, FARTHER * t);
    else t = between(low, high);
    if (t === low.t || t === high?.t) return best;
  }
  return best;
}

/** The minimum of the cubic through both points and slopes, held within the middle four fifths; else the middle. */
function between(a: LinePoint, b: LinePoint): number {
  const d = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t);
  const under = d * d - a.slope * b.slope;
  const root = Math.sign(b.t - a.t) * Math.sqrt(under);
  const t = b.t - ((b.t - a.t) * (b.slope + root - d)) / (b.slope - a.slope + 2 * root);
  const [from, to] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
  const margin = 0.1 * (to - from);
  return t >= from + margin && t <= to - margin ? t : (from + to) / 2; // the middle for NaN, too
}
