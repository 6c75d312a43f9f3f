// The three products, input·W, δ·Wᵀ and inputᵀ·δ, from the strips of tile.ts, with bias and activation, σ′ and 1/B at the end of each
// sum. Sizes are arguments, so one module serves every network. Rows are cut into tiles whose heights differ by at most one. Terms go in
// blocks of MAX_TERMS: between blocks the unfinished sums rest in the output. Addresses and strides are bytes, all else counts elements.
import { type Activation, LEAKY_SLOPE } from "../../network/network.ts";
import { f32x4, type I32, i32, type ModuleBuilder, type Statement, type V128, v128, when } from "./assembler.ts";
import { advance, each, least, number, several, sum, times } from "./loops.ts";
import { definePacking, MAX_TERMS, PANEL_BYTES, type Pack, SLACK } from "./packing.ts";
import { defineStrip, eachSum, type Finish, FLOAT, TALLEST, TERM_BYTES, type Unroll, VECTOR } from "./tile.ts";

const RUN_BYTES = 1 << 18; // of packed rows: they stay in the second-level cache while every panel passes them

const PAIR = number(2 * TERM_BYTES); // of panels: one cache line

/** Scratch of one thread: two panels, packed rows, and last the coefficients of a weight gradient. */
export const PRODUCT_SCRATCH = 2 * PANEL_BYTES + RUN_BYTES + 2 * SLACK;
export const COEFFICIENTS_AT = PRODUCT_SCRATCH - 16;

/** As an i32 argument, the activation to fuse into a product; tanh and sigmoid are a pass of their own (pointwise.ts). */
export const FUSED: Record<Activation, number> = { identity: 0, relu: 1, "leaky-relu": 2, tanh: 3, sigmoid: 4 };

const zero = v128.zero;

// Constants come as locals: V8's pairing of vectors (docs/performance.md) gives up on a splat that is written twice.

/** σ(z) where it is fused. z < 0 ? 0 : z does for ReLU, as a finished sum is never −0; NaN stays NaN. */
const ACTIVATE: Partial<Record<Activation, (z: V128, slope: V128) => V128>> = {
  relu: (z) => f32x4.pmax(z, zero),
  "leaky-relu": (z, slope) => v128.bitselect(z, f32x4.mul(slope, z), f32x4.gt(z, zero)),
};

/** s·σ′ from a = σ(z); σ′(0) = 0 for ReLU. */
const BACK: Partial<Record<Activation, (s: V128, a: V128, slope: V128, one: V128) => V128>> = {
  relu: (s, a) => v128.and(s, f32x4.gt(a, zero)),
  "leaky-relu": (s, a, slope) => v128.bitselect(s, f32x4.mul(slope, s), f32x4.gt(a, zero)),
  tanh: (s, a, _, one) => f32x4.mul(s, f32x4.sub(one, f32x4.mul(a, a))),
  sigmoid: (s, a, _, one) => f32x4.mul(s, f32x4.mul(a, f32x4.sub(one, a))),
};

const ifFused = (choice: I32, activation: string, then: readonly Statement[]): Statement =>
  when(i32.eq(choice, number(FUSED[activation as Activation])), then);

/** σ(s + b); `extra` is where b is, `choice` the activation. */
const biasAndActivation: Finish = (local, sums, _out, extra, choice) => {
  const bias = several(local, "v128", 2);
  const slope = local("v128");
  return [
    slope.set(f32x4.splat(LEAKY_SLOPE)),
    ...bias.map((value, v) => value.set(v128.load(extra, v * VECTOR))),
    ...eachSum(sums, (s, v) => s.set(f32x4.add(s, bias[v]!))),
    ...Object.entries(ACTIVATE).map(([name, activate]) =>
      ifFused(
        choice,
        name,
        eachSum(sums, (s) => s.set(activate(s, slope))),
      ),
    ),
  ];
};

/** s ⊙ σ′; `extra` is how far behind the sums the activations lie, `choice` the activation. */
const slopes: Finish = (local, sums, out, extra, choice) => {
  const at = local("i32");
  const [slope, one] = several(local, "v128", 2);
  return [
    slope.set(f32x4.splat(LEAKY_SLOPE)),
    one.set(f32x4.splat(1)),
    ...Object.entries(BACK).map(([name, back]) =>
      ifFused(
        choice,
        name,
        out.flatMap((row, r) => [
          at.set(sum(row, extra)),
          ...([0, 1] as const).map((v) => sums[r]![v].set(back(sums[r]![v], v128.load(at, v * VECTOR), slope, one))),
        ]),
      ),
    ),
  ];
};

/**
 * s·share, of share, rate and decay at `choice`. Where `extra` is not 0, it is how far behind ∇W the W lies that follows it: what is
 * stored is then not ∇W but W − rate·(∇W + decay·W), where W was.
 */
const shareAndDescend: Finish = (local, sums, out, extra, choice) => {
  const [c, old] = several(local, "v128", 2);
  const rate = v128.load32Splat(choice, 4);
  const decay = v128.load32Splat(choice, 8);
  return [
    c.set(v128.load32Splat(choice)),
    ...eachSum(sums, (s) => s.set(f32x4.mul(s, c))),
    when(extra, [
      ...out.map((row) => advance(row, extra)),
      ...eachSum(sums, (s, v, r) => [
        old.set(v128.load(out[r]!, v * VECTOR)),
        s.set(f32x4.sub(old, f32x4.mul(rate, f32x4.add(s, f32x4.mul(decay, old))))),
      ]),
    ]),
  ];
};

/** How a product reads its two sides, and how it ends. */
type Product = {
  readonly run: Pack;
  readonly x: (x: I32, stride: I32, row: I32, term: I32) => I32; // where the run of a row starts
  readonly panels: Pack;
  readonly w: (w: I32, stride: I32, column: I32, term: I32) => I32; // where a panel starts; `column` in bytes
  readonly finish: Finish;
  readonly extra: (extra: I32, column: I32) => I32;
};

const along = (base: I32, stride: I32, row: I32, column: I32): I32 => sum(base, times(row, stride), column);

export function defineProducts(module: ModuleBuilder, unroll: Unroll): void {
  const { runOfRows, runOfColumns, panelsOfColumns, panelsOfRows } = definePacking(module);
  const rowsOfX: Pick<Product, "run" | "x"> = {
    run: runOfRows,
    x: (x, stride, row, term) => along(x, stride, row, times(term, FLOAT)),
  };
  const columnsOfW: Pick<Product, "panels" | "w"> = {
    panels: panelsOfColumns,
    w: (w, stride, column, term) => along(w, stride, term, column),
  };
  define(module, "dense", unroll, {
    ...rowsOfX,
    ...columnsOfW,
    finish: biasAndActivation,
    extra: sum,
  });
  define(module, "backpropagate", unroll, {
    ...rowsOfX,
    panels: panelsOfRows,
    w: (w, stride, column, term) => along(w, stride, i32.shrU(column, number(2)), times(term, FLOAT)),
    finish: slopes,
    extra: (toOutput) => toOutput,
  });
  define(module, "weightGradient", unroll, {
    run: runOfColumns,
    x: (x, stride, row, term) => along(x, stride, term, times(row, FLOAT)),
    ...columnsOfW,
    finish: shareAndDescend,
    extra: (toW) => toW,
  });
}

/** out[rows×columns] = X·W over `terms`, as the product reads them. */
function define(module: ModuleBuilder, name: string, unroll: Unroll, product: Product): void {
  const tallest = TALLEST[unroll];
  const strips = Array.from({ length: tallest }, (_, r) =>
    defineStrip(module, `${name}Strip`, r + 1, unroll, product.finish),
  );
  module.define(
    name,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (local, out, outStride, rows, columns, terms, x, xStride, w, wStride, extra, choice, scratch) => {
      const [m0, blockRows, m, t0, block, count, n, half, panel] = several(local, "i32", 9);
      const [height, tiles, talls, h, i, run] = several(local, "i32", 6);
      const runs = sum(scratch, number(2 * PANEL_BYTES));
      const strip = (height: I32, tiles: I32, run: I32, row: I32) =>
        when(
          tiles,
          strips.map((strip, r) =>
            when(i32.eq(height, number(r + 1)), [
              strip({
                ...{ x: run, panel, end: sum(panel, times(count, number(TERM_BYTES))), tiles },
                ...{ out: along(out, outStride, row, half), stride: outStride },
                ...{ started: t0, last: i32.eq(sum(t0, count), terms), extra: product.extra(extra, half), choice },
              }),
            ]),
          ),
        );
      return [
        block.set(i32.and(sum(evenly(terms, number(MAX_TERMS)), number(7)), number(-8))), // whole turns of a tile's loop
        blockRows.set(evenly(rows, i32.divU(number(RUN_BYTES / 4), block))),
        ...each(m0, number(0), rows, blockRows, [
          m.set(least(blockRows, i32.sub(rows, m0))),
          tiles.set(i32.divU(sum(m, number(tallest - 1)), number(tallest))),
          height.set(i32.divU(m, tiles)),
          talls.set(i32.sub(m, times(height, tiles))), // so many, the first, are a row taller than the others
          ...each(t0, number(0), terms, block, [
            count.set(least(block, i32.sub(terms, t0))),
            run.set(runs),
            m.set(m0),
            ...each(i, number(0), tiles, number(1), [
              h.set(sum(height, i32.ltU(i, talls))),
              product.run(run, count, product.x(x, xStride, m, t0), xStride, h),
              advance(run, times(count, times(h, FLOAT))),
              advance(m, h),
            ]),
            h.set(sum(height, number(1))),
            m.set(sum(m0, times(talls, h))),
            run.set(sum(runs, times(talls, times(count, times(h, FLOAT))))),
            ...each(n, number(0), times(columns, FLOAT), PAIR, [
              product.panels(scratch, count, product.w(w, wStride, n, t0), wStride),
              panel.set(scratch),
              ...each(half, n, least(sum(n, PAIR), times(columns, FLOAT)), number(TERM_BYTES), [
                strip(h, talls, runs, m0),
                strip(height, i32.sub(tiles, talls), run, m),
                panel.set(sum(scratch, number(PANEL_BYTES))),
              ]),
            ]),
          ]),
        ]),
      ];
    },
  );
}

/** The size of `count` in even parts of at most `most`. */
const evenly = (count: I32, most: I32): I32 => {
  const parts = i32.divU(sum(count, most, number(-1)), most);
  return i32.divU(sum(count, parts, number(-1)), parts);
};
