// Weights and pixels of a report, rounded to bytes.
import type { LayerPicture } from "../../files/report-page.ts";
import { packedLayers } from "../../network/parameters.ts";
import type { Model } from "../../training/model.ts";

const MOST_STEPS = 2 ** 20; // weights of a layer; larger layers are left out of the page

const base64 = (bytes: Uint8Array | Int8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** Every W_l, rounded to 255 steps between −max |W| and max |W|. */
export function layerPictures({ network, parameters }: Model): LayerPicture[] {
  return packedLayers(network).map(({ inputs, outputs, W, b }) => {
    const values = parameters.subarray(W, b);
    let scale = 0;
    let squares = 0;
    for (const value of values) {
      scale = Math.max(scale, Math.abs(value));
      squares += value * value;
    }
    const step = scale > 0 ? 127 / scale : 0;
    const steps =
      values.length > MOST_STEPS ? null : base64(Int8Array.from(values, (value) => Math.round(value * step)));
    return { inputs, outputs, scale, norm: Math.sqrt(squares), steps };
  });
}

/** One row of grey pixels as bytes: 0 is paper, 255 the darkest pixel of floats, or as it is in the file. */
export function pixelBytes(row: Uint8Array | Float32Array | Float64Array): string {
  if (row instanceof Uint8Array) return base64(row.slice());
  let most = 0;
  for (const value of row) most = Math.max(most, value);
  return base64(Uint8Array.from(row, (value) => (most > 0 ? Math.max(0, Math.round((255 * value) / most)) : 0)));
}

/** Numbers as signed bytes, ±127 the largest. */
export function signedBytes(values: Float64Array): string {
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), Number.MIN_VALUE);
  return base64(Int8Array.from(values, (value) => Math.round((127 * value) / most)));
}
