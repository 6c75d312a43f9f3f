// The pen: strokes on the pad as a value, as a smooth line, and as the 28×28 picture that the network is given. Nothing here draws on
// the screen.
import { type CentredBy, centreDigit } from "../../data/centre.ts";
import { curve, segment } from "../../data/ink.ts";

export const PAD = 280; // the pad's side, in its own units; x to the right, y down

/** Where the pen went while it was down: at least one point. */
export type Line = readonly (readonly [x: number, y: number])[];

const NEAR = 4; //    a hand trembles by less than this many units; nearer points say nothing
const GRID = 140; //  side of the sheet that a drawing is inked on before it is centred
const RADIUS = 1; //  of the pen's full ink, in pixels of the picture, as MNIST's digits are thick …
const SOFT = 0.9; //  … and of its soft edge
const BOX = 20; //    pixels of the picture that a digit's longer side takes

/** `line` with the pen at a further point, or itself where the pen has hardly moved. */
export function follow(line: Line, x: number, y: number): Line {
  const [lastX, lastY] = line.at(-1)!;
  return (x - lastX) ** 2 + (y - lastY) ** 2 < NEAR ** 2 ? line : [...line, [x, y]];
}

/** The smooth line through the points, as straight pieces. */
export function eachPiece(line: Line, piece: (x0: number, y0: number, x1: number, y1: number) => void): void {
  const [x, y] = [Float64Array.from(line, (point) => point[0]), Float64Array.from(line, (point) => point[1])];
  if (line.length === 1) piece(x[0]!, y[0]!, x[0]!, y[0]!);
  else curve(x, y, [], piece);
}

/**
 * The drawing as a 28×28 picture, centred as the digits of the set at hand are. The pen is as thick in the picture whatever the size of the drawing: MNIST's writers
 * had one pen, and their digits were brought to one size.
 */
export function pictureOf(lines: readonly Line[], by: CentredBy): Uint8Array {
  const points = lines.flat();
  const range = (axis: 0 | 1) => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis]));
  const scale = GRID / PAD;
  const extent = points.length === 0 ? 0 : scale * Math.max(range(0), range(1), PAD / 10);
  const reach = RADIUS + SOFT;
  const pixel = extent / (BOX - 2 * reach); // of the picture, in cells of the grid
  const ink = new Float64Array(GRID * GRID);
  for (const line of lines)
    eachPiece(line, (x0, y0, x1, y1) =>
      segment(ink, GRID, scale * x0, scale * y0, scale * x1, scale * y1, RADIUS * pixel, SOFT * pixel, 1),
    );
  return centreDigit(
    Uint8Array.from(ink, (value) => Math.round(255 * value)),
    GRID,
    GRID,
    by,
  );
}
