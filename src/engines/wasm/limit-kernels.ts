// What a step does beside the optimizer's update (X33 … X35, X38) in WebAssembly: the formulas and the orders of sums
// of gradients/limits.ts. Addresses, strides and ends are bytes. Padding is 0, so sums and sweeps may run over it.
import { copy, f32x4, f64x2, i32, type Local, type ModuleBuilder, type V128, v128, when } from "./assembler.ts";
import { advance, each, i32s, number, several, sum, times, whileBelow } from "./loops.ts";

const FLOAT = number(4);
const DOUBLE = number(8);
const VECTOR = number(16);
const LANES = 8; // of a sum of squares, in doubles

/** The two lower floats of a vector, and the two upper, as doubles. */
const low = (x: V128) => f64x2.promoteLow(x);
const high = (x: V128) => f64x2.promoteLow(v128.shuffle32(x, x, [2, 3, 2, 3]));
const squared = (x: V128) => f64x2.mul(x, x);

export function defineLimits(module: ModuleBuilder): void {
  // X33: Σ x² of each row; lane k of eight adds the terms j ≡ k (mod 8)
  module.define("squares", i32s(6), (local, sums, dW, stride, rows, cols, scratch) => {
    const [r, at, end] = several(local, "i32", 3);
    const [x, s01, s23, s45, s67] = several(local, "v128", 5);
    const lanes = [s01, s23, s45, s67];
    const eight = (from: Local<"i32">) => [
      x.set(v128.load(from)),
      s01.set(f64x2.add(s01, squared(low(x)))),
      s23.set(f64x2.add(s23, squared(high(x)))),
      x.set(v128.load(from, 16)),
      s45.set(f64x2.add(s45, squared(low(x)))),
      s67.set(f64x2.add(s67, squared(high(x)))),
    ];
    return each(r, number(0), rows, number(1), [
      ...lanes.map((s) => s.set(v128.zero)),
      end.set(sum(dW, times(i32.and(cols, number(-LANES)), FLOAT))),
      at.set(dW),
      ...whileBelow(at, end, [...eight(at), advance(at, number(4 * LANES))]),
      when(i32.and(cols, number(LANES - 1)), [
        v128.store(scratch, v128.zero),
        v128.store(scratch, v128.zero, 16),
        copy(scratch, end, times(i32.and(cols, number(LANES - 1)), FLOAT)),
        ...eight(scratch),
      ]),
      s01.set(f64x2.add(f64x2.add(s01, s45), f64x2.add(s23, s67))), // (0 + 4) + (2 + 6), (1 + 5) + (3 + 7)
      v128.store64(sums, f64x2.add(s01, v128.shuffle32(s01, s01, [2, 3, 2, 3]))),
      advance(sums, DOUBLE),
      advance(dW, stride),
    ]);
  });

  // X33: g ← factor·g
  module.define("clip", [...i32s(2), "f32"], (local, at, end, factor) => {
    const by = local("v128");
    return [
      by.set(f32x4.splatOf(factor)),
      ...whileBelow(at, end, [v128.store(at, f32x4.mul(v128.load(at), by)), advance(at, VECTOR)]),
    ];
  });

  // X34: w ← w − max(−by, min(by, w))
  module.define("shrink", [...i32s(2), "f32"], (local, at, end, by) => {
    const [w, most, least] = several(local, "v128", 3);
    return [
      most.set(f32x4.splatOf(by)),
      least.set(f32x4.sub(v128.zero, most)),
      ...whileBelow(at, end, [
        w.set(v128.load(at)),
        v128.store(at, f32x4.sub(w, f32x4.pmax(least, f32x4.pmin(most, w)))),
        advance(at, VECTOR),
      ]),
    ];
  });

  // X38: θ̄ ← θ̄ + share·(θ − θ̄)
  module.define("average", [...i32s(3), "f32"], (local, mean, parameters, end, share) => {
    const [old, part] = several(local, "v128", 2);
    return [
      part.set(f32x4.splatOf(share)),
      ...whileBelow(mean, end, [
        old.set(v128.load(mean)),
        v128.store(mean, f32x4.add(old, f32x4.mul(part, f32x4.sub(v128.load(parameters), old)))),
        advance(mean, VECTOR),
        advance(parameters, VECTOR),
      ]),
    ];
  });

  // X35: w ← w·min(1, most/‖w‖) of each column, sixteen at a time
  module.define("holdUnits", [...i32s(4), "f64"], (local, W, stride, rows, cols, most) => {
    const [c, r, at] = several(local, "i32", 3);
    const [x, limit] = several(local, "v128", 2);
    const sums = several(local, "v128", 8);
    const factors = several(local, "v128", 4);
    const factor = (s: V128) =>
      v128.bitselect(f64x2.div(limit, f64x2.sqrt(s)), f64x2.splat(1), f64x2.gt(f64x2.sqrt(s), limit));
    return [
      limit.set(f64x2.splatOf(most)),
      ...each(c, number(0), cols, VECTOR, [
        ...sums.map((s) => s.set(v128.zero)),
        at.set(sum(W, times(c, FLOAT))),
        ...each(r, number(0), rows, number(1), [
          ...factors.flatMap((_, v) => [
            x.set(v128.load(at, 16 * v)),
            sums[2 * v]!.set(f64x2.add(sums[2 * v]!, squared(low(x)))),
            sums[2 * v + 1]!.set(f64x2.add(sums[2 * v + 1]!, squared(high(x)))),
          ]),
          advance(at, stride),
        ]),
        ...factors.map((f, v) =>
          f.set(
            v128.shuffle32(f32x4.demote(factor(sums[2 * v]!)), f32x4.demote(factor(sums[2 * v + 1]!)), [0, 1, 4, 5]),
          ),
        ),
        at.set(sum(W, times(c, FLOAT))),
        ...each(r, number(0), rows, number(1), [
          ...factors.map((f, v) => v128.store(at, f32x4.mul(v128.load(at, 16 * v), f), 16 * v)),
          advance(at, stride),
        ]),
      ]),
    ];
  });
}
