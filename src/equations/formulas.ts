// The note's closed forms that no kernel computes, as printed: E4 … E8, E12, E14 … E16, E29, E32. They run over balls,
// so each result carries a bound on its rounding and on the errors of its arguments.
import { SELU, SELU_BELOW } from "../gradients/activations.ts";
import { type Activation, LEAKY_SLOPE } from "../network/network.ts";
import { BALLS, type Ball, exact } from "./ball.ts";
import { normalCdf, normalDensity } from "./oracle-normal.ts";

const add = (x: Ball, y: Ball) => BALLS.add(x, y);
const sub = (x: Ball, y: Ball) => BALLS.sub(x, y);
const mul = (x: Ball, y: Ball) => BALLS.mul(x, y);
const div = (x: Ball, y: Ball) => BALLS.div(x, y);
const neg = (x: Ball) => BALLS.neg(x);
const ONE = exact(1);
const ZERO = exact(0);

/** Matrices as rows of balls. */
export type RowMajor = readonly (readonly Ball[])[];

/** The closed forms that a check compares with its oracles. Tests replace one by a mistake. */
export type Formulas = {
  /** −S_i S_k (E4). */
  offDiagonal(Si: Ball, Sk: Ball): Ball;
  /** S_i (1 − S_i) (E5). */
  diagonal(Si: Ball): Ball;
  /** −y_i / S_i (E6). */
  lossBySoftmax(y: Ball, Si: Ball): Ball;
  /** [C×C], row i: ∂S_i/∂z (E7). */
  softmaxJacobian(S: readonly Ball[]): RowMajor;
  /** ∂f_c/∂w_{p,q}: a_p if c = q, else 0 (E12). */
  weightTensor(a: readonly Ball[], c: number, p: number, q: number): Ball;
  /** Wᵀ (E14). */
  transpose(W: RowMajor): RowMajor;
  /** σ′ from a = σ(z); of GELU, SiLU and Mish from z. */
  derivative(activation: Activation, a: Ball, z: Ball): Ball;
  /** diag(σ′) (E15). */
  diagonalMatrix(slopes: readonly Ball[]): RowMajor;
  /** A row times a matrix (E8, E16). */
  product(row: readonly Ball[], M: RowMajor): Ball[];
};

/** The formulas of the note. */
export const NOTE: Formulas = {
  offDiagonal: (Si, Sk) => neg(mul(Si, Sk)),
  diagonal: (Si) => mul(Si, sub(ONE, Si)),
  lossBySoftmax: (y, Si) => neg(div(y, Si)),
  softmaxJacobian(S) {
    return S.map((Si, i) => S.map((Sk, k) => (i === k ? this.diagonal(Si) : this.offDiagonal(Si, Sk))));
  },
  weightTensor: (a, c, p, q) => (c === q ? a[p]! : ZERO),
  transpose: (W) => W[0]!.map((_, o) => W.map((row) => row[o]!)),
  derivative(activation, a, z) {
    switch (activation) {
      case "identity":
        return ONE;
      case "relu":
        return a.v > 0 ? ONE : ZERO; // σ′(0) = 0
      case "leaky-relu":
        return a.v > 0 ? ONE : exact(LEAKY_SLOPE);
      case "tanh":
        return sub(ONE, mul(a, a)); //  1 − a²
      case "sigmoid":
        return mul(a, sub(ONE, a)); //  a (1 − a)
      case "selu":
        return a.v > 0 ? exact(SELU.lambda) : add(a, exact(SELU_BELOW)); // a + λα
      case "elu":
        return a.v > 0 ? ONE : add(a, ONE); // a + 1
      case "softplus":
        return sub(ONE, BALLS.exp(neg(a))); //  1 − e^{−a}
      case "gelu":
        return add(normalCdf(z), mul(z, normalDensity(z)));
      case "silu": {
        const p = logistic(z);
        return add(p, mul(z, mul(p, sub(ONE, p))));
      }
      case "mish": {
        // t + z(1 − t²)p for t = tanh(ln(1 + e^z)) = w/(w + 2), w = e^z(e^z + 2)
        const e = BALLS.exp(neg(z.v > 0 ? z : neg(z))); // e^{−|z|}
        const u = mul(e, e);
        const twice = mul(exact(2), e);
        const [n, rest] = z.v > 0 ? [add(ONE, twice), mul(exact(2), u)] : [add(u, twice), exact(2)];
        const t = div(n, add(n, rest));
        return add(t, mul(z, mul(sub(ONE, mul(t, t)), logistic(z))));
      }
    }
  },
  diagonalMatrix: (slopes) => slopes.map((s, i) => slopes.map((_, j) => (i === j ? s : ZERO))),
  product: (row, M) =>
    M[0]!.map((_, j) =>
      row.reduce((total, x, i) => (zero(x) || zero(M[i]![j]!) ? total : add(total, mul(x, M[i]![j]!))), ZERO),
    ),
};

/** 1/(1 + e^{−z}) without overflow. */
function logistic(z: Ball): Ball {
  const e = BALLS.exp(z.v > 0 ? neg(z) : z);
  return div(z.v > 0 ? ONE : e, add(ONE, e));
}

const zero = ({ v, e }: Ball): boolean => v === 0 && e === 0;

/** x ⊙ y. */
export const hadamard = (x: readonly Ball[], y: readonly Ball[]): Ball[] => x.map((value, i) => mul(value, y[i]!));
