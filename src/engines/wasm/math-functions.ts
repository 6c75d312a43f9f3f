// exp, tanh and the logistic function on two doubles at a time, and log on one: the operations of numerics/exp-log.ts
// in the same order, with selections instead of branches. exp-log.ts defines the bits: change it first.
import {
  EXP_OVERFLOW,
  EXP_SERIES,
  EXP_UNDERFLOW,
  LN2_HI,
  LN2_LO,
  LOG_SERIES,
  LOG2_E,
  ROUND,
  SQRT_HALF,
  TANH_BOTTOM,
  TANH_SMALL,
  TANH_TOP,
} from "../../numerics/exp-log.ts";
import {
  type F64,
  f64,
  f64x2,
  i32,
  i64,
  i64x2,
  type Local,
  type NewLocal,
  type Statement,
  select,
  type V128,
  v128,
  when,
} from "./assembler.ts";
import { several } from "./loops.ts";

const { add, sub, mul, div, splat } = f64x2;

/** c₀ + x·(c₁ + x·(c₂ + …)). */
export const horner = (x: V128, coefficients: readonly number[]): V128 =>
  coefficients.reduceRight<V128 | undefined>(
    (rest, c) => (rest === undefined ? splat(c) : add(splat(c), mul(x, rest))),
    undefined,
  )!;

/** y ← e^x in both lanes. `x` must not be `y`. */
export function exp(local: NewLocal, y: Local<"v128">, x: Local<"v128">): Statement[] {
  const [k, half, high, low, r, square] = several(local, "v128", 6);
  const rounder = splat(ROUND);
  const [c2, ...tail] = EXP_SERIES;
  const whole = (shifted: V128) => sub(shifted, rounder);
  // k + ROUND holds k in its lowest bits, so 2^k needs no conversion
  const power = (bits: V128) => i64x2.shl(i64x2.add(bits, i64x2.splat(1023n)), i32.const(52));
  return [
    k.set(add(mul(x, splat(LOG2_E)), rounder)), //    k + ROUND
    high.set(sub(x, mul(whole(k), splat(LN2_HI)))),
    low.set(mul(whole(k), splat(LN2_LO))),
    r.set(sub(high, low)),
    low.set(sub(sub(high, r), low)), //               what r lost by rounding
    square.set(mul(r, r)),
    y.set(add(splat(1), add(r, add(mul(square, splat(c2)), add(mul(mul(square, r), horner(r, tail)), low))))),
    half.set(add(mul(whole(k), splat(0.5)), rounder)), // half + ROUND
    y.set(mul(mul(y, power(half)), power(i64x2.sub(k, half)))),
    y.set(v128.andNot(y, f64x2.lt(x, splat(EXP_UNDERFLOW)))),
    y.set(v128.bitselect(splat(Number.POSITIVE_INFINITY), y, f64x2.gt(x, splat(EXP_OVERFLOW)))),
    y.set(v128.bitselect(y, x, f64x2.eq(x, x))), //   NaN stays NaN
  ];
}

/** y ← 1/(1 + e^{−x}). */
export function logistic(local: NewLocal, y: Local<"v128">, x: Local<"v128">): Statement[] {
  const [e, minus] = several(local, "v128", 2);
  return [
    minus.set(f64x2.neg(f64x2.abs(x))), // e^{−x} for x ≥ 0, e^x below
    ...exp(local, e, minus),
    y.set(div(v128.bitselect(splat(1), e, f64x2.ge(x, splat(0))), add(splat(1), e))),
  ];
}

/** y ← tanh x. */
export function tanh(local: NewLocal, y: Local<"v128">, x: Local<"v128">): Statement[] {
  const [size, e, z, twice] = several(local, "v128", 4);
  const negative = f64x2.lt(x, splat(0));
  return [
    size.set(v128.bitselect(f64x2.neg(x), x, negative)),
    twice.set(mul(splat(2), size)),
    ...exp(local, e, twice),
    e.set(sub(splat(1), div(splat(2), add(e, splat(1))))),
    e.set(v128.bitselect(f64x2.neg(e), e, negative)),
    z.set(mul(x, x)),
    z.set(div(mul(x, horner(z, TANH_TOP)), horner(z, TANH_BOTTOM))),
    y.set(v128.bitselect(z, e, f64x2.lt(size, splat(TANH_SMALL)))),
  ];
}

/** y ← ln x in both lanes, for x in [2⁻¹⁰⁰⁰, 2¹⁰⁰⁰]. `x` must not be `y`. */
export function logOfNormal(local: NewLocal, y: Local<"v128">, x: Local<"v128">): Statement[] {
  const [k, bits, f, s, z, half] = several(local, "v128", 6);
  const root = i64x2.splat(BigInt(SQRT_HALF) << 32n);
  const lifted = i64x2.shrU(i64x2.add(bits, i64x2.splat(1024n << 52n)), i32.const(52)); // k + 1024
  return [
    bits.set(i64x2.sub(x, root)),
    k.set(sub(v128.or(lifted, i64x2.splat(0x433n << 52n)), splat(2 ** 52 + 1024))),
    f.set(sub(i64x2.add(v128.and(bits, i64x2.splat(0xfffffffffffffn)), root), splat(1))),
    s.set(div(f, add(splat(2), f))),
    z.set(mul(s, s)),
    half.set(mul(mul(splat(0.5), f), f)),
    y.set(add(mul(s, add(half, mul(z, horner(z, LOG_SERIES)))), mul(k, splat(LN2_LO)))),
    y.set(sub(mul(k, splat(LN2_HI)), sub(sub(half, y), f))),
  ];
}

/** y ← ln x for one double. */
export function log(local: NewLocal, y: Local<"f64">, x: Local<"f64">): Statement[] {
  const [k, f, s, z, half] = several(local, "f64", 5);
  const bits = local("i64");
  const { add, sub, mul, div, const: c } = f64;
  const root = i64.const(BigInt(SQRT_HALF) << 32n);
  const series = LOG_SERIES.reduceRight<F64 | undefined>(
    (rest, l) => (rest === undefined ? c(l) : add(c(l), mul(z, rest))),
    undefined,
  )!;
  return [
    k.set(c(0)),
    y.set(x),
    when(f64.lt(x, c(2.2250738585072014e-308)), [y.set(mul(x, c(0x40000000000000))), k.set(c(-54))]),
    bits.set(i64.sub(i64.bits(y), root)), // the lower half of `root` is 0, so only the upper half changes
    k.set(add(k, f64.ofI64(i64.shrS(bits, i64.const(52n))))),
    f.set(sub(f64.ofBits(i64.add(i64.and(bits, i64.const(0xfffffffffffffn)), root)), c(1))),
    s.set(div(f, add(c(2), f))),
    z.set(mul(s, s)),
    half.set(mul(mul(c(0.5), f), f)),
    y.set(sub(mul(k, c(LN2_HI)), sub(sub(half, add(mul(s, add(half, mul(z, series))), mul(k, c(LN2_LO)))), f))),
    y.set(select(f64.eq(x, c(Number.POSITIVE_INFINITY)), x, y)),
    when(i32.eqz(f64.gt(x, c(0))), [y.set(select(f64.eq(x, c(0)), c(Number.NEGATIVE_INFINITY), c(Number.NaN)))]),
  ];
}
