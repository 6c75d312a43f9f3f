// The Jacobians of the note as plain numbers, for display on one example: E4 … E7, E12, E14, E15. The formulas are
// those of formulas.ts, which the check compares with its oracles. No training step builds these matrices.
import type { Activation } from "../network/network.ts";
import { exact } from "./ball.ts";
import { NOTE } from "./formulas.ts";

type Numbers = ArrayLike<number>;

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

/** ∂ℓ/∂S [1×C] (E6); 0 where y is 0, for S = 0, too. */
export const lossBySoftmax = (y: Numbers, S: Numbers): Float64Array =>
  Float64Array.from(y, (t, c) => (t === 0 ? 0 : NOTE.lossBySoftmax(exact(t), exact(S[c]!)).v));

/** σ′(z) [1×H] from a = σ(z) and, where the activation needs it, z. */
export const slopes = (activation: Activation, a: Numbers, z: Numbers = a): Float64Array =>
  Float64Array.from(a, (value, k) => NOTE.derivative(activation, exact(value), exact(z[k]!)).v);

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

/** Slice q of the tensor ∂f/∂W [C×H×C] (E12): ∂f_c/∂w_{p,q} in row c, column p. */
export function weightTensorSlice(a: Numbers, C: number, q: number): Float64Array {
  const input = Array.from(a, exact);
  return Float64Array.from({ length: C * a.length }, (_, at) => {
    return NOTE.weightTensor(input, Math.floor(at / a.length), at % a.length, q).v;
  });
}
