// Where the pixels of an example are read on their way into a batch (X47), as a value: an image's form, and where the
// numbers of each example and the fields lie. The kernel `gather` follows it; training/distortions.ts writes the
// numbers.
import { type Arena, PAD } from "./arena.ts";

/** The form of images in the rows of a data set; a pixel's channels lie side by side. */
export type PixelForm = {
  /** Pixels of a row, ≥ 1. */
  readonly width: number;
  /** Rows of pixels, ≥ 1. */
  readonly height: number;
  /** Numbers a pixel, ≥ 1. */
  readonly channels: number;
};

/** What a session plans for images that are distorted as it trains. */
export type WarpForm = PixelForm & {
  /** What lies outside an image and in an erased part, as the first layer is given it. */
  readonly fill: number;
  /** Sides of the fields, an integer ≥ 1; 0: there are none. */
  readonly fieldSize: number;
};

/** A planned form: offsets count floats. */
export type Warp = WarpForm & {
  readonly numbers: number; // [capacity × WARP_NUMBERS], by position in the order
  readonly fields: number; //  [3 × (fieldSize + height) × (fieldSize + width)]: Δu, Δv, noise
};

/** Floats of an example. */
export const WARP_NUMBERS = 16;
/**
 * Their places; `enum warp_number` of native/kernels.h has the same. Pixel (x, y) is read at u = ux·x + uy·y + u0 and
 * v likewise, where the image's first pixel has (1, 1), because a border of one surrounds it.
 */
export const WARP_NUMBER = {
  ux: 0,
  uy: 1,
  u0: 2,
  vx: 3,
  vy: 4,
  v0: 5,
  elastic: 6, //    times Δu, Δv; 0: none
  noise: 7, //      times the noise; 0: none
  windowX: 8, //    the first column of the fields that belongs to this example
  windowY: 9,
  eraseLeft: 10, // columns and rows from … to before … hold `fill`
  eraseRight: 11,
  eraseTop: 12,
  eraseBottom: 13,
} as const;

/** An image with its border: one pixel before, two after, so that a pixel at the farthest edge has its neighbors. */
export const BORDER = 3;

/**
 * Floats that a kernel may use for one channel of an image with its border, each pixel beside the one below: rows of
 * whole vectors of any processor.
 */
export const pairFloats = ({ width, height }: PixelForm): number =>
  2 * PAD * Math.ceil((width + BORDER) / PAD) * (height + 2) + PAD;

/** Floats of one field: periodic, with what lies beyond its edges, so that every window is one piece. */
export const fieldFloats = ({ width, height, fieldSize }: WarpForm): number =>
  fieldSize === 0 ? 0 : (fieldSize + width) * (fieldSize + height);

/** Room for the numbers of `capacity` examples, and for the fields. */
export function planWarp(arena: Arena, form: WarpForm, capacity: number): Warp {
  const numbers = arena.floats(capacity * WARP_NUMBERS).offset;
  const fields = fieldFloats(form);
  // a row's last vector may reach beyond it
  return { ...form, numbers, fields: arena.floats(fields === 0 ? 0 : 3 * fields + PAD).offset };
}
