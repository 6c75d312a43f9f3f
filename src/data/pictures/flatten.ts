// A decoded picture without its transparency: laid on white, as paper and browsers have it, or on black where light ink
// would vanish on white.
import type { Picture } from "./picture-form.ts";

/** An opaque picture; gray pixels have one channel, others three. */
export type FlatPicture = {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
  /** What lies under its transparent pixels, where it has any. */
  readonly ground: "white" | "black" | undefined;
  /** Whether a pixel's channels differ by more than what compression does to gray. */
  readonly inColor: boolean;
};

const TINT = 16; // bytes
export const FLAT = 8; // bytes between the darkest and the lightest pixel of a picture that shows something

/** Brightness by ITU-R BT.601, rounded, as Pillow has it. */
export const luma = (r: number, g: number, b: number): number => (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;

export function flatten(picture: Picture): FlatPicture {
  const { width, height, channels, pixels } = picture;
  const colors = channels < 3 ? 1 : 3;
  const alpha = channels !== colors;
  if (!alpha) return { width, height, channels: colors, pixels, ground: undefined, inColor: tinted(pixels, colors) };
  const clear = pixels.some((value, k) => k % channels === channels - 1 && value < 255);
  const white = over(picture, colors, 255);
  const black = clear && isFlat(white, colors) ? over(picture, colors, 0) : undefined;
  const light = black !== undefined && !isFlat(black, colors);
  const flat = light ? black : white;
  const ground = clear ? (light ? "black" : "white") : undefined;
  return { width, height, channels: colors, pixels: flat, ground, inColor: tinted(flat, colors) };
}

/** value·α + ground·(1 − α), rounded. */
function over({ width, height, channels, pixels }: Picture, colors: 1 | 3, ground: number): Uint8Array {
  const out = new Uint8Array(width * height * colors);
  for (let p = 0, to = 0; p < width * height; p++) {
    const from = p * channels;
    const alpha = pixels[from + colors]!;
    for (let c = 0; c < colors; c++)
      out[to++] = Math.floor((2 * (pixels[from + c]! * alpha + ground * (255 - alpha)) + 255) / 510);
  }
  return out;
}

/** Whether no channel of the picture has more than a trace of structure. */
export function isFlat(pixels: Uint8Array, channels: 1 | 3): boolean {
  for (let c = 0; c < channels; c++) {
    let [least, most] = [255, 0];
    for (let k = c; k < pixels.length; k += channels) {
      if (pixels[k]! < least) least = pixels[k]!;
      if (pixels[k]! > most) most = pixels[k]!;
    }
    if (most - least >= FLAT) return false;
  }
  return true;
}

function tinted(pixels: Uint8Array, channels: 1 | 3): boolean {
  for (let k = 0; channels === 3 && k < pixels.length; k += 3) {
    const [r, g, b] = [pixels[k]!, pixels[k + 1]!, pixels[k + 2]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > TINT) return true;
  }
  return false;
}
