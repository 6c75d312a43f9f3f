// Dropout and input noise (X36, X37) in WebAssembly: the draws of gradients/row-draws.ts, four blocks of the
// counter-based generator at a time. Addresses and strides are bytes.
import { MULTIPLIER_0, MULTIPLIER_1, PURPOSE, ROUNDS, WEYL_0, WEYL_1 } from "../../numerics/random.ts";
import {
  f32x4,
  i32,
  i32x4,
  i64x2,
  type Local,
  type ModuleBuilder,
  type Statement,
  type V128,
  v128,
} from "./assembler.ts";
import { each, i32s, least, number, several, sum, times } from "./loops.ts";
import { radii, turns } from "./normal-draws.ts";

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
    [...i32s(9), "f32"],
    (local, input, stride, rows, cols, examples, epoch, key0, key1, scratch, σ) => {
      const [r, c, o, end] = several(local, "i32", 4);
      const [first, second, radius, cosine, sine, by] = several(local, "v128", 6);
      const words = (lanes: readonly [number, number, number, number]) => v128.shuffle32(first, second, lanes);
      const place = sum(input, times(o, FLOAT));
      const moved = (lanes: readonly [number, number, number, number], offset: 0 | 16) =>
        v128.store(
          place,
          f32x4.add(v128.load(place, offset), f32x4.mul(by, v128.shuffle32(cosine, sine, lanes))),
          offset,
        );
      return [
        by.set(f32x4.splatOf(σ)),
        ...each(r, number(0), rows, number(1), [
          ...each(c, number(0), cols, number(WORDS), [
            draw(scratch, i32.shrU(c, number(2)), epoch, i32.load(examples), number(PURPOSE.inputNoise), key0, key1),
            end.set(least(sum(c, number(WORDS)), cols)),
            ...each(o, c, end, number(8), [
              first.set(v128.load(sum(scratch, times(i32.sub(o, c), FLOAT)))), // two blocks
              second.set(v128.load(sum(scratch, times(i32.sub(o, c), FLOAT)), 16)),
              ...radii(local, radius, words([0, 2, 4, 6])),
              ...turns(local, cosine, sine, words([1, 3, 5, 7])),
              cosine.set(f32x4.mul(radius, cosine)), // of a pair of words each lane: two elements of the row
              sine.set(f32x4.mul(radius, sine)),
              moved([0, 4, 1, 5], 0),
              moved([2, 6, 3, 7], 16),
            ]),
          ]),
          ...pad(c, cols, input),
          step(input, stride),
          examples.set(sum(examples, FLOAT)),
        ]),
      ];
    },
  );
}
