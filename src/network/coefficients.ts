// What a step is given beside its rows: the places of its numbers.

/** Floats a step for the optimizer. */
export const COEFFICIENTS = 10;
/**
 * Places of the coefficients that training/optimizer.ts computes; `enum coefficient` of native/kernels.h has the same.
 */
export const COEFFICIENT = {
  rate: 0, //           η; adam, adamw: η/(1 − β₁ᵗ)
  decay: 1, //          λ; adamw: ηλ
  momentum: 2, //       μ of momentum and nesterov
  beta1: 2, //          β₁ of adam and adamw, in the same place
  oneMinusBeta1: 3,
  beta2: 4,
  oneMinusBeta2: 5,
  epsilon: 6, //        ε
  correction: 7, //     κ = 1/√(1 − β₂ᵗ)
  shrink: 8, //         ηλ₁ of the L1 penalty, which no optimizer reads
  average: 9, //        the share of θ in its mean over steps, nor this
} as const;
