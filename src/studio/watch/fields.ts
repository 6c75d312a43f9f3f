// Layouts of weights as pictures: the receptive fields of a first layer as tiles, any other layer as its matrix.
import type { WeightMatrices } from "../lab/protocol.ts";

/** A picture of a layer, and the unit at each of its cells. */
export type Layout = {
  readonly values: Float32Array;
  readonly rows: number;
  readonly cols: number;
  readonly unitAt: (row: number, col: number) => number | null; // o; null between tiles
};

/** W [I×O] as a matrix. */
export function asMatrix({ W, I, O }: WeightMatrices): Layout {
  return { values: W, rows: I, cols: O, unitAt: (_, col) => col };
}

const GAP = 2; // cells of 0 between two tiles

/** Column o of W [D×O] as an image of height × width, tile after tile, about `across` cells wide. */
export function asFields(
  { W, O }: WeightMatrices,
  { height, width }: { readonly height: number; readonly width: number },
  across: number,
): Layout {
  const perRow = Math.max(1, Math.min(O, Math.floor((across + GAP) / (width + GAP))));
  const tiers = Math.ceil(O / perRow);
  const cols = perRow * (width + GAP) - GAP;
  const rows = tiers * (height + GAP) - GAP;
  const values = new Float32Array(rows * cols);
  for (let o = 0; o < O; o++) {
    const top = Math.floor(o / perRow) * (height + GAP);
    const left = (o % perRow) * (width + GAP);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) values[(top + y) * cols + left + x] = W[(y * width + x) * O + o]!;
  }
  const unitAt = (row: number, col: number) => {
    const o = Math.floor(row / (height + GAP)) * perRow + Math.floor(col / (width + GAP));
    return row % (height + GAP) < height && col % (width + GAP) < width && o < O ? o : null;
  };
  return { values, rows, cols, unitAt };
}

/** A vector of n as a block about twice as wide as high; the last row is filled up with 0. */
export function asBlock(values: Float32Array): { values: Float32Array; rows: number; cols: number } {
  const n = values.length;
  const cols = n <= 16 ? n : 2 ** Math.ceil(Math.log2(Math.sqrt(2 * n)));
  const rows = Math.ceil(n / cols);
  if (rows * cols === n) return { values, rows, cols };
  const filled = new Float32Array(rows * cols);
  filled.set(values);
  return { values: filled, rows, cols };
}
