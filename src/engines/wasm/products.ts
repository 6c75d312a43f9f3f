// The three matrix products of the note as WebAssembly, from the micro-kernel of tile.ts and the copies of packing.ts.
//
// 1. Naive. Every product is C[M×N] = A[M×K]·B[K×N] under other names:
//
//      for (let i = 0; i < M; i++)
//        for (let j = 0; j < N; j++) {
//          let sum = 0;
//          for (let k = 0; k < K; k++) sum += A[i][k] * B[k][j];
//          C[i][j] = epilogue(sum);
//        }
//
//                            C               A                  B          epilogue
//      E9   dense            output [B×O]    input [B×I]        W [I×O]    σ(sum + b)
//      E17  backpropagate    below [B×I]     δ [B×O]            Wᵀ [O×I]   sum ⊙ σ′
//      E37  weightGradient   ∇W [I×O]        inputᵀ [I×B]       δ [B×O]    sum / B, or W − η(∇W + λW)
//
// 2. Blocked. A micro-tile, MR × NR elements of C, stays in registers while k runs: a loaded element of A takes part in
//    NR products, one of B in MR. Blocks of at most MC rows and KC terms keep what is read often in a cache; between
//    two blocks of terms the unfinished sums wait in C.
//
//      for (i0 of M in steps of MC)                               NR
//        for (k0 of K in steps of KC)                          ┌──────┐
//          for (j of N in steps of NR)                      KC │  B   │    a panel of B, 16 KiB: first-level cache
//            for (i of this MC in steps of MR)                 │      │
//              micro-kernel:                         KC        └──────┘
//                sums += A[i…][k0…]·B[k0…][j…]    ┌──────┐     ┌──────┐
//                                              MR │  A   │  MR │  C   │    a micro-tile: MR·NR sums in registers
//                                                 ├──────┤     └──────┘
//                                              MC ┆      ┆                 a block of A, 256 KiB: second-level cache
//
// 3. Packed, as below. Each block of A is copied to [tile][KC][MR], each panel of B to [KC][NR]: the micro-kernel reads
//    both as streams. Panels are packed in pairs, a cache line of B's rows at a time (NC = 2·NR).
//
// All three add the terms of an element in index order, each in a sum of its own that starts at +0, so they give the
// same bits. Rows are cut into micro-tiles whose heights differ by at most one. Sizes are arguments of the functions:
// one module serves every network. Addresses and strides are bytes, all else counts elements.
import { type Activation, LEAKY_SLOPE } from "../../network/network.ts";
import { f32x4, type I32, i32, type ModuleBuilder, type Statement, type V128, v128, when } from "./assembler.ts";
import { advance, each, i32s, least, number, several, sum, times } from "./loops.ts";
import { definePacking, KC, PANEL_BYTES, type Pack, SLACK } from "./packing.ts";
import { SPARSE_SCRATCH, type SparseProduct, sparseProducts } from "./sparse-products.ts";
import {
  defineMicroKernel,
  type Epilogue,
  eachSum,
  FLOAT,
  type MicroTiles,
  MR,
  PANEL_ROW,
  type Unroll,
  VECTOR,
} from "./tile.ts";

const PACKED_A_BYTES = 1 << 18; // MC·KC floats: they stay in the second-level cache while every panel of B passes
const PAIR = number(2 * PANEL_ROW); // bytes of NC = 2·NR columns: one cache line

/** Scratch of one thread: two panels of B, packed A, and last the scalars of a weight gradient. */
export const PRODUCT_SCRATCH = Math.max(2 * PANEL_BYTES + PACKED_A_BYTES + SLACK, SPARSE_SCRATCH) + SLACK;
export const SCALARS_AT = PRODUCT_SCRATCH - 16;
/** Bytes from SCALARS_AT to each float, and to what sparse-products.ts says. */
export const SCALAR = { inverseB: 0, rate: 4, decay: 8, status: 12 } as const;

/** The activations of products, as i32; forward tanh and sigmoid are a pass of their own (pointwise.ts). */
export const FUSED = { identity: 0, relu: 1, "leaky-relu": 2, tanh: 3, sigmoid: 4 } as const;
/** What a product does for an activation: nothing for those of smooth.ts. */
export const fusedAs = (activation: Activation): number =>
  activation in FUSED ? FUSED[activation as keyof typeof FUSED] : FUSED.identity;

const zero = v128.zero;

// Constants come as locals: V8's pairing of vectors (docs/performance.md) gives up on a splat that is written twice.

/** σ(z) where it is fused: X1, X2. z < 0 ? 0 : z does for ReLU, as a finished sum is never −0; NaN stays NaN. */
const ACTIVATE: Partial<Record<Activation, (z: V128, slope: V128) => V128>> = {
  relu: (z) => f32x4.pmax(z, zero),
  "leaky-relu": (z, slope) => v128.bitselect(z, f32x4.mul(slope, z), f32x4.gt(z, zero)),
};

/** s·σ′ from a = σ(z): X1 … X4. σ′(0) = 0 for ReLU. */
const BACK: Partial<Record<Activation, (s: V128, a: V128, slope: V128, one: V128) => V128>> = {
  relu: (s, a) => v128.and(s, f32x4.gt(a, zero)),
  "leaky-relu": (s, a, slope) => v128.bitselect(s, f32x4.mul(slope, s), f32x4.gt(a, zero)),
  tanh: (s, a, _, one) => f32x4.mul(s, f32x4.sub(one, f32x4.mul(a, a))),
  sigmoid: (s, a, _, one) => f32x4.mul(s, f32x4.mul(a, f32x4.sub(one, a))),
};

const ifActivation = (activation: I32, name: string, then: readonly Statement[]): Statement =>
  when(i32.eq(activation, number(fusedAs(name as Activation))), then);

/** E9: σ(s + b). `bias`: address of b at the micro-tile's first column. */
const biasAndActivation: Epilogue = (local, sums, _c, bias, activation) => {
  const b = sums[0]!.map(() => local("v128"));
  const slope = local("v128");
  return [
    slope.set(f32x4.splat(LEAKY_SLOPE)),
    ...b.map((value, v) => value.set(v128.load(bias, v * VECTOR))),
    ...eachSum(sums, (s, v) => s.set(f32x4.add(s, b[v]!))),
    ...Object.entries(ACTIVATE).map(([name, activate]) =>
      ifActivation(
        activation,
        name,
        eachSum(sums, (s) => s.set(activate(s, slope))),
      ),
    ),
  ];
};

/** E17: s ⊙ σ′. `toOutput`: bytes from C to a = σ(z) of the layer below. */
const timesSlope: Epilogue = (local, sums, c, toOutput, activation) => {
  const at = local("i32");
  const [slope, one] = several(local, "v128", 2);
  return [
    slope.set(f32x4.splat(LEAKY_SLOPE)),
    one.set(f32x4.splat(1)),
    ...Object.entries(BACK).map(([name, back]) =>
      ifActivation(
        activation,
        name,
        c.flatMap((row, r) => [
          at.set(sum(row, toOutput)),
          ...sums[r]!.map((s, v) => s.set(back(s, v128.load(at, v * VECTOR), slope, one))),
        ]),
      ),
    ),
  ];
};

/**
 * E37: s·(1/B). If `toW` (bytes from ∇W to W) is not 0, store W ← W − rate·(∇W + decay·W) in W (X10), and no ∇W.
 * `scalars`: address of 1/B, rate and decay.
 */
const meanAndUpdate: Epilogue = (local, sums, c, toW, scalars) => {
  const [inverseB, old] = several(local, "v128", 2);
  const rate = v128.load32Splat(scalars, SCALAR.rate);
  const decay = v128.load32Splat(scalars, SCALAR.decay);
  return [
    inverseB.set(v128.load32Splat(scalars, SCALAR.inverseB)),
    ...eachSum(sums, (s) => s.set(f32x4.mul(s, inverseB))),
    when(toW, [
      ...c.map((row) => advance(row, toW)),
      ...eachSum(sums, (s, v, r) => [
        old.set(v128.load(c[r]!, v * VECTOR)),
        s.set(f32x4.sub(old, f32x4.mul(rate, f32x4.add(s, f32x4.mul(decay, old))))),
      ]),
    ]),
  ];
};

/**
 * How a product finds and packs its operands, and how it ends. A `column` is given as bytes from the start of a row.
 */
type Product = {
  readonly packA: Pack;
  readonly aAt: (a: I32, stride: I32, row: I32, k: I32) => I32; //    address of A[row][k]
  readonly packB: Pack;
  readonly bAt: (b: I32, stride: I32, column: I32, k: I32) => I32; // address of B[k][column]
  readonly epilogue: Epilogue;
  readonly epilogueAt: (first: I32, column: I32) => I32; //           the epilogue's first argument at a column of C
};

/** Define the product `name`, which leaves out terms of ±0 where that pays. */
function defineEither(
  module: ModuleBuilder,
  sparse: ReturnType<typeof sparseProducts>,
  name: string,
  unroll: Unroll,
  product: Product & Pick<SparseProduct, "transposed">,
): void {
  const some = sparse(name, product);
  const all = defineProduct(module, `${name}Dense`, unroll, product);
  module.define(name, i32s(13), (_local, ...args) => {
    const status = sum(args[11], number(SCALARS_AT + SCALAR.status));
    return [some(...args, status), when(i32.eqz(i32.load(status)), [all(...args)])];
  });
}

/** Address of element (row, column) of a matrix. */
const element = (base: I32, stride: I32, row: I32, column: I32): I32 => sum(base, times(row, stride), column);

export function defineProducts(module: ModuleBuilder, unroll: Unroll): void {
  const sparse = sparseProducts(module);
  const { packRows, packColumns, packPanels, packPanelsTransposed } = definePacking(module);
  const rowsOf: Product["aAt"] = (a, stride, row, k) => element(a, stride, row, times(k, FLOAT));
  const columnsOf: Product["bAt"] = (b, stride, column, k) => element(b, stride, k, column);
  // E9: output = σ(input·W + b)
  defineEither(module, sparse, "dense", unroll, {
    transposed: false,
    packA: packRows,
    aAt: rowsOf,
    packB: packPanels,
    bAt: columnsOf,
    epilogue: biasAndActivation,
    epilogueAt: (bias, column) => sum(bias, column),
  });
  // E17 and X15: below = (δ·Wᵀ) ⊙ σ′; a column of Wᵀ is a row of W
  defineProduct(module, "backpropagate", unroll, {
    packA: packRows,
    aAt: rowsOf,
    packB: packPanelsTransposed,
    bAt: (W, stride, column, k) => element(W, stride, i32.shrU(column, number(2)), times(k, FLOAT)),
    epilogue: timesSlope,
    epilogueAt: (toOutput) => toOutput,
  });
  // E37: ∇W = inputᵀ·δ / B; a row of inputᵀ is a column of input
  defineEither(module, sparse, "weightGradient", unroll, {
    transposed: true,
    packA: packColumns,
    aAt: (input, stride, row, k) => element(input, stride, k, times(row, FLOAT)),
    packB: packPanels,
    bAt: columnsOf,
    epilogue: meanAndUpdate,
    epilogueAt: (toW) => toW,
  });
}

/**
 * The exported function of a product. Addresses and strides in bytes; the epilogues name and explain their arguments.
 */
export type ProductFunction = (
  c: number,
  cStride: number,
  M: number,
  N: number,
  K: number,
  a: number,
  aStride: number,
  b: number,
  bStride: number,
  epilogueFirst: number,
  epilogueSecond: number,
  scratch: number,
  adds: 0 | 1, // whether c holds the sums of earlier terms
) => void;

/** Define C = epilogue(A·B): step 3 of the banner, in its order of loops. */
function defineProduct(module: ModuleBuilder, name: string, unroll: Unroll, product: Product) {
  const tallest = MR[unroll];
  const microKernels = Array.from({ length: tallest }, (_, r) =>
    defineMicroKernel(module, name, r + 1, unroll, product.epilogue),
  );
  const runMicroTiles = (height: I32, tiles: MicroTiles) =>
    when(
      tiles.tiles,
      microKernels.map((microKernel, r) => when(i32.eq(height, number(r + 1)), [microKernel(tiles)])),
    );
  return module.define(
    name,
    i32s(13),
    (local, c, cStride, M, N, K, a, aStride, b, bStride, epilogueFirst, epilogueSecond, scratch, adds) => {
      const [i0, mc, row, k0, kc, terms, j0, j, panel] = several(local, "i32", 9);
      const [height, tiles, tallTiles, tileHeight, tile, packedA] = several(local, "i32", 6);
      const rows = row; // of the block: the same local, as `row` is set after the last use of `rows`
      const tallHeight = tileHeight; // likewise
      const rowBytes = times(N, FLOAT);
      const packedBlock = sum(scratch, number(2 * PANEL_BYTES)); // [tile][terms][height], behind the two panels

      /** `count` micro-tiles of a height at column j, whose packed A and first row are given. */
      const column = (height: I32, count: I32, packedA: I32, row: I32) =>
        runMicroTiles(height, {
          packedA,
          panel,
          panelEnd: sum(panel, times(terms, number(PANEL_ROW))),
          tiles: count,
          c: element(c, cStride, row, j),
          cStride,
          accumulate: sum(k0, adds), // k0 is not 0 after the first block of terms
          last: i32.eq(sum(k0, terms), K),
          epilogue: [product.epilogueAt(epilogueFirst, j), epilogueSecond],
        });

      /** Pack A[i0 … i0 + rows][k0 … k0 + terms], micro-tile after micro-tile. */
      const packBlock = [
        packedA.set(packedBlock),
        row.set(i0),
        ...each(tile, number(0), tiles, number(1), [
          tileHeight.set(sum(height, i32.ltU(tile, tallTiles))),
          product.packA(packedA, terms, product.aAt(a, aStride, row, k0), aStride, tileHeight),
          advance(packedA, times(terms, times(tileHeight, FLOAT))),
          advance(row, tileHeight),
        ]),
      ];

      /** For each pair of panels of B, for each of the two: the taller micro-tiles of the block, then the others. */
      const multiplyBlock = [
        tallHeight.set(sum(height, number(1))),
        row.set(sum(i0, times(tallTiles, tallHeight))), // where the others begin, in C and in packed A
        packedA.set(sum(packedBlock, times(tallTiles, times(terms, times(tallHeight, FLOAT))))),
        ...each(j0, number(0), rowBytes, PAIR, [
          product.packB(scratch, terms, product.bAt(b, bStride, j0, k0), bStride),
          panel.set(scratch),
          ...each(j, j0, least(sum(j0, PAIR), rowBytes), number(PANEL_ROW), [
            column(tallHeight, tallTiles, packedBlock, i0),
            column(height, i32.sub(tiles, tallTiles), packedA, row),
            panel.set(sum(scratch, number(PANEL_BYTES))),
          ]),
        ]),
      ];

      return [
        kc.set(i32.and(sum(evenly(K, number(KC)), number(7)), number(-8))), // a multiple of every unroll factor
        mc.set(evenly(M, i32.divU(number(PACKED_A_BYTES / 4), kc))),
        ...each(i0, number(0), M, mc, [
          rows.set(least(mc, i32.sub(M, i0))),
          tiles.set(i32.divU(sum(rows, number(tallest - 1)), number(tallest))),
          height.set(i32.divU(rows, tiles)),
          tallTiles.set(i32.sub(rows, times(height, tiles))), // the first `tallTiles` micro-tiles have height + 1 rows
          ...each(k0, number(0), K, kc, [terms.set(least(kc, i32.sub(K, k0))), ...packBlock, ...multiplyBlock]),
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
