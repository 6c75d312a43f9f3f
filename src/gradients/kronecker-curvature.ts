// EK-FAC of one layer: its block of the Fisher matrix, E[vec(āᵀδ) vec(āᵀδ)ᵀ] with ā = (a_{l−1}, 1), in the eigenbasis
// of A ⊗ S, A = E[āᵀā], S = E[δᵀδ], with the second moment of each coordinate as eigenvalue (George et al., arXiv
// 1806.03884). δ are errors for labels that follow the model's own probabilities.
import { emptyLike, type Floats } from "../network/memory.ts";
import { symmetricEigen } from "../numerics/symmetric-eigen.ts";

/** Rows to measure curvature on: a_{l−1}, and δ^l once for each drawn label. */
export type CurvatureRows = {
  readonly rows: number; //               n
  readonly input: Floats; //              a_{l−1} [n×I]
  readonly draws: readonly {
    readonly delta: Floats; //              δ^l [n×O] for one label a row
    readonly weights: ArrayLike<number>; // [n] the label's share; all draws of a row add up to 1
  }[];
};

/** F_l = Σ λ_kr (u_k ⊗ v_r)(u_k ⊗ v_r)ᵀ. */
export type KroneckerCurvature = {
  readonly inputs: Float64Array; //      [(I+1)×(I+1)], rows u_k; the last coordinate is the bias's
  readonly outputs: Float64Array; //     [O×O], rows v_r
  readonly eigenvalues: Float64Array; // [(I+1)×O], λ_kr = E[(ā·u_k)²(δ·v_r)²]
};

/** rows [n×K] · W [K×M]: [n×M]. An engine has a fast one. */
export type Product = (rows: Floats, W: Floats, M: number) => Promise<Floats> | Floats;

/** The eigenbasis of A ⊗ S, and the second moment of the gradients' coordinates in it (X45). */
export async function kroneckerCurvature(
  { rows: n, input, draws }: CurvatureRows,
  product: Product,
): Promise<KroneckerCurvature> {
  const I = input.length / n;
  const O = draws[0]!.delta.length / n;
  const a = withOnes(input, n);
  const inputs = eigenvectors(await product(transposed(a, n, I + 1), a, I + 1), I + 1);
  const S = new Float64Array(O * O);
  for (const { delta, weights } of draws) {
    const weighed = delta.map((value, at) => value * weights[Math.floor(at / O)]!);
    (await product(transposed(weighed, n, O), delta, O)).forEach((value, at) => {
      S[at]! += value;
    });
  }
  const outputs = eigenvectors(S, O);
  const turn = (vectors: Float64Array, rows: Floats, size: number) =>
    product(rows, likeFloats(rows, transposed(vectors, size, size)), size);
  const squares = (await turn(inputs, a, I + 1)).map((value) => value ** 2);
  const moments = emptyLike(a, n * O);
  for (const { delta, weights } of draws)
    (await turn(outputs, delta, O)).forEach((value, at) => {
      moments[at]! += weights[Math.floor(at / O)]! * value ** 2;
    });
  const sums = await product(transposed(squares, n, I + 1), moments, O);
  return { inputs, outputs, eigenvalues: Float64Array.from(sums, (sum) => sum / n) };
}

/** λ = `damping` times the mean eigenvalue of the layer (Grosse et al., arXiv 2308.03296). */
export function dampingOf({ eigenvalues }: KroneckerCurvature, damping: number): number {
  return (damping * eigenvalues.reduce((sum, value) => sum + value, 0)) / eigenvalues.length;
}

/**
 * g_iᵀ(F_l + λ)⁻¹g_j = Σ_kr (ā_i·u_k)(ā_j·u_k)(δ_i·v_r)(δ_j·v_r)/(λ_kr + λ) of two examples, from a_{l−1} [I] and δ^l
 * [O] of each (X45).
 */
export function curvatureProduct(
  { inputs, outputs, eigenvalues }: KroneckerCurvature,
  damping: number,
  one: { readonly input: ArrayLike<number>; readonly delta: ArrayLike<number> },
  other: { readonly input: ArrayLike<number>; readonly delta: ArrayLike<number> },
): number {
  const [I, O] = [one.input.length, one.delta.length];
  let sum = 0;
  for (let k = 0; k <= I; k++) {
    const u = inputs.subarray(k * (I + 1), (k + 1) * (I + 1));
    const both = along(u, one.input) * along(u, other.input);
    for (let r = 0; r < O; r++) {
      const v = outputs.subarray(r * O, (r + 1) * O);
      sum += (both * along(v, one.delta) * along(v, other.delta)) / (eigenvalues[k * O + r]! + damping);
    }
  }
  return sum;
}

/** v·x, or v·(x, 1). */
function along(v: Float64Array, x: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < v.length; k++) sum += v[k]! * (k < x.length ? x[k]! : 1);
  return sum;
}

/** One of the terms p qᵀ whose sum is 1/(λ_kr + λ). */
export type SeparableTerm = { readonly left: Float64Array; readonly right: Float64Array }; // p [I+1], q [O]

/**
 * 1/(λ_kr + λ) as a sum of few products, so that all pairs of many examples are a few products of matrices. The least
 * singular values, `tolerance` of the whole, are left out of √s_k/(λ_kr + λ)√t_r, where s and t are the mean
 * eigenvalues of rows and columns: the inverse as whitened examples see it. With tolerance 0 it is exact.
 */
export function separableInverse(
  { eigenvalues, outputs }: KroneckerCurvature,
  damping: number,
  tolerance: number,
): readonly SeparableTerm[] {
  const O = Math.sqrt(outputs.length);
  const K = eigenvalues.length / O;
  const [s, t] = [new Float64Array(K), new Float64Array(O)];
  eigenvalues.forEach((value, at) => {
    s[Math.floor(at / O)]! += value / O;
    t[at % O]! += value / K;
  });
  const whole = damping || 1;
  const root = (values: Float64Array) => values.map((value) => Math.sqrt(value + 1e-6 * whole)); // never 0
  const [rows, cols] = [root(s), root(t)];
  const M = Float64Array.from(eigenvalues, (value, at) => {
    return (rows[Math.floor(at / O)]! * cols[at % O]!) / (value + damping);
  });
  const gram = new Float64Array(O * O);
  for (let k = 0; k < K; k++)
    for (let r = 0; r < O; r++) for (let q = 0; q < O; q++) gram[r * O + q]! += M[k * O + r]! * M[k * O + q]!;
  const { values, vectors } = symmetricEigen(gram, O);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const terms: SeparableTerm[] = [];
  for (let r = O - 1, left = total; r >= 0 && left > tolerance ** 2 * total; r--) {
    const v = vectors.subarray(r * O, (r + 1) * O);
    const p = Float64Array.from({ length: K }, (_, k) => {
      let sum = 0;
      for (let o = 0; o < O; o++) sum += M[k * O + o]! * v[o]!;
      return sum / rows[k]!;
    });
    terms.push({ left: p, right: v.map((value, o) => value / cols[o]!) });
    left -= Math.max(0, values[r]!);
  }
  return terms;
}

/** Unit eigenvectors of a symmetric matrix as rows; a coordinate that never occurs is one itself. */
function eigenvectors(matrix: Floats, n: number): Float64Array {
  const all = Array.from({ length: n }, (_, k) => k);
  const idle = all.filter((k) => matrix[k * n + k] === 0);
  const used = all.filter((k) => matrix[k * n + k] !== 0);
  const m = used.length;
  const small = new Float64Array(m * m);
  for (let r = 0; r < m; r++) for (let q = 0; q < m; q++) small[r * m + q] = matrix[used[r]! * n + used[q]!]!;
  const { vectors } = symmetricEigen(small, m);
  const whole = new Float64Array(n * n);
  for (const [r, k] of idle.entries()) whole[r * n + k] = 1;
  for (let r = 0; r < m; r++) for (let q = 0; q < m; q++) whole[(idle.length + r) * n + used[q]!] = vectors[r * m + q]!;
  return whole;
}

/** ā = (a, 1) of every row: [n×(I+1)]. */
function withOnes(input: Floats, n: number): Floats {
  const I = input.length / n;
  const out = emptyLike(input, n * (I + 1)).fill(1);
  for (let i = 0; i < n; i++) out.set(input.subarray(i * I, (i + 1) * I), i * (I + 1));
  return out;
}

/** [cols×rows] of [rows×cols]. */
function transposed<F extends Floats>(matrix: F, rows: number, cols: number): F {
  const out = emptyLike(matrix, matrix.length) as F;
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j * rows + i] = matrix[i * cols + j]!;
  return out;
}

function likeFloats(floats: Floats, values: Float64Array): Floats {
  const out = emptyLike(floats, values.length);
  out.set(values);
  return out;
}
