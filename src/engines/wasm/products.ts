// The three products, input·W, δ·Wᵀ and inputᵀ·δ, from the tile of tile.ts, with bias and activation, σ′ and 1/B at the end of each
// sum. Sizes are arguments, so one module serves every network. Terms go in blocks of MAX_TERMS: between blocks the unfinished
// sums rest in the output. Addresses and strides are bytes, everything else counts elements.
import { type Activation, LEAKY_SLOPE } from "../../network/network.ts";
import { f32x4, type I32, i32, type ModuleBuilder, type Statement, type V128, v128, when } from "./assembler.ts";
import { advance, each, least, number, several, sum, times } from "./loops.ts";
import {
  addTerms,
  blockLength,
  clampRows,
  definePacking,
  eachSum,
  FLOAT,
  LANES,
  lastRow,
  newSums,
  PANEL_BYTES,
  type Packing,
  ROWS,
  type Row,
  startSums,
  stepRows,
  storeSums,
  TERM_BYTES,
  transpose,
  type Unroll,
  VECTOR,
} from "./tile.ts";

const BLOCK_ROWS = 256; //      of the batch, and
const W_ROWS = 128; //          of W, so that with their terms they stay in or near the second-level cache
const BLOCK_BYTES = 1 << 16; // of packed input, likewise

const PAIR = number(2 * TERM_BYTES); // of panels: one cache line
const panelEnd = (panel: I32, terms: I32): I32 => sum(panel, times(terms, number(TERM_BYTES)));

/** Scratch of one thread: two panels, then a packed block of the other side. */
export const PRODUCT_SCRATCH = 2 * PANEL_BYTES + BLOCK_BYTES;

/** As an i32 argument, the activation to fuse into a product; tanh and sigmoid are a pass of their own (pointwise.ts). */
export const FUSED: Record<Activation, number> = { identity: 0, relu: 1, "leaky-relu": 2, tanh: 3, sigmoid: 4 };

const zero = v128.zero;
const slope = (x: V128): V128 => f32x4.mul(f32x4.splat(LEAKY_SLOPE), x);
const one = f32x4.splat(1);

/** σ(z) where it is fused. z < 0 ? 0 : z does for ReLU, as a finished sum is never −0; NaN stays NaN. */
const ACTIVATE: Partial<Record<Activation, (z: V128) => V128>> = {
  relu: (z) => f32x4.pmax(z, zero),
  "leaky-relu": (z) => v128.bitselect(z, slope(z), f32x4.gt(z, zero)),
};

/** s·σ′ from a = σ(z); σ′(0) = 0 for ReLU. */
const BACK: Partial<Record<Activation, (s: V128, a: V128) => V128>> = {
  relu: (s, a) => v128.and(s, f32x4.gt(a, zero)),
  "leaky-relu": (s, a) => v128.bitselect(s, slope(s), f32x4.gt(a, zero)),
  tanh: (s, a) => f32x4.mul(s, f32x4.sub(one, f32x4.mul(a, a))),
  sigmoid: (s, a) => f32x4.mul(s, f32x4.mul(a, f32x4.sub(one, a))),
};

export function defineProducts(module: ModuleBuilder, unroll: Unroll): void {
  const packing = definePacking(module);
  defineDense(module, packing, unroll);
  defineBackpropagate(module, packing, unroll);
  defineWeightGradient(module, packing, unroll);
}

/** output = σ(input·W + b): panels are columns of W, a tile's rows are examples. */
function defineDense(module: ModuleBuilder, { packPair }: Packing, unroll: Unroll): void {
  module.define(
    "dense",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (local, output, outputStride, rows, input, inputStride, terms, W, WStride, columns, b, activation, scratch) => {
      const [m0, mEnd, t0, block, count, end, n, half, m, p] = several(local, "i32", 10);
      const [lastOut, lastX] = several(local, "i32", 2);
      const out = several(local, "i32", ROWS);
      const x = several(local, "i32", ROWS);
      const bias = several(local, "v128", 2);
      const sums = newSums(local);
      const finish = Object.entries(ACTIVATE).map(([name, activate]) =>
        when(
          i32.eq(activation, number(FUSED[name as Activation])),
          eachSum(sums, (s) => s.set(activate(s))),
        ),
      );
      const tile = [
        ...clampRows(out, sum(output, times(m, outputStride), half), outputStride, sum(lastOut, half)),
        ...clampRows(x, sum(input, times(m, inputStride), times(t0, FLOAT)), inputStride, lastX),
        startSums(sums, t0, out),
        ...addTerms(
          local,
          sums,
          x.map((pointer): Row => [pointer, 0]),
          4,
          p,
          end,
          unroll,
        ),
        when(i32.eq(sum(t0, count), terms), [
          ...bias.map((value, v) => value.set(v128.load(sum(b, half), v * VECTOR))),
          ...eachSum(sums, (s, v) => s.set(f32x4.add(s, bias[v]!))),
          ...finish,
        ]),
        ...storeSums(sums, out),
      ];
      return [
        lastOut.set(lastRow(output, rows, outputStride)),
        block.set(blockLength(terms)),
        ...each(m0, number(0), rows, number(BLOCK_ROWS), [
          mEnd.set(least(sum(m0, number(BLOCK_ROWS)), rows)),
          ...each(t0, number(0), terms, block, [
            count.set(least(block, i32.sub(terms, t0))),
            lastX.set(sum(lastRow(input, rows, inputStride), times(t0, FLOAT))),
            ...each(n, number(0), times(columns, FLOAT), PAIR, [
              packPair(scratch, panelEnd(scratch, count), sum(W, times(t0, WStride), n), WStride),
              ...each(m, m0, mEnd, number(ROWS), [
                p.set(scratch),
                ...each(half, n, sum(n, PAIR), number(TERM_BYTES), [
                  end.set(panelEnd(p, count)),
                  ...tile,
                  p.set(sum(scratch, number(PANEL_BYTES))),
                ]),
              ]),
            ]),
          ]),
        ]),
      ];
    },
  );
}

/** below = (δ·Wᵀ) ⊙ σ′: panels are rows of δ, a tile's rows are those of W. Lanes are examples, so a tile is turned at its end. */
function defineBackpropagate(module: ModuleBuilder, { packRows }: Packing, unroll: Unroll): void {
  module.define(
    "backpropagate",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (local, below, output, belowStride, rows, delta, deltaStride, terms, W, WStride, inputs, activation, scratch) => {
      const [t0, block, count, k0, kEnd, i, end, k, p, toOutput, lastBelow, lastDelta] = several(local, "i32", 12);
      const out = several(local, "i32", LANES);
      const w = several(local, "i32", ROWS);
      const sums = newSums(local);
      const turned = several(local, "v128", LANES);
      const a = local("v128");
      const halves = ([0, 1] as const).map(
        (v) => [sums.map((row) => row[v]), turned.slice(4 * v, 4 * v + 4), out.slice(4 * v, 4 * v + 4)] as const,
      );
      const at = (row: (typeof out)[number]) => sum(row, times(k, FLOAT));
      const finish = Object.entries(BACK).map(([name, back]) =>
        when(
          i32.eq(activation, number(FUSED[name as Activation])),
          turned.flatMap((s, j) => [a.set(v128.load(sum(at(out[j]!), toOutput))), s.set(back(s, a))]),
        ),
      );
      const tile = [
        ...stepRows(w, sum(W, times(k, WStride), times(t0, FLOAT)), WStride),
        when(
          i32.eqz(t0),
          eachSum(sums, (s) => s.set(zero)),
          halves.flatMap(([columns, , rows]) =>
            transpose(
              local,
              rows.map((row) => v128.load(at(row))),
              columns,
            ),
          ),
        ),
        p.set(scratch),
        ...addTerms(
          local,
          sums,
          w.map((pointer): Row => [pointer, 0]),
          4,
          p,
          end,
          unroll,
        ),
        ...halves.flatMap(([columns, rows]): Statement[] => transpose(local, columns, rows)),
        when(i32.eq(sum(t0, count), terms), finish),
        ...turned.map((s, j) => v128.store(at(out[j]!), s)),
      ];
      return [
        toOutput.set(i32.sub(output, below)),
        lastBelow.set(lastRow(below, rows, belowStride)),
        block.set(blockLength(terms)),
        ...each(t0, number(0), terms, block, [
          count.set(least(block, i32.sub(terms, t0))),
          end.set(panelEnd(scratch, count)),
          lastDelta.set(sum(lastRow(delta, rows, deltaStride), times(t0, FLOAT))),
          ...each(k0, number(0), inputs, number(W_ROWS), [
            kEnd.set(least(sum(k0, number(W_ROWS)), inputs)),
            ...each(i, number(0), rows, number(LANES), [
              packRows(scratch, end, sum(delta, times(i, deltaStride), times(t0, FLOAT)), deltaStride, lastDelta),
              ...clampRows(out, sum(below, times(i, belowStride)), belowStride, lastBelow),
              ...each(k, k0, kEnd, number(ROWS), tile),
            ]),
          ]),
        ]),
      ];
    },
  );
}

/**
 * dW = inputᵀ·δ·share: panels are columns of δ, a tile's rows are columns of input, packed into panels of 8 as well. With a W, laid
 * out like dW, it is not dW that is written at the end but W − rate·(∇W + decay·W).
 */
function defineWeightGradient(module: ModuleBuilder, { packColumns, packPair }: Packing, unroll: Unroll): void {
  module.define(
    "weightGradient",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32", "i32", "i32", "f32", "f32"],
    (local, dW, dWStride, inputs, columns, input, inputStride, delta, deltaStride, terms, share, scratch, W, η, λ) => {
      const [t0, block, count, end, length, packed, k0, blockRows, kEnd, n, half, k, x, p] = several(local, "i32", 14);
      const toW = local("i32");
      const [shares, rate, decay, old] = several(local, "v128", 4);
      const out = several(local, "i32", ROWS);
      const sums = newSums(local);
      const descend = eachSum(sums, (s, v, r) => [
        old.set(v128.load(out[r]!, v * VECTOR)),
        s.set(f32x4.sub(old, f32x4.mul(rate, f32x4.add(s, f32x4.mul(decay, old))))),
      ]);
      const tile = [
        ...stepRows(out, sum(dW, times(k, dWStride), half), dWStride),
        x.set(
          sum(
            packed,
            times(i32.and(i32.sub(k, k0), number(-LANES)), times(count, FLOAT)),
            times(i32.and(k, number(ROWS)), FLOAT),
          ),
        ),
        startSums(sums, t0, out),
        ...addTerms(
          local,
          sums,
          out.map((_, r): Row => [x, r * 4]),
          TERM_BYTES,
          p,
          end,
          unroll,
        ),
        when(i32.eq(sum(t0, count), terms), [
          ...eachSum(sums, (s) => s.set(f32x4.mul(s, shares))),
          when(W, [...out.map((row) => advance(row, toW)), ...descend]),
        ]),
        ...storeSums(sums, out),
      ];
      return [
        toW.set(i32.sub(W, dW)),
        rate.set(f32x4.splatOf(η)),
        decay.set(f32x4.splatOf(λ)),
        packed.set(sum(scratch, number(2 * PANEL_BYTES))),
        shares.set(f32x4.splatOf(share)),
        block.set(blockLength(terms)),
        ...each(t0, number(0), terms, block, [
          count.set(least(block, i32.sub(terms, t0))),
          length.set(times(count, number(TERM_BYTES))),
          blockRows.set(times(i32.divU(number(BLOCK_BYTES), length), number(LANES))),
          ...each(k0, number(0), inputs, blockRows, [
            kEnd.set(least(sum(k0, blockRows), inputs)),
            x.set(packed),
            ...each(k, k0, kEnd, number(LANES), [
              packColumns(x, sum(x, length), sum(input, times(t0, inputStride), times(k, FLOAT)), inputStride),
              advance(x, length),
            ]),
            ...each(n, number(0), times(columns, FLOAT), PAIR, [
              packPair(scratch, sum(scratch, length), sum(delta, times(t0, deltaStride), n), deltaStride),
              ...each(k, k0, kEnd, number(ROWS), [
                p.set(scratch),
                ...each(half, n, sum(n, PAIR), number(TERM_BYTES), [
                  end.set(sum(p, length)),
                  ...tile,
                  p.set(sum(scratch, number(PANEL_BYTES))),
                ]),
              ]),
            ]),
          ]),
        ]),
      ];
    },
  );
}
