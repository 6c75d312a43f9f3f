// Numbers that carry a proven bound on their own error: running error analysis (Higham, section 3.3). A ball {v, e} says that the
// exact result of the expression so far lies within e of v. Deliberately scalar and slow; the row checks are written in it.
import { exp, log } from "../numerics/exp-log.ts";
import { FLOAT64, type Precision } from "../numerics/rounding.ts";

export type Ball = { readonly v: number; readonly e: number };

/** Our exp, log are within 1 ulp = 2u (measured against 256-bit integers, not proved); a margin of two is allowed. */
const FUNCTION_ULPS = 4;

/** A number that is what it says. */
export const exact = (v: number): Ball => ({ v, e: 0 });

/** The bound's own arithmetic rounds too: some thousand positive terms stay within 2⁻³⁰ of their sum; this widens by 2⁻²⁰. */
export const widened = (bound: number): number => bound * (1 + 2 ** -20);

/**
 * + − × ÷ √ exp log over balls, for an evaluation in `precision`: |computed − exact| ≤ e, whether the centre was computed in that
 * precision or in a finer one.
 */
export class Balls {
  readonly #u: number;
  readonly #tiny: number;

  constructor({ roundoff, tiny }: Precision = FLOAT64) {
    this.#u = roundoff;
    this.#tiny = tiny;
  }

  /** A real number stored in this precision: one rounding. */
  rounded({ v, e }: Ball): Ball {
    return this.#ball(v, e);
  }

  neg({ v, e }: Ball): Ball {
    return { v: -v, e };
  }

  add(x: Ball, y: Ball): Ball {
    const v = x.v + y.v;
    const e = x.e + y.e;
    return { v, e: widened(e + this.#u * (Math.abs(v) + e)) }; // a sum cannot underflow
  }

  sub(x: Ball, y: Ball): Ball {
    return this.add(x, this.neg(y));
  }

  mul(x: Ball, y: Ball): Ball {
    return this.#ball(x.v * y.v, Math.abs(x.v) * y.e + Math.abs(y.v) * x.e + x.e * y.e);
  }

  /** x/y; an infinite radius where y may be 0. */
  div(x: Ball, y: Ball): Ball {
    const v = x.v / y.v;
    const room = Math.abs(y.v) - y.e;
    return this.#ball(v, room > 0 ? (x.e + Math.abs(v) * y.e) / room : Number.POSITIVE_INFINITY);
  }

  /** √x, x ≥ 0: |√x* − √x| ≤ e/√x, and ≤ √e however small x is. */
  sqrt(x: Ball): Ball {
    const v = Math.sqrt(x.v);
    return this.#ball(v, x.e === 0 ? 0 : Math.min(x.e / v, Math.sqrt(x.e)));
  }

  exp(x: Ball): Ball {
    const v = exp(x.v);
    const moved = x.e <= 1 ? v * x.e * (1 + x.e) : exp(x.v + x.e); // e^t − 1 ≤ t + t² on [0, 1]
    return this.#ball(v, moved + FUNCTION_ULPS * this.#u * (v + moved));
  }

  log(x: Ball): Ball {
    const v = log(x.v);
    const room = x.v - x.e;
    const moved = room > 0 ? x.e / room : Number.POSITIVE_INFINITY;
    return this.#ball(v, moved + FUNCTION_ULPS * this.#u * (Math.abs(v) + moved));
  }

  #ball(v: number, e: number): Ball {
    return { v, e: widened(e + this.#u * (Math.abs(v) + e) + this.#tiny) };
  }
}

/** Ball arithmetic in float64: what the oracles and the note's formulas run in. */
export const BALLS = new Balls();
