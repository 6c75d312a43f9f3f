// The pen: strokes on the pad as a value, as a smooth line, and as the 28×28 picture that the network is given. Nothing here draws on
// the screen.
import { type CenteredBy, centerDigit } from "../../data/digits/center.ts";
import { bezier, segment } from "../../data/digits/ink.ts";

export const MARGIN = 280; // the pad's side, in its own units; x to the right, y down

/** Where the pen went while it was down: at least one point. */
export type Stroke = readonly (readonly [x: number, y: number])[];

const NEAR = 4; //    a hand trembles by less than this many units; nearer points say nothing
const FINE = 3; //    cells of the sheet that a drawing is inked on for a pixel of the picture, each way
const RADIUS = 1; //  of the pen's full ink, in pixels of the picture, as MNIST's digits are thick …
const SOFT = 0.9; //  … and of its soft edge
const BOX = 20; //    pixels of the picture that a digit's longer side takes
const SMALLEST = MARGIN / 10; // a smaller drawing stays small: a dot is no digit

/** `line` with the pen at a further point, or itself where the pen has hardly moved. */
export function follow(line: Stroke, x: number, y: number): Stroke {
  const [lastX, lastY] = line.at(-1)!;
  return (x - lastX) ** 2 + (y - lastY) ** 2 < NEAR ** 2 ? line : [...line, [x, y]];
}

/** The smooth line through the points, as straight pieces. */
export function eachPiece(line: Stroke, piece: (x0: number, y0: number, x1: number, y1: number) => void): void {
  const [x, y] = [Float64Array.from(line, (point) => point[0]), Float64Array.from(line, (point) => point[1])];
  if (line.length === 1) piece(x[0]!, y[0]!, x[0]!, y[0]!);
  else bezier(x, y, [], piece);
}

/**
 * The drawing as a 28×28 picture, centred as the digits of the set at hand are. The pen is as thick in the picture whatever the size of
 * the drawing: MNIST's writers had one pen, and their digits were brought to one size.
 */
export function pictureOf(lines: readonly Stroke[], by: CenteredBy): Uint8Array {
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
    ...([side, side, by] as const),
  );
}
