// Activations and slopes that no product fuses and that no module of pointwise.ts has (X16 … X21): a module of its own,
// compiled where a network has one of them. Four elements at a time in doubles, the operations of
// gradients/activations.ts in their order, with selections instead of branches. Addresses and strides are bytes.
import { SELU, SELU_BELOW } from "../../gradients/activations.ts";
import { type Activation, SLOPE_KEEPERS, type SlopeKeeper } from "../../network/network.ts";
import { TANH_BOTTOM, TANH_TOP } from "../../numerics/exp-log.ts";
import { INVERSE_ROOT_2PI, TAIL_CENTER, TAIL_SERIES } from "../../numerics/normal.ts";
import {
  f32x4,
  f64x2,
  i32,
  type Local,
  ModuleBuilder,
  type NewLocal,
  type Statement,
  type V128,
  v128,
} from "./assembler.ts";
import { advance, each, i32s, number, several, sum, times } from "./loops.ts";
import { exp, horner, logistic, logOfNormal } from "./math-functions.ts";

const { add, sub, mul, div, splat } = f64x2;
type Vector = Local<"v128">;

/** Activations of this module: the forward sweep of each has its name. */
const HERE = ["selu", "elu", "softplus", ...SLOPE_KEEPERS] as const;
export type Smooth = (typeof HERE)[number];
export const isSmooth = (activation: Activation): activation is Smooth =>
  (HERE as readonly Activation[]).includes(activation);

/** Those whose slope is read from σ(z). */
type FromOutput = Exclude<Smooth, SlopeKeeper>;

export type SmoothFunctions = Record<Smooth, (a: number, stride: number, rows: number, cols: number) => void> &
  Record<
    `${SlopeKeeper}Slopes` | `${FromOutput}Back` | "timesSlopes",
    (a: number, stride: number, other: number, otherStride: number, rows: number, cols: number) => void
  >;

const positive = (x: V128) => f64x2.gt(x, splat(0));
const negative = (x: V128) => f64x2.lt(x, splat(0));
/** y ← −|x|, with NaN kept. */
const minusSize = (x: V128) => v128.bitselect(x, f64x2.neg(x), negative(x));

/** y ← e^x − 1. */
function expm1(local: NewLocal, y: Vector, x: V128): Statement[] {
  const [kept, e, h, z] = several(local, "v128", 4);
  return [
    kept.set(x),
    ...exp(local, e, kept),
    h.set(mul(splat(0.5), kept)),
    z.set(mul(h, h)),
    y.set(mul(add(e, splat(1)), div(mul(h, horner(z, TANH_TOP)), horner(z, TANH_BOTTOM)))),
    y.set(v128.bitselect(y, sub(e, splat(1)), f64x2.lt(f64x2.abs(kept), splat(1)))),
  ];
}

/** y ← ln(1 + u) for u in [0, 1]. */
function log1p(local: NewLocal, y: Vector, u: Vector): Statement[] {
  const [v, log] = several(local, "v128", 2);
  return [
    v.set(add(splat(1), u)),
    ...logOfNormal(local, log, v),
    v.set(sub(v, splat(1))),
    y.set(v128.bitselect(u, div(mul(log, u), v), f64x2.eq(v, splat(0)))),
  ];
}

/** y ← Φ(x), e ← e^{−x²/2}. */
function normalCdf(local: NewLocal, y: Vector, e: Vector, x: Vector): Statement[] {
  const [t, v] = several(local, "v128", 2);
  return [
    v.set(mul(splat(-0.5), mul(x, x))),
    ...exp(local, e, v),
    t.set(v128.bitselect(f64x2.neg(x), x, negative(x))),
    v.set(div(sub(t, splat(TAIL_CENTER)), add(t, splat(TAIL_CENTER)))),
    y.set(mul(e, div(horner(v, TAIL_SERIES), add(splat(1), t)))),
    y.set(v128.bitselect(y, sub(splat(1), y), negative(x))),
  ];
}

/** u = e^{−|z|}, n/d = tanh(ln(1 + e^z)), lost = d − n. */
function mishParts(local: NewLocal, z: Vector) {
  const [minus, u, n, lost, d] = several(local, "v128", 5);
  const statements = [
    minus.set(minusSize(z)),
    ...exp(local, u, minus),
    n.set(v128.bitselect(mul(u, add(u, splat(2))), add(splat(1), mul(splat(2), u)), negative(z))),
    lost.set(v128.bitselect(splat(2), mul(splat(2), mul(u, u)), negative(z))),
    d.set(add(n, lost)),
  ];
  return { statements, u, n, lost, d };
}

/** y ← σ(z). */
const FORWARD: Record<Smooth, (local: NewLocal, y: Vector, z: Vector) => Statement[]> = {
  selu: (local, y, z) => [
    ...expm1(local, y, z),
    y.set(v128.bitselect(mul(splat(SELU.lambda), z), mul(splat(SELU_BELOW), y), positive(z))),
  ],
  elu: (local, y, z) => [...expm1(local, y, z), y.set(v128.bitselect(z, y, positive(z)))],
  softplus(local, y, z) {
    const [minus, u] = several(local, "v128", 2);
    return [
      minus.set(minusSize(z)),
      ...exp(local, u, minus),
      ...log1p(local, y, u),
      y.set(v128.bitselect(add(z, y), y, positive(z))),
    ];
  },
  gelu: (local, y, z) => [...normalCdf(local, y, local("v128"), z), y.set(mul(z, y))],
  silu: (local, y, z) => [...logistic(local, y, z), y.set(mul(z, y))],
  mish(local, y, z) {
    const { statements, n, d } = mishParts(local, z);
    return [...statements, y.set(mul(z, div(n, d)))];
  },
};

/** y ← σ(z) and slope ← σ′(z). */
const WITH_SLOPE: Record<SlopeKeeper, (local: NewLocal, y: Vector, slope: Vector, z: Vector) => Statement[]> = {
  gelu(local, y, slope, z) {
    const e = local("v128");
    return [...normalCdf(local, y, e, z), slope.set(add(y, mul(z, mul(e, splat(INVERSE_ROOT_2PI))))), y.set(mul(z, y))];
  },
  silu(local, y, slope, z) {
    const [minus, p, q] = several(local, "v128", 3);
    return [
      ...logistic(local, p, z),
      minus.set(f64x2.neg(z)),
      ...logistic(local, q, minus),
      slope.set(add(p, mul(mul(z, p), q))),
      y.set(mul(z, p)),
    ];
  },
  mish(local, y, slope, z) {
    const { statements, u, n, lost, d } = mishParts(local, z);
    const p = div(v128.bitselect(u, splat(1), negative(z)), add(splat(1), u));
    return [
      ...statements,
      slope.set(add(div(n, d), mul(mul(z, mul(div(lost, d), div(add(d, n), d))), p))),
      y.set(mul(z, div(n, d))),
    ];
  },
};

/** y ← s·σ′(z) from a = σ(z). */
const BACK: Record<FromOutput, (local: NewLocal, y: Vector, s: Vector, a: Vector) => Statement[]> = {
  selu: (_, y, s, a) => [y.set(mul(s, v128.bitselect(splat(SELU.lambda), add(a, splat(SELU_BELOW)), positive(a))))],
  elu: (_, y, s, a) => [y.set(mul(s, v128.bitselect(splat(1), add(a, splat(1)), positive(a))))],
  softplus: (local, y, s, a) => [...expm1(local, y, f64x2.neg(a)), y.set(mul(s, f64x2.neg(y)))],
};

export function smoothModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  for (const name of HERE)
    defineSweep(module, name, 4, (local, [z]) => {
      const y = local("v128");
      return [FORWARD[name](local, y, z), [y]];
    });
  for (const name of SLOPE_KEEPERS)
    defineSweep(module, `${name}Slopes`, 6, (local, [z]) => {
      const [y, slope] = several(local, "v128", 2);
      return [WITH_SLOPE[name](local, y, slope, z), [y, slope]];
    });
  for (const [name, back] of Object.entries(BACK))
    defineSweep(module, `${name}Back`, 6, (local, [s, a]) => {
      const y = local("v128");
      return [back(local, y, s, a), [y]];
    });
  defineSweep(module, "timesSlopes", 6, (local, [s, slope]) => {
    const y = local("v128");
    return [[y.set(mul(s, slope))], [y]];
  });
  return module.finish(shared);
}

/** What a sweep does with two doubles of each matrix: statements, and the results for the first matrices. */
type Sweep = (local: NewLocal, values: readonly [Vector, Vector]) => [Statement[], readonly Vector[]];

/**
 * A function over one matrix (4 arguments) or two of the same shape (6): address and bytes of a row of each, rows,
 * cols. What is written gets 0 as padding, as σ(0) may not be.
 */
function defineSweep(module: ModuleBuilder, name: string, count: 4 | 6, make: Sweep): void {
  module.define(name, i32s(count), (local, ...given) => {
    const matrices = given.slice(0, count - 2);
    const [rows, cols] = [given[count - 2]!, given[count - 1]!];
    const pointers = matrices.filter((_, n) => n % 2 === 0);
    const [r, c] = several(local, "i32", 2);
    const loaded = several(local, "v128", 2);
    const [first, second] = [several(local, "v128", 2), several(local, "v128", 2)];
    const places = pointers.map((pointer) => sum(pointer, times(c, number(4))));
    const low = make(local, first);
    const high = make(local, second);
    const written = low[1].length;
    return each(r, number(0), rows, number(1), [
      ...each(c, number(0), cols, number(4), [
        ...places.map((at, n) => loaded[n]!.set(v128.load(at))),
        ...places.flatMap((_, n) => [
          first[n]!.set(f64x2.promoteLow(loaded[n]!)),
          second[n]!.set(f64x2.promoteLow(v128.shuffle32(loaded[n]!, loaded[n]!, [2, 3, 2, 3]))),
        ]),
        ...low[0],
        ...high[0],
        ...low[1].map((value, n) =>
          v128.store(places[n]!, v128.shuffle32(f32x4.demote(value), f32x4.demote(high[1][n]!), [0, 1, 4, 5])),
        ),
      ]),
      ...each(
        c,
        cols,
        i32.and(sum(cols, number(3)), number(-4)),
        number(1),
        places.slice(0, written).map((at) => i32.store(at, number(0))),
      ),
      ...pointers.map((pointer, n) => advance(pointer, matrices[2 * n + 1]!)),
    ]);
  });
}
