// Two normal draws of two words in WebAssembly, four pairs at a time: numbers of numerics/box-muller.ts, each operation
// in its order.
import { COSINE, LN_2, LOG_SERIES, NEAR, ROOT_HALF, SINE, STEP } from "../../numerics/box-muller.ts";
import { f32x4, i32x4, type Local, type NewLocal, type Statement, type V128, v128 } from "./assembler.ts";
import { number, several } from "./loops.ts";

const { add, sub, mul, splat } = f32x4;
const word = (value: number) => i32x4.splatOf(number(value));

/** ((c₀·x + c₁)·x + c₂)·x … + c_n. */
const descending = (x: V128, [first, ...rest]: readonly number[]): V128 =>
  rest.reduce((sum, c) => add(mul(sum, x), splat(c)), splat(first!));

/** radius ← √(−2 ln u), u = (word >>> 1 + ½)/2³¹. `words` must not be `radius`. */
export function radii(local: NewLocal, radius: Local<"v128">, words: V128): Statement[] {
  const [k, above, e, t, z] = several(local, "v128", 5);
  const near = mul(add(f32x4.ofI32(i32x4.sub(word(0x7fffffff), k)), splat(0.5)), splat(NEAR));
  const whole = i32x4.add(v128.and(above, word(0x7fffff)), word(ROOT_HALF));
  return [
    k.set(i32x4.shrU(words, number(1))),
    above.set(i32x4.sub(add(f32x4.ofI32(k), splat(0.5)), word(ROOT_HALF))),
    e.set(i32x4.sub(word(31), i32x4.shrS(above, number(23)))),
    t.set(v128.bitselect(near, sub(whole, splat(1)), i32x4.eq(e, v128.zero))),
    z.set(mul(t, t)),
    radius.set(add(t, sub(mul(descending(t, LOG_SERIES), mul(t, z)), mul(splat(0.5), z)))),
    radius.set(f32x4.sqrt(mul(splat(2), sub(mul(f32x4.ofI32(e), splat(LN_2)), radius)))),
  ];
}

/** cosine, sine ← those of 2π(word + ½)/2³². `words` must be neither. */
export function turns(local: NewLocal, cosine: Local<"v128">, sine: Local<"v128">, words: V128): Statement[] {
  const [v, quarters, x, z, even, odd] = several(local, "v128", 6);
  /** All bits of a lane where a bit of the quarters is set. */
  const where = (counted: V128, bit: 1 | 2) => i32x4.shrS(i32x4.shl(counted, number(32 - bit)), number(31));
  const negatedWhere = (of: V128, counted: V128) => v128.xor(of, i32x4.shl(i32x4.shrU(counted, number(1)), number(31)));
  return [
    v.set(words),
    quarters.set(i32x4.shrU(i32x4.add(v, word(2 ** 29)), number(30))), // the nearest quarter turn; 4 is 0 again
    x.set(f32x4.ofI32(i32x4.sub(v, i32x4.shl(quarters, number(30))))),
    x.set(mul(add(x, splat(0.5)), splat(STEP))),
    z.set(mul(x, x)),
    odd.set(add(x, mul(mul(x, z), descending(z, SINE)))),
    even.set(add(sub(splat(1), mul(splat(0.5), z)), mul(mul(z, z), descending(z, COSINE)))),
    cosine.set(v128.bitselect(odd, even, where(quarters, 1))),
    sine.set(v128.bitselect(even, odd, where(quarters, 1))),
    cosine.set(negatedWhere(cosine, i32x4.add(quarters, word(1)))),
    sine.set(negatedWhere(sine, quarters)),
  ];
}
