// exp and log to 256 fractional bits in BigInt fixed point: the references of exp-log.test.ts. No code is shared.

const BITS = 320n;
const ONE = 1n << BITS;

/** A finite double as an exact fixed-point number (rounded below 2⁻³²⁰). */
function fixed(x: number): bigint {
  const bits = new BigUint64Array(new Float64Array([x]).buffer)[0]!;
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0n ? fraction : fraction | 0x10000000000000n;
  const shift = (exponent === 0n ? 1n : exponent) - 1075n + BITS;
  const value = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return bits >> 63n ? -value : value;
}

/** 2·artanh(1/n). */
function twoArtanh(n: bigint): bigint {
  let power = (2n * ONE) / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= n * n;
    sum += power / k;
  }
  return sum;
}

const LN2 = twoArtanh(3n); // ln 2 = 2·artanh(1/3)

/** A positive real number as m·2^k with m in fixed point near 1, so that tiny results keep all their bits. */
export type Big = { readonly m: bigint; readonly k: number };

export function bigExp(x: number): Big {
  const value = fixed(x);
  let k = value / LN2;
  if (value < 0n) k -= 1n;
  const r = value - k * LN2;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * r) / (n << BITS);
    sum += term;
  }
  return { m: sum, k: Number(k) };
}

/** ln of a positive double, as a fixed-point number. */
export function bigLog(x: number): bigint {
  let k = 0n;
  let m = x;
  while (m >= 2) [m, k] = [m / 2, k + 1n];
  while (m < 1) [m, k] = [m * 2, k - 1n];
  const f = fixed(m);
  const s = ((f - ONE) << BITS) / (f + ONE); // ≤ 1/3
  const z = (s * s) >> BITS;
  let power = 2n * s;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power = (power * z) >> BITS;
    sum += power / n;
  }
  return sum + k * LN2;
}

/** The distance of two adjacent doubles at |x| (the smaller neighbour's side, so the bound is the strict one). */
export function ulp(x: number): number {
  const size = Math.abs(x);
  const bits = new BigUint64Array(new Float64Array([size]).buffer);
  bits[0] = bits[0]! + 1n;
  return new Float64Array(bits.buffer)[0]! - size;
}

/** |got − m·2^k| in ulps of `got`. */
export function errorInUlps(got: number, { m, k }: Big): number {
  const unit = ulp(got);
  const exact = k >= 0 ? m << BigInt(k) : m >> BigInt(-k);
  // below 2⁻²⁵⁶ fixed point loses bits: compare scaled instead
  if (got < 2 ** -200) {
    const lift = 1100n;
    const scaled = k + 1100 >= 0 ? m << BigInt(k + 1100) : 0n;
    const bits = new BigUint64Array(new Float64Array([got]).buffer)[0]!;
    const e = (bits >> 52n) & 0x7ffn;
    const f = e === 0n ? bits & 0xfffffffffffffn : (bits & 0xfffffffffffffn) | 0x10000000000000n;
    const exponent = (e === 0n ? 1n : e) - 1075n + BITS + lift;
    return Number((abs((f << exponent) - scaled) << 20n) >> exponent) / 2 ** 20;
  }
  return Number((abs(fixed(got) - exact) << 20n) / fixed(unit)) / 2 ** 20;
}

/** |got − exact| in ulps of `got`, for a signed fixed-point number. */
export function fixedErrorInUlps(got: number, exact: bigint): number {
  return Number((abs(fixed(got) - exact) << 20n) / fixed(ulp(got))) / 2 ** 20;
}

const abs = (x: bigint) => (x < 0n ? -x : x);
