// The discrete Fourier transform of 2^m complex numbers, in place: radix 2, Cooley and Tukey, Math. Comp. 19 (1965).
import { cosTurns, sinTurns } from "./trigonometry.ts";

/** x_k ← Σ_j x_j e^{∓2πijk/N} for N = 2^m numbers, real and imaginary parts apart; `inverse` also divides by N. */
export function fourierTransform(real: Float64Array, imaginary: Float64Array, inverse = false): void {
  const N = real.length;
  for (let i = 1, j = 0; i < N; i++) {
    let bit = N >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j]!, real[i]!];
    [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
  }
  const cosine = Float64Array.from({ length: N / 2 }, (_, k) => cosTurns(k / N));
  const sine = Float64Array.from({ length: N / 2 }, (_, k) => (inverse ? sinTurns(k / N) : -sinTurns(k / N)));
  for (let half = 1; half < N; half *= 2) {
    const stride = N / (2 * half);
    for (let from = 0; from < N; from += 2 * half)
      for (let k = 0; k < half; k++) {
        const [a, b] = [from + k, from + k + half];
        const [c, s] = [cosine[k * stride]!, sine[k * stride]!];
        const re = real[b]! * c - imaginary[b]! * s;
        const im = real[b]! * s + imaginary[b]! * c;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a] = real[a]! + re;
        imaginary[a] = imaginary[a]! + im;
      }
  }
  if (!inverse) return;
  for (let k = 0; k < N; k++) {
    real[k] = real[k]! / N;
    imaginary[k] = imaginary[k]! / N;
  }
}
