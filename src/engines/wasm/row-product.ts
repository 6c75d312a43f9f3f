// E9 for a single row, where nothing repays packing W: output = σ(x·W + b), reading W in place, row by row.
//
//      for (let k = 0; k < K; k++)
//        if (x[k] !== 0) for (let o = 0; o < O; o++) sums[o] += x[k] * W[k][o];
//
// A term of ±0 is left out: a sum that starts at +0 is never −0, so adding 0 times a finite number leaves its bits.
// Infinite weights would make it NaN, so this function is for finite ones. The terms that stay are listed first, so no
// branch is left to mispredict, and then added four at a time, in index order, each product rounded before its sum.
import { LEAKY_SLOPE } from "../../network/network.ts";
import { f32, f32x4, type I32, i32, type Local, ModuleBuilder, type Statement, v128, when } from "./assembler.ts";
import { advance, each, i32s, least, number, several, sum, times, whileBelow } from "./loops.ts";
import { FLOAT, VECTOR } from "./tile.ts";

const TERMS = 1024; //          listed at a time
const AT_ONCE = 4; //           terms
const LINE = number(64); //     bytes: rows of W, b and output are padded to whole cache lines
const ENTRY = number(8); //     bytes of the list: address of a row of W, x
const X_AT = 4;

/** Bytes of scratch that `denseRow` takes. */
export const ROW_SCRATCH = 8 * (TERMS + AT_ONCE);

/** Addresses; the bytes of a padded row of W; K terms; the activation as in FUSED: identity, ReLU or leaky ReLU. */
export type RowProduct = (
  output: number,
  rowBytes: number,
  K: number,
  x: number,
  W: number,
  b: number,
  activation: number,
  scratch: number,
) => void;

/** A module of its own with `denseRow` alone, a kilobyte. */
export function rowModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineRowProduct(module);
  return module.finish(false);
}

/** Define `denseRow`, a RowProduct. */
export function defineRowProduct(module: ModuleBuilder): void {
  module.define("denseRow", i32s(8), (local, output, rowBytes, K, x, W, b, activation, scratch) => {
    const [at, end, w, xEnd, list, k, terms] = several(local, "i32", 7);
    const zs = several(local, "v128", 4);
    const z = zs[0];
    const slope = local("v128");
    const overOutput = (body: readonly Statement[], step: I32) => each(at, output, end, step, body);

    const listTerms = [
      list.set(scratch),
      xEnd.set(sum(x, times(terms, FLOAT))),
      ...whileBelow(x, xEnd, [
        i32.store(list, w),
        f32.store(list, f32.load(x), X_AT),
        // ±0 has no bit but the sign; the next term overwrites it
        advance(list, times(i32.ltU(number(0), i32.and(i32.load(x), number(0x7fffffff))), ENTRY)),
        advance(x, FLOAT),
        advance(w, rowBytes),
      ]),
      // up to three terms of 0·W complete the last four
      ...Array.from({ length: AT_ONCE - 1 }, (_, t) => [
        i32.store(list, W, 8 * t),
        i32.store(list, number(0), 8 * t + X_AT),
      ]).flat(),
    ];

    const pointers = several(local, "i32", AT_ONCE);
    const xs = several(local, "v128", AT_ONCE);
    const entry = local("i32");
    const addTerms = each(entry, scratch, list, number(8 * AT_ONCE), [
      ...pointers.map((pointer, t) => pointer.set(i32.load(entry, 8 * t))),
      ...xs.map((value, t) => value.set(v128.load32Splat(entry, 8 * t + X_AT))),
      ...overOutput(
        [
          ...zs.map((sums, v) => sums.set(v128.load(at, v * VECTOR))),
          ...pointers.flatMap((pointer, t) =>
            zs.map((sums, v) => sums.set(f32x4.add(sums, f32x4.mul(xs[t]!, v128.load(pointer, v * VECTOR))))),
          ),
          ...zs.map((sums, v) => v128.store(at, sums, v * VECTOR)),
          ...pointers.map((pointer) => advance(pointer, LINE)),
        ],
        LINE,
      ),
    ]);

    return [
      end.set(sum(output, rowBytes)),
      ...overOutput([v128.store(at, v128.zero)], number(VECTOR)),
      w.set(W),
      ...each(k, number(0), K, number(TERMS), [
        terms.set(least(number(TERMS), i32.sub(K, k))),
        ...listTerms,
        ...addTerms,
      ]),
      slope.set(f32x4.splat(LEAKY_SLOPE)),
      ...overOutput([...finish(z, slope, at, b, activation), advance(b, number(VECTOR))], number(VECTOR)),
    ];
  });
}

/** σ(z + b) of one vector: X1, X2. z < 0 ? 0 : z does for ReLU, as a finished sum is never −0; NaN stays NaN. */
const finish = (z: Local<"v128">, slope: Local<"v128">, at: I32, b: I32, activation: I32): readonly Statement[] => [
  z.set(f32x4.add(v128.load(at), v128.load(b))),
  when(i32.eq(activation, number(1)), [z.set(f32x4.pmax(z, v128.zero))]),
  when(i32.eq(activation, number(2)), [z.set(v128.bitselect(z, f32x4.mul(slope, z), f32x4.gt(z, v128.zero)))]),
  v128.store(at, z),
];
