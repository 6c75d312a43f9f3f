// The note's Jacobians as plain numbers, for whoever wants to look at them on one example: E3 … E7, E12, E14, E15. The formulas
// themselves are those of formulas.ts, which the check holds against its oracles; no training step ever builds these matrices.
import type { Activation } from "../network/network.ts";
import { exp } from "../numerics/exp-log.ts";
import { exact } from "./ball.ts";
import { NOTE } from "./formulas.ts";

type Numbers = ArrayLike<number>;

/** exp(z_i − max z) [1×C] and their sum, above and below the line of E3. */
export function exponentials(z: Numbers): { readonly above: Float64Array; readonly below: number } {
  const top = Math.max(...Array.from(z));
  const above = Float64Array.from(z, (value) => exp(value - top));
  return { above, below: above.reduce((total, value) => total + value, 0) };
}

/** ∂S/∂z [C×C], row i: ∂S_i/∂z (E7). */
export const softmaxJacobian = (S: Numbers): Float64Array =>
  Float64Array.from(NOTE.softmaxJacobian(Array.from(S, exact)).flat(), ({ v }) => v);

/** ∂S_i/∂z_k for i ≠ k [C×C], zeros on the diagonal (E4). */
export function jacobianOffDiagonal(S: Numbers): Float64Array {
  const C = S.length;
  return Float64Array.from({ length: C * C }, (_, at) => {
    const [i, k] = [Math.floor(at / C), at % C];
    return i === k ? 0 : NOTE.offDiagonal(exact(S[i]!), exact(S[k]!)).v;
  });
}

/** ∂S_i/∂z_i [1×C] (E5). */
export const jacobianDiagonal = (S: Numbers): Float64Array => Float64Array.from(S, (s) => NOTE.diagonal(exact(s)).v);

/** ∂ℓ/∂S [1×C] (E6); 0 where y is, whatever S is. */
export const lossBySoftmax = (y: Numbers, S: Numbers): Float64Array =>
  Float64Array.from(y, (t, c) => (t === 0 ? 0 : NOTE.lossBySoftmax(exact(t), exact(S[c]!)).v));

/** σ′(z) [1×H], read from a = σ(z). */
export const slopes = (activation: Activation, a: Numbers): Float64Array =>
  Float64Array.from(a, (value) => NOTE.derivative(activation, exact(value)).v);

/** ∂σ(z)/∂z [H×H] (E15). */
export function diagonalMatrix(diagonal: Numbers): Float64Array {
  const H = diagonal.length;
  const matrix = new Float64Array(H * H);
  for (let i = 0; i < H; i++) matrix[i * H + i] = diagonal[i]!;
  return matrix;
}

/** Mᵀ [n×m] of M [m×n]; ∂f/∂σ(z) is that of W (E14). */
export function transposed(M: Numbers, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = M[i * n + j]!;
  return out;
}

/** The slice q of the tensor ∂f/∂W [C×H×C]: ∂f_c/∂w_{p,q} in row c, column p (E12). */
export function weightTensorSlice(a: Numbers, C: number, q: number): Float64Array {
  const input = Array.from(a, exact);
  return Float64Array.from({ length: C * a.length }, (_, at) => {
    return NOTE.weightTensor(input, Math.floor(at / a.length), at % a.length, q).v;
  });
}

/** S(z) [1×C] (E3). */
export function softmax(z: Numbers): Float64Array {
  const { above, below } = exponentials(z);
  return above.map((value) => value / below);
}
