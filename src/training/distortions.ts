// How each training image of an epoch is distorted: a function of (seed, epoch, row), so that neither the threads, nor
// the engine, nor where a run was interrupted changes one. All in float64; the session rounds once.
import type { Scaling } from "../data/scaling.ts";
import type { Warps } from "../engines/engine.ts";
import type { ClassIndices } from "../network/targets.ts";
import { type PixelForm, WARP_NUMBER, WARP_NUMBERS, type WarpForm } from "../network/warp.ts";
import { PURPOSE, philox } from "../numerics/random.ts";
import { cosTurns, sinTurns } from "../numerics/trigonometry.ts";
import type { Augmentation, DistortionLimits } from "./augmentation.ts";
import { displacementFields } from "./displacement-fields.ts";

/** The images of a run and how they are distorted. */
export type Distorted = {
  readonly augmentation: Augmentation;
  readonly form: WarpForm;
  readonly labels: ClassIndices; //           of the training rows
  readonly classes: readonly string[];
};

const LEAST_FIELD = 128;
const MOST_FIELD = 1024;

/**
 * What a session plans for `rows` training images. Sides of the fields: a power of two with 16 places a row, from 128
 * to 1,024, and not below the image's.
 */
export function warpForm(augmentation: Augmentation, pixels: PixelForm, scaling: Scaling, rows: number): WarpForm {
  const { fill, smoothness, noise } = augmentation;
  const by = scaling.kind === "divide" ? scaling.by : 1;
  const least = Math.max(pixels.width, pixels.height, 8 * smoothness, Math.min(MOST_FIELD, Math.sqrt(16 * rows)));
  let fieldSize = LEAST_FIELD;
  while (fieldSize < least) fieldSize *= 2;
  return { ...pixels, fill: fill / by, fieldSize: isElastic(augmentation) || noise > 0 ? fieldSize : 0 };
}

const isElastic = ({ elastic, classes }: Augmentation): boolean =>
  elastic > 0 || Object.values(classes).some((own) => (own.elastic ?? 0) > 0);

/** The distortions of `epoch` (from 1), by position in `order`. */
export function epochWarps(images: Distorted, seed: number, epoch: number, order: Uint32Array): Warps {
  const { augmentation, form, labels, classes } = images;
  const { smoothness, noise } = augmentation;
  const elastic = isElastic(augmentation);
  const fields = displacementFields(form, { smoothness, elastic, noisy: noise > 0 }, seed, epoch);
  const limits = classes.map((name): DistortionLimits => ({ ...augmentation, ...augmentation.classes[name] }));
  const numbers = new Float64Array(order.length * WARP_NUMBERS);
  const draw = drawing(seed, epoch);
  for (let at = 0; at < order.length; at++) {
    const own = limits[labels[order[at]!]!] ?? augmentation;
    place(numbers, at * WARP_NUMBERS, own, augmentation, form, draw(order[at]!));
  }
  return { numbers, fields };
}

/** The words of one row in an epoch: those of block 0, 1, … of a stream that no other row has. */
type Draws = (n: number) => number;

/** The same function each time, for another row. */
function drawing(seed: number, epoch: number): (row: number) => Draws {
  const key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0] as const;
  const counter: [number, number, number, number] = [0, 0, epoch, PURPOSE.distort];
  const words = new Uint32Array(4);
  let ofBlock = -1;
  const word = (n: number) => {
    const block = n >>> 2;
    if (block !== ofBlock) {
      counter[0] = block;
      philox(words, counter, key);
      ofBlock = block;
    }
    return words[n & 3]!;
  };
  return (row) => {
    counter[1] = row;
    ofBlock = -1;
    return word;
  };
}

const WORDS = 0x100000000;

/**
 * The numbers of one image, from `at` on: about its center turned, sheared, stretched and shifted; its window; its
 * erased part.
 */
function place(
  n: Float64Array,
  at: number,
  limits: DistortionLimits,
  { noise, erase, eraseSize }: Augmentation,
  { width, height, fieldSize }: WarpForm,
  word: Draws,
): void {
  const between = (draw: number, limit: number) => limit * ((2 * word(draw)) / WORDS - 1);
  n[at + WARP_NUMBER.windowX] = (word(0) & 0xffff) % Math.max(1, fieldSize); // a power of two
  n[at + WARP_NUMBER.windowY] = (word(0) >>> 16) % Math.max(1, fieldSize);
  const turns = between(1, limits.rotation / 360);
  const shear = between(2, limits.shear);
  const [wide, high] = [1 + between(3, limits.scale), 1 + between(4, limits.scale)];
  const [right, down] = [between(5, limits.shift), between(6, limits.shift)];
  const [cos, sin] = [cosTurns(turns), sinTurns(turns)];
  // p is read at R(turns)·(1 shear; 0 1)·diag(1/wide, 1/high)·(p − center) + center + shift
  const ux = cos / wide;
  const uy = (cos * shear - sin) / high;
  const vx = sin / wide;
  const vy = (sin * shear + cos) / high;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  n[at + WARP_NUMBER.ux] = ux;
  n[at + WARP_NUMBER.uy] = uy;
  n[at + WARP_NUMBER.u0] = cx + 1 + right - (ux * cx + uy * cy);
  n[at + WARP_NUMBER.vx] = vx;
  n[at + WARP_NUMBER.vy] = vy;
  n[at + WARP_NUMBER.v0] = cy + 1 + down - (vx * cx + vy * cy);
  n[at + WARP_NUMBER.elastic] = limits.elastic;
  n[at + WARP_NUMBER.noise] = noise;
  if (word(7) / WORDS >= erase) return;
  const side = (draw: number, length: number) =>
    Math.max(1, Math.floor((word(draw) / WORDS) * (eraseSize * length + 1)));
  const [w, h] = [Math.min(width, side(8, width)), Math.min(height, side(9, height))];
  const from = (draw: number, room: number) => Math.floor((word(draw) / WORDS) * (room + 1));
  const [left, top] = [from(10, width - w), from(11, height - h)];
  n[at + WARP_NUMBER.eraseLeft] = left;
  n[at + WARP_NUMBER.eraseRight] = left + w;
  n[at + WARP_NUMBER.eraseTop] = top;
  n[at + WARP_NUMBER.eraseBottom] = top + h;
}
