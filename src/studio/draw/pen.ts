// The pen's lines on the pad: as points, as smooth curves, and as the network's 28×28 input.
import { type CenteredBy, centerDigit } from "../../data/digits/center.ts";
import { bezier, segment } from "../../data/digits/ink.ts";

export const MARGIN = 280; // side of the pad, in its own units; x to the right, y down

/** The pen's path while it is down: at least one point. */
export type PenLine = readonly (readonly [x: number, y: number])[];

const NEAR = 4; //    units of the pad: nearer points are tremor and left out
const FINE = 3; //    cells of the inked sheet a pixel of the picture, each way
const RADIUS = 1; //  of the pen's full ink, in pixels of the picture: MNIST's stroke width …
const SOFT = 0.9; //  … and of its soft edge
const BOX = 20; //    pixels of a digit's longer side, as in MNIST
const SMALLEST = MARGIN / 10; // a smaller drawing stays small: a dot is no digit

/** `line` with a further point, or `line` itself if the point is nearer than NEAR. */
export function follow(line: PenLine, x: number, y: number): PenLine {
  const [lastX, lastY] = line.at(-1)!;
  return (x - lastX) ** 2 + (y - lastY) ** 2 < NEAR ** 2 ? line : [...line, [x, y]];
}

/** The smooth curve through the points, as straight segments. */
export function eachPiece(line: PenLine, piece: (x0: number, y0: number, x1: number, y1: number) => void): void {
  const [x, y] = [Float64Array.from(line, (point) => point[0]), Float64Array.from(line, (point) => point[1])];
  if (line.length === 1) piece(x[0]!, y[0]!, x[0]!, y[0]!);
  else bezier(x, y, [], piece);
}

const SQUARE = 28; // pixels of the picture's side

/**
 * The drawing as a 28×28 picture, centered by mass or by its frame; null: where it lies on the pad. The stroke width in
 * the picture does not depend on the size of the drawing.
 */
export function pictureOf(lines: readonly PenLine[], by: CenteredBy | null): Uint8Array {
  if (by === null) return inPlace(lines);
  const ends = ([0, 1] as const).map((axis) => {
    const along = lines.flatMap((line) => line.map((point) => point[axis]));
    return [Math.min(...along), Math.max(...along)] as const;
  });
  const [[left, right], [top, bottom]] = ends as [readonly [number, number], readonly [number, number]];
  const side = FINE * BOX;
  const margin = FINE * (RADIUS + SOFT);
  const scale = (side - 2 * margin) / Math.max(right - left, bottom - top, SMALLEST);
  const ink = new Float64Array(side * side);
  const [across, down] = [(x: number) => margin + scale * (x - left), (y: number) => margin + scale * (y - top)];
  for (const line of lines)
    eachPiece(line, (x0, y0, x1, y1) =>
      segment(ink, side, across(x0), down(y0), across(x1), down(y1), FINE * RADIUS, FINE * SOFT, 1),
    );
  return centerDigit(
    Uint8Array.from(ink, (value) => Math.round(255 * value)),
    side,
    side,
    by,
  );
}

function inPlace(lines: readonly PenLine[]): Uint8Array {
  const ink = new Float64Array(SQUARE * SQUARE);
  const k = SQUARE / MARGIN;
  for (const line of lines)
    eachPiece(line, (x0, y0, x1, y1) => segment(ink, SQUARE, k * x0, k * y0, k * x1, k * y1, RADIUS, SOFT, 1));
  return Uint8Array.from(ink, (value) => Math.round(255 * value));
}
