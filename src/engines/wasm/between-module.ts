// Layer normalization, σ′ apart from the products, and residual sums: a module of its own, compiled where a
// network has one of them. The operations of gradients/normalize-row.ts and between-layers.ts in their order: sums in
// eight lanes of doubles. Addresses and strides are bytes.

import { NORM_EPSILON } from "../../gradients/normalize-row.ts";
import { type Activation, LEAKY_SLOPE } from "../../network/network.ts";
import {
  f32x4,
  f64,
  f64x2,
  type I32,
  i32,
  type Local,
  ModuleBuilder,
  type NewLocal,
  type Statement,
  type V128,
  v128,
  when,
} from "./assembler.ts";
import { advance, each, i32s, number, several, sum, times } from "./loops.ts";

const FLOAT = number(4);
const { add, sub, mul, splatOf } = f64x2;

/** Activations whose σ′ this module multiplies by; smooth.ts has the others. */
const PLAIN = ["relu", "leaky-relu", "tanh", "sigmoid"] as const;
type Plain = (typeof PLAIN)[number];
export const isPlain = (activation: Activation): activation is Plain =>
  (PLAIN as readonly Activation[]).includes(activation);

type Sweep = (
  to: number,
  toStride: number,
  x: number,
  xStride: number,
  y: number,
  yStride: number,
  rows: number,
  cols: number,
) => void;

export type BetweenFunctions = Record<`${Plain}Slope` | "join" | "copy", Sweep> &
  Record<"relu" | "leaky-relu", (a: number, stride: number, rows: number, cols: number) => void> & {
    normalize(
      z: number,
      stride: number,
      rows: number,
      cols: number,
      gain: number,
      offset: number,
      normalized: number,
      normalizedStride: number,
      inverses: number,
    ): void;
    denormalize(
      delta: number,
      stride: number,
      rows: number,
      cols: number,
      above: number,
      aboveStride: number,
      gain: number,
      normalized: number,
      normalizedStride: number,
      inverses: number,
    ): void;
    scaleGradient(
      gradient: number,
      columns: number,
      input: number,
      inputStride: number,
      delta: number,
      deltaStride: number,
      rows: number,
      adds: 0 | 1,
      inverseB: number,
    ): void;
  };

/** s ⊙ σ′ from a = σ(z), four at a time. */
const SLOPE: Record<Plain, (s: V128, a: V128) => V128> = {
  relu: (s, a) => v128.and(s, f32x4.gt(a, v128.zero)),
  "leaky-relu": (s, a) => v128.bitselect(s, f32x4.mul(f32x4.splat(LEAKY_SLOPE), s), f32x4.gt(a, v128.zero)),
  tanh: (s, a) => f32x4.mul(s, f32x4.sub(f32x4.splat(1), f32x4.mul(a, a))),
  sigmoid: (s, a) => f32x4.mul(s, f32x4.mul(a, f32x4.sub(f32x4.splat(1), a))),
};

/** The four doubles of floats at `at`, in two vectors. */
const doubles = (four: V128): readonly [V128, V128] => [
  f64x2.promoteLow(four),
  f64x2.promoteLow(v128.shuffle32(four, four, [2, 3, 2, 3])),
];

/** Four floats of two vectors of doubles. */
const floats = (low: V128, high: V128): V128 => v128.shuffle32(f32x4.demote(low), f32x4.demote(high), [0, 1, 4, 5]);

/** For c of 0, 8, … below cols: the four vectors of `terms` are added to the lanes, but for columns from cols on. */
function addLanes(
  local: NewLocal,
  c: Local<"i32">,
  cols: I32,
  lanes: readonly (readonly Local<"v128">[])[],
  terms: (local: NewLocal) => { readonly before: readonly Statement[]; readonly values: readonly (readonly V128[])[] },
): readonly Statement[] {
  const left = local("v128");
  const { before, values } = terms(local);
  return [
    ...lanes.flat().map((lane) => lane.set(v128.zero)),
    ...each(c, number(0), cols, number(8), [
      left.set(splatOf(f64.ofI32U(i32.sub(cols, c)))),
      ...before,
      ...lanes.flatMap((four, n) =>
        four.map((lane, k) =>
          lane.set(add(lane, v128.and(values[n]![k]!, f64x2.gt(left, v128.doubles(2 * k, 2 * k + 1))))),
        ),
      ),
    ]),
  ];
}

/** ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)) of eight lanes, divided by `count`, in both halves of a vector. */
function meanOf(to: Local<"v128">, [a, b, c, d]: readonly Local<"v128">[], count: V128): readonly Statement[] {
  const swap = (x: V128) => v128.shuffle32(x, x, [2, 3, 0, 1]);
  // a + c has lanes 0 + 4 and 1 + 5, b + d has 2 + 6 and 3 + 7
  return [to.set(add(add(a!, c!), add(b!, d!))), to.set(f64x2.div(add(to, swap(to)), count))];
}

export function betweenModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineNormalize(module);
  defineDenormalize(module);
  for (const name of PLAIN) defineSweep(module, `${name}Slope`, SLOPE[name]);
  // X50: a sum of two matrices
  defineSweep(module, "join", f32x4.add);
  defineSweep(module, "copy", (x) => x);

  // a ← σ(a)
  for (const name of ["relu", "leaky-relu"] as const)
    module.define(name, i32s(4), (local, a, stride, rows, cols) => {
      const [r, c] = several(local, "i32", 2);
      const z = local("v128");
      const at = sum(a, times(c, FLOAT));
      const below = name === "relu" ? v128.zero : f32x4.mul(f32x4.splat(LEAKY_SLOPE), z);
      const value =
        name === "relu" ? v128.andNot(z, f32x4.le(z, v128.zero)) : v128.bitselect(z, below, f32x4.gt(z, v128.zero));
      return each(r, number(0), rows, number(1), [
        ...each(c, number(0), cols, number(4), [z.set(v128.load(at)), v128.store(at, value)]),
        advance(a, stride),
      ]);
    });

  // X49: Σ_i x_i ⊙ δ_i · (1/B), 16 columns at a time
  module.define(
    "scaleGradient",
    [...i32s(8), "f32"],
    (local, gradient, columns, input, inputStride, delta, deltaStride, rows, adds, inverseB) => {
      const [n, x, d, r] = several(local, "i32", 4);
      const sums = several(local, "v128", 4);
      return each(n, number(0), times(columns, FLOAT), number(64), [
        x.set(sum(input, n)),
        d.set(sum(delta, n)),
        when(
          adds,
          sums.map((s, v) => s.set(v128.load(sum(gradient, n), 16 * v))),
          sums.map((s) => s.set(v128.zero)),
        ),
        ...each(r, number(0), rows, number(1), [
          ...sums.map((s, v) => s.set(f32x4.add(s, f32x4.mul(v128.load(x, 16 * v), v128.load(d, 16 * v))))),
          advance(x, inputStride),
          advance(d, deltaStride),
        ]),
        ...sums.map((s, v) => v128.store(sum(gradient, n), f32x4.mul(s, f32x4.splatOf(inverseB)), 16 * v)),
      ]);
    },
  );
  return module.finish(shared);
}

/** Zeros from column `cols` of the row at `row` to the end of its last vector. */
const clearPadding = (c: Local<"i32">, row: I32, cols: I32): readonly Statement[] =>
  each(c, cols, i32.and(sum(cols, number(3)), number(-4)), number(1), [
    i32.store(sum(row, times(c, FLOAT)), number(0)),
  ]);

/** X49: z ← γ ∘ n + β, n = (z − μ)/√(v + ε), of each row; n and the inverse root stay where `inverses` is not 0. */
function defineNormalize(module: ModuleBuilder): void {
  module.define(
    "normalize",
    i32s(9),
    (local, z, stride, rows, cols, gain, offset, normalized, normalizedStride, inverses) => {
      const [r, c] = several(local, "i32", 2);
      const lanes = several(local, "v128", 4);
      const [count, mean, inverse, n] = several(local, "v128", 4);
      const at = (base: I32, more = 0) => v128.load(sum(base, times(c, FLOAT)), more);
      const both = () => [...doubles(at(z)), ...doubles(at(z, 16))];
      const [d0, d1, d2, d3] = several(local, "v128", 4);
      const centred = [d0, d1, d2, d3];
      const [low, high] = doubles(at(z));
      return [
        count.set(splatOf(f64.ofI32U(cols))),
        ...each(r, number(0), rows, number(1), [
          ...addLanes(local, c, cols, [lanes], () => ({ before: [], values: [both()] })),
          ...meanOf(mean, lanes, count),
          ...addLanes(local, c, cols, [lanes], () => ({
            before: centred.map((d, k) => d.set(sub(both()[k]!, mean))),
            values: [centred.map((d) => mul(d, d))],
          })),
          ...meanOf(inverse, lanes, count),
          inverse.set(f64x2.div(f64x2.splat(1), f64x2.sqrt(add(inverse, f64x2.splat(NORM_EPSILON))))),
          ...each(c, number(0), cols, number(4), [
            n.set(floats(mul(sub(low, mean), inverse), mul(sub(high, mean), inverse))),
            when(inverses, [v128.store(sum(normalized, times(c, FLOAT)), n)]),
            v128.store(sum(z, times(c, FLOAT)), f32x4.add(f32x4.mul(at(gain), n), at(offset))),
          ]),
          ...clearPadding(c, z, cols),
          when(inverses, [
            ...clearPadding(c, normalized, cols),
            v128.store64(inverses, inverse),
            advance(inverses, number(8)),
          ]),
          advance(z, stride),
          advance(normalized, normalizedStride),
        ]),
      ];
    },
  );
}

/** X49: δ = (p − m₁ − n·m₂)/√(v + ε), p = γ ∘ ∂ℓ/∂h, of each row. */
function defineDenormalize(module: ModuleBuilder): void {
  module.define(
    "denormalize",
    i32s(10),
    (local, delta, stride, rows, cols, above, aboveStride, gain, normalized, normalizedStride, inverses) => {
      const [r, c] = several(local, "i32", 2);
      const [sums, products] = [several(local, "v128", 4), several(local, "v128", 4)];
      const p = several(local, "v128", 4);
      const [count, m1, m2, inverse] = several(local, "v128", 4);
      const at = (base: I32, more: number) => doubles(v128.load(sum(base, times(c, FLOAT)), more));
      const all = (base: I32) => [...at(base, 0), ...at(base, 16)];
      const four = (k: 0 | 1) =>
        mul(inverse, sub(sub(mul(at(gain, 0)[k], at(above, 0)[k]), m1), mul(at(normalized, 0)[k], m2)));
      return [
        count.set(splatOf(f64.ofI32U(cols))),
        ...each(r, number(0), rows, number(1), [
          ...addLanes(local, c, cols, [sums, products], () => ({
            before: p.map((value, k) => value.set(mul(all(gain)[k]!, all(above)[k]!))),
            values: [p, p.map((value, k) => mul(value, all(normalized)[k]!))],
          })),
          ...meanOf(m1, sums, count),
          ...meanOf(m2, products, count),
          inverse.set(splatOf(f64.load(inverses))),
          ...each(c, number(0), cols, number(4), [v128.store(sum(delta, times(c, FLOAT)), floats(four(0), four(1)))]),
          ...clearPadding(c, delta, cols),
          advance(delta, stride),
          advance(above, aboveStride),
          advance(normalized, normalizedStride),
          advance(inverses, number(8)),
        ]),
      ];
    },
  );
}

/** to ← of(x, y), four elements at a time. */
function defineSweep(module: ModuleBuilder, name: string, of: (x: V128, y: V128) => V128): void {
  module.define(name, i32s(8), (local, to, toStride, x, xStride, y, yStride, rows, cols) => {
    const [r, c] = several(local, "i32", 2);
    const [s, a] = several(local, "v128", 2);
    const place = (base: I32) => sum(base, times(c, FLOAT));
    return each(r, number(0), rows, number(1), [
      ...each(c, number(0), cols, number(4), [
        s.set(v128.load(place(x))),
        a.set(v128.load(place(y))),
        v128.store(place(to), of(s, a)),
      ]),
      advance(to, toStride),
      advance(x, xStride),
      advance(y, yStride),
    ]);
  });
}
