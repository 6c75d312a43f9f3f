// A picture as the row that a model takes: made like the pictures it was trained on.
import type { PictureForm } from "../data/pictures/picture-form.ts";
import { columnCount, type Model } from "../training/model.ts";
import { ScaleGuard } from "./row-input.ts";

/** The form of the training's pictures, as far as the model's file says it; undefined for one that never saw any. */
export function pictureFormOf(model: Model): PictureForm | undefined {
  const { picture, image, scaling } = model;
  if (picture) return picture;
  const D = columnCount(model);
  const side = Math.sqrt(D);
  const size = image ?? (Number.isInteger(side) && side >= 4 ? { width: side, height: side } : undefined);
  const border = { mean: 127.5, deviation: 127.5 }; // not known: nothing is odd about it
  const white = new ScaleGuard(scaling).fractions ? 1 : 255;
  return size && { ...size, color: "grey", fit: "pad", invert: false, white, border };
}

/** Bytes, or fractions where the training's arrays held such. */
export const inScale = (bytes: Uint8Array, { white }: Pick<PictureForm, "white">): Uint8Array | Float32Array =>
  white === 255 ? bytes : Float32Array.from(bytes, (value) => value / 255);
