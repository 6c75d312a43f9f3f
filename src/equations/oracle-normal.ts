// Φ over balls and dual numbers, for GELU: by the series Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …), which shares
// nothing with numerics/normal.ts. Its derivative is φ, by definition.
import { BALLS, type Ball, exact } from "./ball.ts";
import { chain, type Dual } from "./dual.ts";

const FAR = 9; //       Φ(−9) < 1.2·10⁻¹⁹
const TERMS = 200; //   the last is below 10⁻²⁵ of the sum for |x| ≤ 9.5
const ROOT_2PI = BALLS.sqrt(BALLS.mul(exact(2), { v: Math.PI, e: 2e-16 }));

/** φ(x) = e^{−x²/2}/√2π. */
export const normalDensity = (x: Ball): Ball => BALLS.div(BALLS.exp(BALLS.mul(exact(-0.5), BALLS.mul(x, x))), ROOT_2PI);

/** Φ(x). */
export function normalCdf(x: Ball): Ball {
  if (Math.abs(x.v) - x.e > FAR) return { v: x.v > 0 ? 1 : 0, e: 1.2e-19 };
  const square = BALLS.mul(x, x);
  let term: Ball = x;
  let total: Ball = x;
  for (let k = 1; k <= TERMS && Math.abs(term.v) > 1e-25 * Math.abs(total.v); k++) {
    term = BALLS.div(BALLS.mul(term, square), exact(2 * k + 1));
    total = BALLS.add(total, term);
  }
  const cut = { v: total.v, e: total.e + 1e-24 * Math.abs(total.v) };
  return BALLS.add(exact(0.5), BALLS.mul(normalDensity(x), cut));
}

/** Φ over dual numbers. */
export const normalCdfDual = (x: Dual): Dual => chain(normalCdf(x), [x, normalDensity(x)]);
