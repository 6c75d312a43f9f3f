// Ball arithmetic: midpoint–radius intervals, by running error analysis (Higham, section 3.3). The exact result of an
// expression lies within e of v. Scalar and slow on purpose: the checks of the rows are written in it.
import { exp, log } from "../numerics/exp-log.ts";
import { FLOAT64, type Precision } from "../numerics/rounding.ts";

/** Midpoint v and radius e. */
export type Ball = { readonly v: number; readonly e: number };

/** Roundoffs of exp and log: within 1 ulp = 2u (measured against 256-bit integers, not proved), and a factor of 2. */
const FUNCTION_ROUNDOFFS = 4;

/** A number without error. */
export const exact = (v: number): Ball => ({ v, e: 0 });

/** A bound, widened for its own rounding: a sum of some thousand positive terms is off by less than 2⁻³⁰ of it. */
export const widened = (bound: number): number => bound * (1 + 2 ** -20);

/** + − × ÷ √ exp log over balls: |computed − exact| ≤ e for an evaluation in `precision`, or in a finer one. */
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
    return this.#ball(v, moved + FUNCTION_ROUNDOFFS * this.#u * (v + moved));
  }

  log(x: Ball): Ball {
    const v = log(x.v);
    const room = x.v - x.e;
    const moved = room > 0 ? x.e / room : Number.POSITIVE_INFINITY;
    return this.#ball(v, moved + FUNCTION_ROUNDOFFS * this.#u * (Math.abs(v) + moved));
  }

  #ball(v: number, e: number): Ball {
    return { v, e: widened(e + this.#u * (Math.abs(v) + e) + this.#tiny) };
  }
}

/** Balls in float64: the arithmetic of the oracles and of formulas.ts. */
export const BALLS = new Balls();
