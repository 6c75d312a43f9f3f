// The pixels of an example, read between the pixels of its image (X47): the definition of what `gather` does with a
// warp. One example at a time, in the memory's float type, in the order written.
import type { Memory } from "../network/memory.ts";
import type { Examples } from "../network/plan.ts";
import { BORDER, fieldFloats, WARP_NUMBER, WARP_NUMBERS, type Warp } from "../network/warp.ts";
import type { Round } from "./activations.ts";

/**
 * Write the example in row `row` of the data to `to`, as the numbers of position `at` of the order have it:
 * x ← (1 − f_v)·((1 − f_u)·p₀₀ + f_u·p₀₁) + f_v·(…), then noise, then the erased part.
 */
export function warpPixels(
  { floats: f, bytes }: Memory,
  { form, features, cols, divisor }: Examples,
  warp: Warp,
  round: Round,
  to: number,
  row: number,
  at: number,
): void {
  const { width, height, channels, fill, fieldSize, fields } = warp;
  const source = form === "bytes" ? bytes : f;
  const first = features + row * cols;
  const background = round(fill);
  const pixel = (y: number, x: number, c: number): number =>
    y >= 1 && y <= height && x >= 1 && x <= width
      ? round(source[first + ((y - 1) * width + x - 1) * channels + c]! / divisor)
      : background;
  const n = (name: keyof typeof WARP_NUMBER) => f[warp.numbers + at * WARP_NUMBERS + WARP_NUMBER[name]]!;
  const [elastic, noise] = fieldSize === 0 ? [0, 0] : [n("elastic"), n("noise")];
  const window = fields + n("windowY") * (fieldSize + width) + n("windowX");
  const plane = fieldFloats(warp);
  const [rowStride, lastU, lastV] = [fieldSize + width, width + BORDER - 2, height + BORDER - 2];
  for (let y = 0; y < height; y++) {
    const uy = round(round(n("uy") * y) + n("u0"));
    const vy = round(round(n("vy") * y) + n("v0"));
    for (let x = 0; x < width; x++) {
      const place = window + y * rowStride + x;
      let u = round(round(n("ux") * x) + uy);
      let v = round(round(n("vx") * x) + vy);
      if (elastic !== 0) {
        u = round(u + round(elastic * f[place]!));
        v = round(v + round(elastic * f[place + plane]!));
      }
      u = u > 0 ? Math.min(u, lastU) : 0;
      v = v > 0 ? Math.min(v, lastV) : 0;
      const [iu, iv] = [Math.trunc(u), Math.trunc(v)];
      const [fu, fv] = [u - iu, v - iv]; //              exact
      const erased = y >= n("eraseTop") && y < n("eraseBottom") && x >= n("eraseLeft") && x < n("eraseRight");
      for (let c = 0; c < channels; c++) {
        const between = (p: number, q: number, t: number) => round(p + round(t * round(q - p)));
        const upper = between(pixel(iv, iu, c), pixel(iv, iu + 1, c), fu);
        const lower = between(pixel(iv + 1, iu, c), pixel(iv + 1, iu + 1, c), fu);
        let value = between(upper, lower, fv);
        if (noise !== 0) value = round(value + round(noise * f[place + 2 * plane]!));
        f[to + (y * width + x) * channels + c] = erased ? background : value;
      }
    }
  }
}
