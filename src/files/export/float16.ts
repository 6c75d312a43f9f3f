// float16, as 16 bits: from a number by rounding to nearest, ties to even (IEEE 754 binary16). Node 22 has no
// Float16Array yet.
import { packedLayers } from "../../network/parameters.ts";
import type { Model } from "../../training/model.ts";

/** Smaller numbers round to a finite float16; the largest of those is 65504. */
export const MOST_HALF = 65520;

/** The bits of the float16 nearest to `x`, |x| < MOST_HALF. */
export function halfBits(x: number): number {
  const size = Math.abs(x);
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const power = Math.max(-14, exponent(size));
  const steps = size / 2 ** (power - 10); //     exact: units in the last place; < 2¹¹, or < 2¹⁰ for a subnormal
  const whole = Math.floor(steps);
  const part = steps - whole;
  const rounded = whole + (part > 0.5 || (part === 0.5 && whole % 2 === 1) ? 1 : 0);
  return sign | (((power + 14) << 10) + rounded); // a carry of `rounded` runs into the exponent, as it should
}

/** The number that `bits` stand for. */
export function fromHalf(bits: number): number {
  const power = (bits >> 10) & 31;
  const part = bits & 1023;
  const size = power === 0 ? part * 2 ** -24 : (1024 + part) * 2 ** (power - 25);
  return bits >> 15 ? -size : size;
}

const view = new DataView(new ArrayBuffer(8));

/** ⌊log₂ x⌋ of a normal double x > 0; −1023 for 0. */
function exponent(x: number): number {
  view.setFloat64(0, x);
  return (view.getUint32(0) >>> 20) - 1023;
}

/** The model that the 16-bit form of a module holds: weights rounded to float16, biases as they were. */
export function halved(model: Model): Model {
  const parameters = model.parameters.slice();
  for (const { W, b } of packedLayers(model.network))
    for (let w = W; w < b; w++) parameters[w] = fromHalf(halfBits(parameters[w]!));
  return { ...model, parameters };
}
