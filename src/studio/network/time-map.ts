// Histograms that follow each other as one picture: steps from left to right, values from below to above.
import type { Histogram } from "../lab/network-api.ts";

/**
 * Histograms at rising `steps` as a picture [rows × cols]: in each column the newest sample of its step, brought to the
 * largest value of all of them, its fullest bin 1. Roots, so that a full bin does not hide the others.
 */
export function overTime(
  steps: readonly number[],
  all: readonly Histogram[],
  cols: number,
): { readonly values: Float32Array; readonly rows: number; readonly scale: number } {
  const rows = all[0]?.counts.length ?? 0;
  const scale = all.reduce((most, { largest }) => Math.max(most, largest), 0);
  const values = new Float32Array(rows * cols);
  const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  for (let c = 0; c < cols; c++) {
    const at = first + ((last - first) * c) / Math.max(1, cols - 1);
    const sample = all[steps.findLastIndex((step) => step <= at)]!;
    const column = brought(sample, rows, scale);
    const most = Math.sqrt(column.reduce((high, count) => Math.max(high, count), 1));
    for (let r = 0; r < rows; r++) values[(rows - 1 - r) * cols + c] = Math.sqrt(column[r]!) / most;
  }
  return { values, rows, scale };
}

/** The counts of a histogram in as many bins of a wider range, −scale … scale: each bin is shared out by overlap. */
function brought({ largest, counts }: Histogram, rows: number, scale: number): Float64Array {
  const out = new Float64Array(rows);
  const ratio = scale > 0 ? largest / scale : 0;
  for (const [k, count] of counts.entries()) {
    const low = ((2 * k) / rows - 1) * ratio; // −1 … 1
    const high = ((2 * k + 2) / rows - 1) * ratio;
    const [from, to] = [((low + 1) / 2) * rows, ((high + 1) / 2) * rows];
    for (let r = Math.floor(from); r < Math.min(rows, Math.max(to, from + 1e-9)); r++) {
      const overlap = to > from ? (Math.min(to, r + 1) - Math.max(from, r)) / (to - from) : 1;
      out[r]! += count * Math.max(0, overlap);
    }
  }
  return out;
}
