// Pictures as strengths of edges: how bright and dark change in each of 8 directions, cell by cell (Dalal and Triggs,
// CVPR 2005). Made of one picture alone, and blind to where in a cell an edge lies. From + − × ÷ √, so the same bits
// everywhere.
import { cosTurns, sinTurns } from "../../numerics/trigonometry.ts";
import type { Dataset } from "../dataset.ts";
import { storeOf } from "../stored/row-store.ts";

const DIRECTIONS = 8; //       of half a turn: dark to bright counts as bright to dark
const LEAST_CELL = 4; //       pixels
const MOST_CELLS = 16; //      along a side
const EVEN = 0.1; //           beside ‖v‖², so that a picture of nearly one gray is not blown up
const TYPICAL = 32; //         root mean square of the bytes

const COS = Array.from({ length: DIRECTIONS + 1 }, (_, k) => cosTurns(k / (2 * DIRECTIONS)));
const SIN = Array.from({ length: DIRECTIONS + 1 }, (_, k) => sinTurns(k / (2 * DIRECTIONS)));

/**
 * Rows of bytes: cells along both sides × 8 directions. Undefined where rows are no pictures of bytes in memory, of 8
 * pixels a side at least.
 */
export function orientedGradients(data: Dataset): Dataset | undefined {
  if (storeOf(data)) return undefined;
  const { image, picture, features, rows, cols, ...rest } = data;
  const size = image ?? picture;
  if (!(features instanceof Uint8Array) || !size || Math.min(size.width, size.height) < 2 * LEAST_CELL)
    return undefined;
  const across = cellsOf(size.width);
  const down = cellsOf(size.height);
  const channels = cols / (size.width * size.height);
  const values = across.count * down.count * DIRECTIONS;
  const out = new Uint8Array(rows * values);
  const gray = new Float64Array(size.width * size.height);
  const sums = new Float64Array(values);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < gray.length; at++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += features[row * cols + at * channels + c]!;
      gray[at] = sum / (255 * channels);
    }
    sums.fill(0);
    addEdges(sums, gray, size.width, across, down);
    let square = EVEN;
    for (const sum of sums) square += sum * sum;
    const scale = TYPICAL * Math.sqrt(values / square);
    for (const [at, sum] of sums.entries()) out[row * values + at] = Math.min(255, Math.round(scale * sum));
  }
  return { ...rest, rows, cols: values, features: out };
}

/** The cells along a side: of each pixel the first of the two whose centers it lies between, and its share of that. */
type Cells = { readonly count: number; readonly first: Int32Array; readonly share: Float64Array };

function cellsOf(length: number): Cells {
  const cell = Math.max(LEAST_CELL, Math.ceil(length / MOST_CELLS));
  const places = Array.from({ length }, (_, at) => (at + 0.5) / cell - 0.5); // in cells, from the first center
  const first = Int32Array.from(places, Math.floor);
  return { count: Math.ceil(length / cell), first, share: Float64Array.from(places, (x, at) => 1 - (x - first[at]!)) };
}

/** Of each pixel its gradient, parted among the two nearest directions and the four nearest cells. */
function addEdges(sums: Float64Array, gray: Float64Array, width: number, across: Cells, down: Cells): void {
  const height = gray.length / width;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      // beyond its sides a picture goes on as it ends
      const gx = (gray[x + 1 < width ? at + 1 : at]! - gray[x > 0 ? at - 1 : at]!) / 2;
      const gy = (gray[y + 1 < height ? at + width : at]! - gray[y > 0 ? at - width : at]!) / 2;
      if (gx === 0 && gy === 0) continue;
      const sign = gy < 0 || (gy === 0 && gx < 0) ? -1 : 1; // into the upper half turn
      const [u, v] = [sign * gx, sign * gy];
      let k = 0;
      while (k + 1 < DIRECTIONS && COS[k + 1]! * v - SIN[k + 1]! * u >= 0) k++;
      // g = α·(direction k) + β·(direction k + 1), both ≥ 0
      const alpha = (u * SIN[k + 1]! - v * COS[k + 1]!) / SIN[1]!;
      const beta = (v * COS[k]! - u * SIN[k]!) / SIN[1]!;
      for (let dy = 0; dy < 2; dy++)
        for (let dx = 0; dx < 2; dx++) {
          const [row, col] = [down.first[y]! + dy, across.first[x]! + dx];
          if (row < 0 || row >= down.count || col < 0 || col >= across.count) continue;
          const share =
            (dy === 0 ? down.share[y]! : 1 - down.share[y]!) * (dx === 0 ? across.share[x]! : 1 - across.share[x]!);
          const cell = (row * across.count + col) * DIRECTIONS;
          sums[cell + k]! += share * alpha;
          sums[cell + ((k + 1) % DIRECTIONS)]! += share * beta;
        }
    }
}
