// How a pen's path becomes grey pixels: a smooth curve through its points, and the ink of each straight piece of it.
import type { Stroke } from "./strokes.ts";

const PIECES = 4; // straight pieces a curve between two points is cut into

/**
 * Straight pieces of a Catmull–Rom spline through the points; at a corner, and at the ends, the neighbour is the point
 * itself.
 */
export function bezier(
  x: Float64Array,
  y: Float64Array,
  corner: Stroke["corner"],
  piece: (x0: number, y0: number, x1: number, y1: number, along: number) => void,
): void {
  const spans = x.length - 1;
  let fromX = x[0] as number;
  let fromY = y[0] as number;
  for (let p = 0; p < spans; p++) {
    const before = corner[p] ? p : Math.max(p - 1, 0);
    const after = corner[p + 1] ? p + 1 : Math.min(p + 2, spans);
    for (let k = 1; k <= PIECES; k++) {
      const toX = between(x, before, p, after, k / PIECES);
      const toY = between(y, before, p, after, k / PIECES);
      piece(fromX, fromY, toX, toY, (p + k / PIECES) / spans);
      fromX = toX;
      fromY = toY;
    }
  }
}

/** The cubic from points[p] to points[p + 1] whose slopes there are half the differences of the neighbours. */
function between(points: Float64Array, before: number, p: number, after: number, t: number): number {
  const a = points[before] as number;
  const b = points[p] as number;
  const c = points[p + 1] as number;
  const d = points[after] as number;
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

// beyond what rounding of a square and of its root can turn
const OUTSIDE = 1 + 1e-12;
const INSIDE = 1 - 1e-12;
const EDGE = 1e-9; // the same of a coordinate, in pixels

/**
 * Ink of one straight piece on a square [side×side] of pixels: full within `radius` of it, fading to nothing over
 * `soft`; the darkest piece counts.
 */
export function segment(
  ink: Float64Array,
  side: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  soft: number,
  dark: number,
): void {
  const reach = radius + soft;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const scale = 1 / Math.max(dx * dx + dy * dy, 1e-9);
  const [far, near] = [reach * reach * OUTSIDE, Math.max(0, radius) ** 2 * INSIDE];
  const [left, right] = x0 < x1 ? [x0, x1] : [x1, x0];
  const [top, bottom] = y0 < y1 ? [y0, y1] : [y1, y0];
  const last = Math.min(side - 1, Math.floor(bottom + reach + EDGE - 0.5));
  for (let row = Math.max(0, Math.ceil(top - reach - EDGE - 0.5)); row <= last; row++) {
    const beside = Math.max(0, top - row - 0.5, row + 0.5 - bottom); // of the row's middle, from the piece's own rows
    const half = Math.sqrt(Math.max(0, far - beside * beside)) + EDGE; // so far to the sides there can be ink
    const end = Math.min(side - 1, Math.floor(right + half - 0.5));
    for (let column = Math.max(0, Math.ceil(left - half - 0.5)); column <= end; column++) {
      const k = row * side + column;
      if (ink[k]! >= dark) continue; // as dark as this piece could make it
      const px = column + 0.5 - x0;
      const py = row + 0.5 - y0;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) * scale));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const square = ex * ex + ey * ey;
      if (square > far) continue; // no ink, and no root
      const value = square < near ? dark : dark * Math.min(1, (reach - Math.sqrt(square)) / soft);
      if (value > ink[k]!) ink[k] = value;
    }
  }
}
