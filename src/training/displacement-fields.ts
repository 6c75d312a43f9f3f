// The fields that every image of an epoch has a window of: two of smooth displacement (Simard, Steinkraus and Platt,
// ICDAR 2003) and one of noise, periodic, so that every window is as good as another. A function of (seed, epoch).
import { fieldFloats, type WarpForm } from "../network/warp.ts";
import { PURPOSE, Random } from "../numerics/random.ts";

const BLURS = 3; // of three boxes: nearly a Gaussian

/**
 * [3 × (F + height) × (F + width)]: Δu and Δv of root mean square 1 together, smoothed by a Gaussian of σ =
 * `smoothness`, if `elastic`; standard normal noise, if `noisy`; else zeros.
 */
export function displacementFields(
  form: WarpForm,
  asked: { readonly smoothness: number; readonly elastic: boolean; readonly noisy: boolean },
  seed: number,
  epoch: number,
): Float32Array {
  const { fieldSize: F } = form;
  const out = new Float32Array(3 * fieldFloats(form));
  const random = new Random(seed, PURPOSE.fields, epoch);
  if (asked.elastic) {
    const both = [0, 1].map(() => smooth(uniformField(random, F), F, asked.smoothness));
    let squares = 0;
    for (const field of both) for (let i = 0; i < field.length; i++) squares += field[i]! * field[i]!;
    const factor = 1 / Math.sqrt(squares / (2 * F * F));
    for (const [plane, field] of both.entries()) lay(out, plane, field, factor, form);
  }
  if (asked.noisy)
    lay(
      out,
      2,
      Float64Array.from({ length: F * F }, () => random.normal()),
      1,
      form,
    );
  return out;
}

/** [F×F], uniform in [−2¹⁵, 2¹⁵): two of a draw. */
function uniformField(random: Random, F: number): Float64Array {
  const out = new Float64Array(F * F);
  for (let i = 0; i < out.length; i += 2) {
    const word = random.uint32();
    out[i] = (word & 0xffff) - 32768;
    out[i + 1] = (word >>> 16) - 32768;
  }
  return out;
}

/**
 * Three boxes along each axis, whose variances add up to σ²: a whole box of 2r + 1 and the weight α on the two places
 * beyond it. Not divided by their area.
 */
function smooth(field: Float64Array, F: number, sigma: number): Float64Array {
  const variance = (sigma * sigma) / BLURS;
  const r = Math.floor((Math.sqrt(1 + 12 * variance) - 1) / 2);
  const box = (r * (r + 1) * (2 * r + 1)) / 3;
  const alpha = (variance * (2 * r + 1) - box) / (2 * ((r + 1) ** 2 - variance));
  const from = field;
  const to = new Float64Array(F * F);
  for (let n = 0; n < BLURS; n++) {
    blurRows(from, to, F, r, alpha);
    blurColumns(to, from, F, r, alpha);
  }
  return from;
}

function blurRows(from: Float64Array, to: Float64Array, F: number, r: number, alpha: number): void {
  const mask = F - 1;
  for (let row = 0; row < F * F; row += F) {
    let sum = 0;
    for (let k = -r; k <= r; k++) sum += from[row + (k & mask)]!;
    for (let x = 0; x < F; x++) {
      const next = from[row + ((x + r + 1) & mask)]!;
      to[row + x] = sum + alpha * (from[row + ((x - r - 1) & mask)]! + next);
      sum += next - from[row + ((x - r) & mask)]!;
    }
  }
}

function blurColumns(from: Float64Array, to: Float64Array, F: number, r: number, alpha: number): void {
  const mask = F - 1;
  const sums = new Float64Array(F);
  for (let k = -r; k <= r; k++) for (let x = 0; x < F; x++) sums[x]! += from[(k & mask) * F + x]!;
  for (let y = 0; y < F; y++) {
    const [before, next, last] = [y - r - 1, y + r + 1, y - r].map((line) => (line & mask) * F) as [
      number,
      number,
      number,
    ];
    for (let x = 0; x < F; x++) {
      const following = from[next + x]!;
      to[y * F + x] = sums[x]! + alpha * (from[before + x]! + following);
      sums[x]! += following - from[last + x]!;
    }
  }
}

/** Put a field times `factor` into its plane, with what lies beyond its right and lower edge. */
function lay(out: Float32Array, plane: number, field: Float64Array, factor: number, form: WarpForm): void {
  const { width, height, fieldSize: F } = form;
  const stride = F + width;
  const first = plane * fieldFloats(form);
  for (let y = 0; y < F; y++) for (let x = 0; x < F; x++) out[first + y * stride + x] = factor * field[y * F + x]!;
  for (let y = 0; y < F; y++)
    for (let x = F; x < stride; x++) out[first + y * stride + x] = out[first + y * stride + (x % F)]!;
  for (let y = F; y < F + height; y++)
    out.copyWithin(first + y * stride, first + (y % F) * stride, first + ((y % F) + 1) * stride);
}
