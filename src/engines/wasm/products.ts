// The three products, input·W, δ·Wᵀ and inputᵀ·δ, as one register tile: 4 × 8 sums, each in a lane of its own, terms in ascending
// order. One side is a panel of 8 columns packed term by term, the other side is read one number at a time. Sizes are arguments,
// so one module serves every network; all byte counts and addresses are i32. Reading order: tile, packing, products.
import type { Activation } from "../../network/network.ts";
import { LEAKY_SLOPE } from "../../network/network.ts";
import {
  doWhile,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type NewLocal,
  type Statement,
  type V128,
  v128,
  when,
} from "./assembler.ts";
import { advance, each, least, number, several, sum, times } from "./loops.ts";

const FLOAT = 4;
const VECTOR = 16; //          bytes
const ROWS = 4; //             of a tile
const LANES = 8; //            columns of a tile: two vectors
const PANEL_TERM = LANES * FLOAT;
const UNROLL = 4;
const MAX_TERMS = 256; //      of a panel: 8 KiB, which stay in the first-level cache
const BLOCK_BYTES = 1 << 16; // of the other side, kept in the second-level cache

/** Scratch of one thread: the panel, then a packed block of the other side. */
export const PANEL_BYTES = MAX_TERMS * PANEL_TERM;
export const PRODUCT_SCRATCH = PANEL_BYTES + BLOCK_BYTES;

/** As an i32 argument, the activation to fuse into a product; tanh and sigmoid are a pass of their own (pointwise.ts). */
export const FUSED: Record<Activation, number> = { identity: 0, relu: 1, "leaky-relu": 2, tanh: 3, sigmoid: 4 };

type Sums = readonly (readonly [Local<"v128">, Local<"v128">])[]; // [row of the tile][vector]

const sumsOf = (local: NewLocal): Sums => Array.from({ length: ROWS }, () => [local("v128"), local("v128")] as const);

/**
 * sums[r] += x[r]·panel over the terms of a panel from `p` to `end`. The numbers of row r lie at rows[r] + term·step.
 * Moves `p` and `rows` on.
 */
function addTerms(
  local: NewLocal,
  sums: Sums,
  rows: readonly (readonly [Local<"i32">, number])[],
  step: number,
  p: Local<"i32">,
  end: I32,
): Statement[] {
  const [x, left, right] = several(local, "v128", 3);
  const whole = local("i32");
  const pointers = [...new Set(rows.map(([pointer]) => pointer))];
  const terms = (count: number): Statement[] => [
    ...Array.from({ length: count }, (_, t) => [
      left.set(v128.load(p, t * PANEL_TERM)),
      right.set(v128.load(p, t * PANEL_TERM + VECTOR)),
      ...rows.flatMap(([pointer, offset], r) => [
        x.set(v128.load32Splat(pointer, offset + t * step)),
        sums[r]![0].set(f32x4.add(sums[r]![0], f32x4.mul(x, left))),
        sums[r]![1].set(f32x4.add(sums[r]![1], f32x4.mul(x, right))),
      ]),
    ]).flat(),
    ...pointers.map((pointer) => advance(pointer, number(count * step))),
    advance(p, number(count * PANEL_TERM)),
  ];
  return [
    whole.set(i32.sub(end, number((UNROLL - 1) * PANEL_TERM))),
    when(i32.ltU(p, whole), [doWhile(terms(UNROLL), i32.ltU(p, whole))]),
    when(i32.ltU(p, end), [doWhile(terms(1), i32.ltU(p, end))]),
  ];
}

/** Rows of four vectors become columns: out[i] lane j = in[j] lane i. */
function transpose(local: NewLocal, v: readonly V128[], out: readonly Local<"v128">[]): Statement[] {
  const [a, b, c, d] = several(local, "v128", 4);
  const low = [0, 4, 1, 5] as const;
  const high = [2, 6, 3, 7] as const;
  return [
    a.set(v128.shuffle32(v[0]!, v[2]!, low)),
    b.set(v128.shuffle32(v[1]!, v[3]!, low)),
    c.set(v128.shuffle32(v[0]!, v[2]!, high)),
    d.set(v128.shuffle32(v[1]!, v[3]!, high)),
    out[0]!.set(v128.shuffle32(a, b, low)),
    out[1]!.set(v128.shuffle32(a, b, high)),
    out[2]!.set(v128.shuffle32(c, d, low)),
    out[3]!.set(v128.shuffle32(c, d, high)),
  ];
}

const relu = (z: V128): V128 => f32x4.pmax(z, v128.zero); // z < 0 ? 0 : z; a finished sum is never −0, and NaN stays
const leaky = (z: V128): V128 => v128.bitselect(z, f32x4.mul(f32x4.splat(LEAKY_SLOPE), z), f32x4.gt(z, v128.zero));

/** Clamped pointers to `count` rows from row `first` of a matrix: a row past the last is the last again, worked out twice alike. */
const clampRows = (pointers: readonly Local<"i32">[], base: I32, first: I32, rows: I32, stride: I32): Statement[] =>
  pointers.map((pointer, r) =>
    pointer.set(sum(base, times(least(sum(first, number(r)), i32.sub(rows, number(1))), stride))),
  );

export function defineProducts(module: ModuleBuilder): void {
  /** panel[t] = 8 floats of row t of a matrix, t < terms. */
  const packColumns = module.define("packColumns", ["i32", "i32", "i32", "i32"], (_local, panel, end, from, stride) => [
    doWhile(
      [
        v128.store(panel, v128.load(from)),
        v128.store(panel, v128.load(from, VECTOR), VECTOR),
        advance(panel, number(PANEL_TERM)),
        advance(from, stride),
      ],
      i32.ltU(panel, end),
    ),
  ]);

  /** panel[t][j] = element t of row first + j, j < 8, whole vectors of t at a time; rows past the last repeat it. */
  const packRows = module.define(
    "packRows",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (local, panel, end, from, stride, first, rows) => {
      const pointers = several(local, "i32", LANES);
      const columns = several(local, "v128", 4);
      return [
        ...clampRows(pointers, from, first, rows, stride),
        doWhile(
          [
            ...[0, 1].flatMap((half) => [
              ...transpose(
                local,
                pointers.slice(4 * half, 4 * half + 4).map((pointer) => v128.load(pointer)),
                columns,
              ),
              ...columns.map((column, t) => v128.store(panel, column, t * PANEL_TERM + half * VECTOR)),
            ]),
            ...pointers.map((pointer) => advance(pointer, number(VECTOR))),
            advance(panel, number(4 * PANEL_TERM)),
          ],
          i32.ltU(panel, end),
        ),
      ];
    },
  );

  // output = σ(input·W + b): the panel is 8 columns of W, the rows are the batch
  module.define(
    "dense",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (local, output, outputStride, rows, input, inputStride, terms, W, WStride, columns, b, activation, scratch) => {
      const [t0, count, n, end, m, p] = several(local, "i32", 6);
      const out = several(local, "i32", ROWS);
      const x = several(local, "i32", ROWS);
      const sums = sumsOf(local);
      const bias = several(local, "v128", 2);
      const eachSum = (change: (value: Local<"v128">, v: 0 | 1, r: number) => Statement) =>
        sums.flatMap((row, r) => [change(row[0], 0, r), change(row[1], 1, r)]);
      const tile = [
        ...clampRows(out, sum(output, n), m, rows, outputStride),
        ...clampRows(x, sum(input, times(t0, number(FLOAT))), m, rows, inputStride),
        p.set(scratch),
        when(
          i32.eqz(t0),
          eachSum((s) => s.set(v128.zero)),
          eachSum((s, v, r) => s.set(v128.load(out[r]!, v * VECTOR))),
        ),
        ...addTerms(
          local,
          sums,
          x.map((pointer) => [pointer, 0] as const),
          FLOAT,
          p,
          end,
        ),
        when(i32.eq(sum(t0, count), terms), [
          bias[0]!.set(v128.load(sum(b, n))),
          bias[1]!.set(v128.load(sum(b, n), VECTOR)),
          ...eachSum((s, v) => s.set(f32x4.add(s, bias[v]!))),
          when(
            i32.eq(activation, number(FUSED.relu)),
            eachSum((s) => s.set(relu(s))),
          ),
          when(
            i32.eq(activation, number(FUSED["leaky-relu"])),
            eachSum((s) => s.set(leaky(s))),
          ),
        ]),
        ...eachSum((s, v, r) => v128.store(out[r]!, s, v * VECTOR)),
      ];
      return each(t0, number(0), terms, number(MAX_TERMS), [
        count.set(least(number(MAX_TERMS), i32.sub(terms, t0))),
        end.set(sum(scratch, times(count, number(PANEL_TERM)))),
        ...each(n, number(0), times(columns, number(FLOAT)), number(PANEL_TERM), [
          packColumns(scratch, end, sum(W, times(t0, WStride), n), WStride),
          ...each(m, number(0), rows, number(ROWS), tile),
        ]),
      ]);
    },
  );

  // below = (δ·Wᵀ) ⊙ σ′: the panel is 8 rows of δ, the rows are those of W; lanes are examples, so a tile is turned at its end
  module.define(
    "backpropagate",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (local, below, output, belowStride, rows, delta, deltaStride, terms, W, WStride, inputs, activation, scratch) => {
      const [t0, count, k0, kEnd, i, end, k, p] = several(local, "i32", 8);
      const out = several(local, "i32", LANES);
      const w = several(local, "i32", ROWS);
      const sums = sumsOf(local);
      const turned = several(local, "v128", LANES);
      const a = local("v128");
      const toOutput = local("i32");
      const half = (v: 0 | 1) => [turned.slice(4 * v, 4 * v + 4), sums.map((row) => row[v])] as const;
      const at = (j: number) => sum(out[j]!, times(k, number(FLOAT)));
      const finish = (name: Activation, derive: (s: V128) => V128) =>
        when(
          i32.eq(activation, number(FUSED[name])),
          turned.flatMap((s, j) => [a.set(v128.load(sum(at(j), toOutput))), s.set(derive(s))]),
        );
      const one = f32x4.splat(1);
      const positive = f32x4.gt(a, v128.zero);
      const tile = [
        ...w.map((pointer, r) => pointer.set(sum(W, times(sum(k, number(r)), WStride), times(t0, number(FLOAT))))),
        p.set(scratch),
        when(
          i32.eqz(t0),
          sums.flatMap((row) => row.map((s) => s.set(v128.zero))),
          [0, 1].flatMap((v) => {
            const [rowsOf, columns] = half(v as 0 | 1);
            return transpose(
              local,
              rowsOf.map((_, j) => v128.load(at(4 * v + j))),
              columns,
            );
          }),
        ),
        ...addTerms(
          local,
          sums,
          w.map((pointer) => [pointer, 0] as const),
          FLOAT,
          p,
          end,
        ),
        ...[0, 1].flatMap((v) => {
          const [rowsOf, columns] = half(v as 0 | 1);
          return transpose(local, columns, rowsOf);
        }),
        when(i32.eq(sum(t0, count), terms), [
          finish("relu", (s) => v128.and(s, positive)),
          finish("leaky-relu", (s) => v128.bitselect(s, f32x4.mul(f32x4.splat(LEAKY_SLOPE), s), positive)),
          finish("tanh", (s) => f32x4.mul(s, f32x4.sub(one, f32x4.mul(a, a)))),
          finish("sigmoid", (s) => f32x4.mul(s, f32x4.mul(a, f32x4.sub(one, a)))),
        ]),
        ...turned.map((s, j) => v128.store(at(j), s)),
      ];
      return [
        toOutput.set(i32.sub(output, below)),
        ...each(t0, number(0), terms, number(MAX_TERMS), [
          count.set(least(number(MAX_TERMS), i32.sub(terms, t0))),
          end.set(sum(scratch, times(count, number(PANEL_TERM)))),
          ...each(k0, number(0), inputs, number(BLOCK_BYTES / FLOAT / MAX_TERMS), [
            kEnd.set(least(sum(k0, number(BLOCK_BYTES / FLOAT / MAX_TERMS)), inputs)),
            ...each(i, number(0), rows, number(LANES), [
              packRows(scratch, end, sum(delta, times(t0, number(FLOAT))), deltaStride, i, rows),
              ...clampRows(out, below, i, rows, belowStride),
              ...each(k, k0, kEnd, number(ROWS), tile),
            ]),
          ]),
        ]),
      ];
    },
  );

  // dW = inputᵀ·δ·share: the panel is 8 columns of δ, the rows are columns of input, packed into panels of 8 as well
  module.define(
    "weightGradient",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32", "i32"],
    (local, dW, dWStride, inputs, columns, input, inputStride, delta, deltaStride, terms, share, scratch) => {
      const [t0, count, end, block, k0, blockRows, kEnd, n, k, x, p, length] = several(local, "i32", 12);
      const out = several(local, "i32", ROWS);
      const sums = sumsOf(local);
      const each8 = (change: (value: Local<"v128">, v: number, r: number) => Statement) =>
        sums.flatMap((row, r) => row.map((s, v) => change(s, v, r)));
      const eight = number(LANES);
      const tile = [
        ...out.map((pointer, r) => pointer.set(sum(dW, times(sum(k, number(r)), dWStride), n))),
        x.set(
          sum(
            block,
            times(i32.and(i32.sub(k, k0), number(-LANES)), times(count, number(FLOAT))),
            times(i32.and(k, number(ROWS)), number(FLOAT)),
          ),
        ),
        p.set(scratch),
        when(
          i32.eqz(t0),
          each8((s) => s.set(v128.zero)),
          each8((s, v, r) => s.set(v128.load(out[r]!, v * VECTOR))),
        ),
        ...addTerms(
          local,
          sums,
          out.map((_, r) => [x, r * FLOAT] as const),
          PANEL_TERM,
          p,
          end,
        ),
        when(
          i32.eq(sum(t0, count), terms),
          each8((s) => s.set(f32x4.mul(s, f32x4.splatOf(share)))),
        ),
        ...each8((s, v, r) => v128.store(out[r]!, s, v * VECTOR)),
      ];
      return [
        block.set(sum(scratch, number(PANEL_BYTES))),
        ...each(t0, number(0), terms, number(MAX_TERMS), [
          count.set(least(number(MAX_TERMS), i32.sub(terms, t0))),
          length.set(times(count, number(PANEL_TERM))),
          end.set(sum(scratch, length)),
          blockRows.set(times(i32.divU(number(BLOCK_BYTES), length), eight)),
          ...each(k0, number(0), inputs, blockRows, [
            kEnd.set(least(sum(k0, blockRows), inputs)),
            x.set(block),
            ...each(k, k0, kEnd, eight, [
              packColumns(x, sum(x, length), sum(input, times(t0, inputStride), times(k, number(FLOAT))), inputStride),
              advance(x, length),
            ]),
            ...each(n, number(0), times(columns, number(FLOAT)), number(PANEL_TERM), [
              packColumns(scratch, end, sum(delta, times(t0, deltaStride), n), deltaStride),
              ...each(k, k0, kEnd, number(ROWS), tile),
            ]),
          ]),
        ]),
      ];
    },
  );
}
