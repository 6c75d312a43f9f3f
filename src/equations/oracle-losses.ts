// Every loss from its definition over dual numbers: ℓ of one example, from which the oracle gets ∂ℓ/∂z and all else. No
// formula of a δ^L is here.
import { type Loss, outputsPerTarget } from "../network/losses.ts";
import { type Ball, exact } from "./ball.ts";
import { add, type Dual, div, exp, log, mul, sub, sum } from "./dual.ts";

const ONE = exact(1);
const negative = (x: Dual): Dual => mul(exact(-1), x);
const scaled = (by: number, x: Dual): Dual => mul(exact(by), x);

/** ln(1 + e^x) for any x, without overflow. */
function softplus(x: Dual): Dual {
  const tail = log(add(ONE, exp(x.v > 0 ? negative(x) : x)));
  return x.v > 0 ? add(x, tail) : tail;
}

/** ℓ of outputs z [C] and the target row t [T]. Σ over all outputs; of a kink the side on which z is. */
export function lossOf(loss: Loss, z: readonly Dual[], t: readonly Ball[]): Dual {
  if (loss.name === "softmax-cross-entropy") return crossEntropy(z, t).loss;
  const per = outputsPerTarget(loss);
  const weights = "labelWeights" in loss ? loss.labelWeights : undefined;
  if (loss.name === "gaussian") return sum(t.map((target, j) => gaussian(z[2 * j]!, z[2 * j + 1]!, target)));
  return sum(z.map((output, c) => scaled(weights?.[c] ?? 1, termOf(loss, output, t[Math.floor(c / per)]!, c % per))));
}

function termOf(
  loss: Exclude<Loss, { name: "softmax-cross-entropy" | "gaussian" }>,
  z: Dual,
  t: Ball,
  q: number,
): Dual {
  const r = sub(z, t);
  const size = r.v < 0 ? negative(r) : r;
  switch (loss.name) {
    case "sigmoid-cross-entropy": // −t ln p − (1 − t) ln(1 − p), where −ln p = ln(1 + e^{−z})
      return add(mul(t, softplus(negative(z))), mul(sub(ONE, t), softplus(z)));
    case "focal": {
      const [lnP, lnQ] = [negative(softplus(negative(z))), negative(softplus(z))];
      const yes = mul(mul(t, exp(scaled(loss.gamma!, lnQ))), negative(lnP));
      return add(yes, mul(mul(sub(ONE, t), exp(scaled(loss.gamma!, lnP))), negative(lnQ)));
    }
    case "squared-error":
      return scaled(0.5, mul(r, r));
    case "absolute-error":
      return size;
    case "huber": {
      const d = loss.threshold!;
      return size.v <= d ? scaled(0.5, mul(r, r)) : sub(scaled(d, size), exact(0.5 * d * d));
    }
    case "quantile": {
      const level = loss.levels![q]!;
      return r.v > 0 ? mul(sub(ONE, exact(level)), r) : scaled(-level, r);
    }
    case "poisson":
      return sub(exp(z), mul(t, z));
  }
}

/** −ln of the normal density at t with mean m and variance e^s, without ½ ln 2π. */
function gaussian(m: Dual, s: Dual, t: Ball): Dual {
  const r = sub(m, t);
  return scaled(0.5, add(s, div(mul(r, r), exp(s))));
}

/** S_i = exp(z_i − m)/Σ_j exp(z_j − m) and ℓ = Σ_c t_c (log Σ_j exp(z_j − m) − (z_c − m)), for m = max z (E2, E3). */
export function crossEntropy(z: readonly Dual[], targets: readonly Ball[]): { S: Dual[]; loss: Dual } {
  const m = exact(z.reduce((max, { v }) => Math.max(max, v), Number.NEGATIVE_INFINITY));
  const shifted = z.map((value) => sub(value, m));
  const e = shifted.map(exp);
  const total = sum(e);
  const logTotal = log(total);
  // 0·log 0 = 0
  const terms = targets.flatMap((t, c) => (t.v === 0 && t.e === 0 ? [] : [mul(t, sub(logTotal, shifted[c]!))]));
  return { S: e.map((value) => div(value, total)), loss: sum(terms) };
}
