// Every σ and σ′ (X1 … X5, X16 … X21) of one number, as the reference and a plain forward pass compute them. Where both
// come from exp or log they run in float64 and are rounded once.
import { type Activation, LEAKY_SLOPE, type SlopeKeeper } from "../network/network.ts";
import { exp, logistic, tanh } from "../numerics/exp-log.ts";
import { expm1, softplus } from "../numerics/expm1-log1p.ts";
import { bell, INVERSE_ROOT_2PI, normalCdf } from "../numerics/normal.ts";

/** Rounding of one operation's result to the memory's float type. */
export type Round = (x: number) => number;

/** α and λ of SELU, which keep mean 0 and variance 1 (Klambauer et al., NeurIPS 2017). */
export const SELU = { alpha: 1.6732632423543772, lambda: 1.0507009873554805 } as const;
/** λα: σ′(0) of SELU. */
export const SELU_BELOW = SELU.lambda * SELU.alpha;

/** tanh(ln(1 + e^z)) = n/d, and 1 − n/d and 1 + n/d by d − n and d + n, from u = e^{−|z|}: no power overflows. */
function mishParts(z: number) {
  const u = exp(z < 0 ? z : -z);
  const n = z < 0 ? u * (u + 2) : 1 + 2 * u;
  const lost = z < 0 ? 2 : 2 * (u * u); //  d − n
  return { n, lost, d: n + lost, p: (z < 0 ? u : 1) / (1 + u) };
}

/** σ(z), one rounding each. NaN stays NaN; relu(−0) = +0. */
export const ACTIVATE: Record<Activation, (z: number, round: Round) => number> = {
  identity: (z) => z,
  relu: (z) => Math.max(0, z),
  "leaky-relu": (z, round) => (z > 0 ? z : round(LEAKY_SLOPE * z)),
  tanh: (z, round) => round(tanh(z)),
  sigmoid: (z, round) => round(logistic(z)),
  selu: (z, round) => round(z > 0 ? SELU.lambda * z : SELU_BELOW * expm1(z)),
  elu: (z, round) => round(z > 0 ? z : expm1(z)),
  gelu: (z, round) => round(z * normalCdf(z)),
  silu: (z, round) => round(z * logistic(z)),
  mish(z, round) {
    const { n, d } = mishParts(z);
    return round(z * (n / d));
  },
  softplus: (z, round) => round(softplus(z)),
};

/** σ′(z) of the activations whose σ′ is no function of σ(z) alone, one rounding each. */
export const SLOPE: Record<SlopeKeeper, (z: number, round: Round) => number> = {
  // Φ(z) + z·φ(z)
  gelu(z, round) {
    const e = bell(z);
    return round(normalCdf(z, e) + z * (e * INVERSE_ROOT_2PI));
  },
  // p + z·p(1 − p), p = 1/(1 + e^{−z})
  silu(z, round) {
    const p = logistic(z);
    return round(p + z * p * logistic(-z));
  },
  // t + z·(1 − t²)·p, t = tanh(ln(1 + e^z))
  mish(z, round) {
    const { n, lost, d, p } = mishParts(z);
    return round(n / d + z * ((lost / d) * ((d + n) / d)) * p);
  },
};

/** s·σ′(z) from a = σ(z); of GELU, SiLU and Mish from the σ′(z) that was kept in place of a. */
export const BACK: Record<Activation, (s: number, a: number, round: Round) => number> = {
  identity: (s) => s,
  relu: (s, a) => (a > 0 ? s : 0), //                                              σ′(0) = 0
  "leaky-relu": (s, a, round) => (a > 0 ? s : round(LEAKY_SLOPE * s)), //          σ′(0) = α
  tanh: (s, a, round) => round(s * round(1 - round(a * a))), //                    1 − a²
  sigmoid: (s, a, round) => round(s * round(a * round(1 - a))), //                 a(1 − a)
  selu: (s, a, round) => round(s * (a > 0 ? SELU.lambda : a + SELU_BELOW)), //     σ′(0) = λα
  elu: (s, a, round) => round(s * (a > 0 ? 1 : a + 1)), //                         σ′(0) = 1
  softplus: (s, a, round) => round(s * -expm1(-a)), //                             1 − e^{−a}
  gelu: (s, slope, round) => round(s * slope),
  silu: (s, slope, round) => round(s * slope),
  mish: (s, slope, round) => round(s * slope),
};
