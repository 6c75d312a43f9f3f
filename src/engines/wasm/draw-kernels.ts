// Dropout and input noise (X36, X37) in WebAssembly: the draws of gradients/row-draws.ts, four blocks of the
// counter-based generator at a time. Addresses and strides are bytes.
import { MULTIPLIER_0, MULTIPLIER_1, PURPOSE, ROUNDS, WEYL_0, WEYL_1 } from "../../numerics/random.ts";
import { COS_SERIES, SIN_SERIES } from "../../numerics/trigonometry.ts";
import {
  f32x4,
  f64x2,
  i32,
  i32x4,
  i64x2,
  type Local,
  type ModuleBuilder,
  type NewLocal,
  type Statement,
  type V128,
  v128,
} from "./assembler.ts";
import { each, i32s, least, number, several, sum, times } from "./loops.ts";
import { horner, logOfNormal } from "./math-functions.ts";

const { add, sub, mul, splat } = f64x2;
const WORDS = 16; // of four blocks, and the elements to which a row is padded
const VECTORS = [0, 16, 32, 48]; // bytes of WORDS floats
const FLOAT = number(4);
const word = (value: number) => i32x4.splatOf(number(value));

/** `draw`: its sixteen words are left at the address that it is given first. */
export function defineDraws(module: ModuleBuilder): void {
  const draw = module.define("draw", i32s(7), (local, to, first, epoch, example, purpose, key0, key1) => {
    const [c0, c1, c2, c3, low, high, x, k0, k1] = several(local, "v128", 9);
    const round = local("i32");
    /** Both halves of the products of four words. */
    const multiply = (words: V128, by: number) => [
      low.set(i64x2.mulLowU(words, word(by))),
      high.set(i64x2.mulHighU(words, word(by))),
    ];
    const upper = v128.shuffle32(low, high, [1, 3, 5, 7]);
    const lower = v128.shuffle32(low, high, [0, 2, 4, 6]);
    const pairs = (a: V128, b: V128, from: 0 | 2) => v128.shuffle32(a, b, [from, from + 4, from + 1, from + 5]);
    const block = (from: 0 | 2, half: 0 | 2) =>
      v128.shuffle32(pairs(c0, c1, from), pairs(c2, c3, from), [half, half + 1, half + 4, half + 5]);
    const spread = [
      [c1, epoch],
      [c2, example],
      [c3, purpose],
      [k0, key0],
      [k1, key1],
    ] as const;
    const blocks = [block(0, 0), block(0, 2), block(2, 0), block(2, 2)];
    return [
      ...blocks.map((_, b) => i32.store(to, sum(first, number(b)), 4 * b)),
      c0.set(v128.load(to)),
      ...spread.map(([lanes, of]) => lanes.set(i32x4.splatOf(of))),
      ...each(round, number(0), number(ROUNDS), number(1), [
        ...multiply(c2, MULTIPLIER_1),
        x.set(v128.xor(v128.xor(upper, c1), k0)),
        c1.set(lower),
        ...multiply(c0, MULTIPLIER_0),
        c2.set(v128.xor(v128.xor(upper, c3), k1)),
        c3.set(lower),
        c0.set(x),
        k0.set(i32x4.add(k0, word(WEYL_0))),
        k1.set(i32x4.add(k1, word(WEYL_1))),
      ]),
      ...blocks.map((four, b) => v128.store(to, four, 16 * b)),
    ];
  });

  /** Zeros from column `cols` of a row to its next multiple of WORDS. */
  const pad = (c: Local<"i32">, cols: Local<"i32">, ...rows: readonly Local<"i32">[]): readonly Statement[] =>
    each(
      c,
      cols,
      i32.and(sum(cols, number(WORDS - 1)), number(-WORDS)),
      number(1),
      rows.map((row) => i32.store(sum(row, times(c, FLOAT)), number(0))),
    );
  const step = (pointer: Local<"i32">, by: Local<"i32">) => pointer.set(sum(pointer, by));

  // X36: mask = [word ≥ least]·kept, passed = output ⊙ mask
  module.define(
    "drop",
    [...i32s(15), "f32"],
    (
      local,
      passed,
      passedStride,
      mask,
      maskStride,
      output,
      outputStride,
      rows,
      cols,
      examples,
      first,
      epoch,
      key0,
      key1,
      leastWord,
      scratch,
      kept,
    ) => {
      const [r, c] = several(local, "i32", 2);
      const [m, keeping, limit] = several(local, "v128", 3);
      const at = (row: Local<"i32">) => sum(row, times(c, FLOAT));
      return [
        keeping.set(f32x4.splatOf(kept)),
        limit.set(i32x4.splatOf(leastWord)),
        ...each(r, number(0), rows, number(1), [
          ...each(c, number(0), cols, number(WORDS), [
            draw(
              scratch,
              sum(first, i32.shrU(c, number(2))),
              epoch,
              i32.load(examples),
              number(PURPOSE.dropout),
              key0,
              key1,
            ),
            ...VECTORS.flatMap((offset) => [
              m.set(v128.and(keeping, i32x4.geU(v128.load(scratch, offset), limit))),
              v128.store(at(mask), m, offset),
              v128.store(at(passed), f32x4.mul(v128.load(at(output), offset), m), offset),
            ]),
          ]),
          ...pad(c, cols, mask, passed),
          step(mask, maskStride),
          step(passed, passedStride),
          step(output, outputStride),
          examples.set(sum(examples, FLOAT)),
        ]),
      ];
    },
  );

  // X36: delta ← delta ⊙ mask
  module.define("mask", i32s(6), (local, delta, deltaStride, mask, maskStride, rows, cols) => {
    const [r, c] = several(local, "i32", 2);
    const at = (row: Local<"i32">) => sum(row, times(c, FLOAT));
    return each(r, number(0), rows, number(1), [
      ...each(c, number(0), cols, FLOAT, [v128.store(at(delta), f32x4.mul(v128.load(at(delta)), v128.load(at(mask))))]),
      step(delta, deltaStride),
      step(mask, maskStride),
    ]);
  });

  // X37: input ← input + σ·n
  module.define(
    "addNoise",
    [...i32s(9), "f64"],
    (local, input, stride, rows, cols, examples, epoch, key0, key1, scratch, σ) => {
      const [r, c, o, end] = several(local, "i32", 4);
      const [words, radius, cosine, sine, x, low, high] = several(local, "v128", 7);
      const place = sum(input, times(o, FLOAT));
      return each(r, number(0), rows, number(1), [
        ...each(c, number(0), cols, number(WORDS), [
          draw(scratch, i32.shrU(c, number(2)), epoch, i32.load(examples), number(PURPOSE.inputNoise), key0, key1),
          end.set(least(sum(c, number(WORDS)), cols)),
          ...each(o, c, end, FLOAT, [
            words.set(v128.load(sum(scratch, times(i32.sub(o, c), FLOAT)))),
            ...turns(local, cosine, sine, v128.shuffle32(words, words, [1, 3, 1, 3])),
            x.set(f64x2.ofI32ULow(v128.shuffle32(words, words, [0, 2, 0, 2]))),
            x.set(mul(add(x, splat(1)), splat(2 ** -32))),
            ...logOfNormal(local, radius, x),
            radius.set(mul(f64x2.splatOf(σ), f64x2.sqrt(mul(splat(-2), radius)))),
            cosine.set(mul(radius, cosine)), // of a pair of words each lane: two elements of the row
            sine.set(mul(radius, sine)),
            x.set(v128.load(place)),
            low.set(add(f64x2.promoteLow(x), v128.shuffle32(cosine, sine, [0, 1, 4, 5]))),
            high.set(
              add(f64x2.promoteLow(v128.shuffle32(x, x, [2, 3, 2, 3])), v128.shuffle32(cosine, sine, [2, 3, 6, 7])),
            ),
            v128.store(place, v128.shuffle32(f32x4.demote(low), f32x4.demote(high), [0, 1, 4, 5])),
          ]),
        ]),
        ...pad(c, cols, input),
        step(input, stride),
        examples.set(sum(examples, FLOAT)),
      ]);
    },
  );
}

/** cos and sin of 2πv/2³² for the words v of the two lower lanes: numerics/trigonometry.ts, without its branches. */
function turns(local: NewLocal, cosine: Local<"v128">, sine: Local<"v128">, words: V128): Statement[] {
  const [v, quarters, x, z, even, odd, first, second] = several(local, "v128", 8);
  /** All bits of a double where a bit of the quarters is set. */
  const where = (counted: V128, bit: 1 | 2) => {
    const all = i32x4.shrS(i32x4.shl(counted, number(32 - bit)), number(31));
    return v128.shuffle32(all, all, [0, 0, 1, 1]);
  };
  const negatedWhere = (of: V128, mask: V128) => v128.bitselect(sub(splat(0), of), of, mask);
  return [
    v.set(words),
    quarters.set(i32x4.shrU(i32x4.add(v, word(2 ** 29)), number(30))), // the nearest quarter turn; 4 is 0 again
    x.set(f64x2.ofI32Low(i32x4.sub(v, i32x4.shl(quarters, number(30))))),
    x.set(mul(splat(2 * Math.PI), mul(x, splat(2 ** -32)))),
    z.set(mul(x, x)),
    odd.set(add(x, mul(mul(x, z), horner(z, SIN_SERIES)))),
    even.set(sub(splat(1), sub(mul(splat(0.5), z), mul(mul(z, z), horner(z, COS_SERIES))))),
    first.set(v128.bitselect(even, odd, where(quarters, 1))),
    second.set(v128.bitselect(odd, even, where(quarters, 1))),
    sine.set(negatedWhere(first, where(quarters, 2))),
    cosine.set(negatedWhere(second, where(i32x4.add(quarters, word(1)), 2))),
  ];
}
