// The note's closed forms, literally, where no kernel computes them: E4 … E8, E12, E14 … E16, E29, E32. They run over balls, so each
// result carries the bound on its own rounding and on the error of what it was given.
import { type Activation, LEAKY_SLOPE } from "../network/network.ts";
import { BALLS, type Ball, exact } from "./ball.ts";

const { add, sub, mul, div, neg } = {
  add: (x: Ball, y: Ball) => BALLS.add(x, y),
  sub: (x: Ball, y: Ball) => BALLS.sub(x, y),
  mul: (x: Ball, y: Ball) => BALLS.mul(x, y),
  div: (x: Ball, y: Ball) => BALLS.div(x, y),
  neg: (x: Ball) => BALLS.neg(x),
};
const ONE = exact(1);
const ZERO = exact(0);

/** Matrices as rows of balls. */
export type RowMajor = readonly (readonly Ball[])[];

/** The closed forms a check holds against its oracles. A test may swap one for a mistaken one. */
export type Formulas = {
  offDiagonal(Si: Ball, Sk: Ball): Ball; //                     E4
  diagonal(Si: Ball): Ball; //                                  E5
  lossBySoftmax(y: Ball, Si: Ball): Ball; //                    E6
  softmaxJacobian(S: readonly Ball[]): RowMajor; //               E7  [C×C], row i: ∂S_i/∂z
  weightTensor(a: readonly Ball[], c: number, p: number, q: number): Ball; // E12: ∂f_c/∂w_{p,q}
  transpose(W: RowMajor): RowMajor; //                              E14
  derivative(activation: Activation, a: Ball): Ball; //         σ′ from a = σ(z)
  diagonalMatrix(slopes: readonly Ball[]): RowMajor; //           E15
  product(row: readonly Ball[], M: RowMajor): Ball[]; //          a row times a matrix
};

export const NOTE: Formulas = {
  offDiagonal: (Si, Sk) => neg(mul(Si, Sk)), //        −S_i S_k
  diagonal: (Si) => mul(Si, sub(ONE, Si)), //          S_i (1 − S_i)
  lossBySoftmax: (y, Si) => neg(div(y, Si)), //        −y_i / S_i
  softmaxJacobian(S) {
    return S.map((Si, i) => S.map((Sk, k) => (i === k ? this.diagonal(Si) : this.offDiagonal(Si, Sk))));
  },
  weightTensor: (a, c, p, q) => (c === q ? a[p]! : ZERO), // σ(z)_p where c = q
  transpose: (W) => W[0]!.map((_, o) => W.map((row) => row[o]!)),
  derivative(activation, a) {
    switch (activation) {
      case "identity":
        return ONE;
      case "relu":
        return a.v > 0 ? ONE : ZERO; //                σ′(0) = 0
      case "leaky-relu":
        return a.v > 0 ? ONE : exact(LEAKY_SLOPE);
      case "tanh":
        return sub(ONE, mul(a, a)); //                 1 − a²
      case "sigmoid":
        return mul(a, sub(ONE, a)); //                 a (1 − a)
    }
  },
  diagonalMatrix: (slopes) => slopes.map((s, i) => slopes.map((_, j) => (i === j ? s : ZERO))),
  product: (row, M) =>
    M[0]!.map((_, j) =>
      row.reduce((total, x, i) => (zero(x) || zero(M[i]![j]!) ? total : add(total, mul(x, M[i]![j]!))), ZERO),
    ),
};

const zero = ({ v, e }: Ball): boolean => v === 0 && e === 0;

/** x ⊙ y. */
export const hadamard = (x: readonly Ball[], y: readonly Ball[]): Ball[] => x.map((value, i) => mul(value, y[i]!));
