import { expect, test } from "vitest";
import { fourierTransform } from "../../src/numerics/fft.ts";
import { Random } from "../../src/numerics/random.ts";

test("a transform is its sum, and its inverse gives the numbers back", () => {
  const N = 32;
  const random = new Random(3, 99);
  const real = Float64Array.from({ length: N }, () => random.between(-1, 1));
  const imaginary = Float64Array.from({ length: N }, () => random.between(-1, 1));
  const [re, im] = [real.slice(), imaginary.slice()];
  fourierTransform(re, im);
  for (let k = 0; k < N; k++) {
    let [a, b] = [0, 0];
    for (let j = 0; j < N; j++) {
      const turn = (-2 * Math.PI * j * k) / N;
      a += real[j]! * Math.cos(turn) - imaginary[j]! * Math.sin(turn);
      b += real[j]! * Math.sin(turn) + imaginary[j]! * Math.cos(turn);
    }
    expect(re[k]).toBeCloseTo(a, 12);
    expect(im[k]).toBeCloseTo(b, 12);
  }
  fourierTransform(re, im, true);
  for (let k = 0; k < N; k++) {
    expect(re[k]).toBeCloseTo(real[k]!, 14);
    expect(im[k]).toBeCloseTo(imaginary[k]!, 14);
  }
});
