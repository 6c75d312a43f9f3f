// The micro-kernel that all three products share (naive, blocked and packed forms at the head of products.ts): up to 5
// × 8 sums in registers, each in a vector lane of its own, terms added in ascending order, product rounded and then sum
// rounded. A micro-tile reads packed A [K][height] and a packed panel of B [K][NR]. Sizes and addresses are bytes or
// i32.
import {
  doWhile,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type NewLocal,
  type Statement,
  v128,
  when,
} from "./assembler.ts";
import { advance, i32s, number, several, sum, whileBelow } from "./loops.ts";

export const FLOAT = number(4);
export const VECTOR = 16; //       bytes
export const NR = 8; //            columns of a micro-tile: two vectors
export const PANEL_ROW = NR * 4; // bytes of one term of a panel of B

/**
 * Unroll factor of the loop over k: 8 in V8 13.6 and 14 (Node 24, 26). V8 12 (Node 22) moves all loads to the start of
 * an iteration and runs out of registers in long ones.
 */
export type Unroll = 1 | 8;

/**
 * Rows of the tallest micro-tile. With 5, 10 sums, 2 vectors of B, a splat of A and a product fit the 15 vector
 * registers that V8 allocates; V8 12 does best with 3.
 */
export const MR: Record<Unroll, number> = { 1: 3, 8: 5 };

export type Sums = readonly (readonly Local<"v128">[])[]; // [row of the micro-tile][vector]

/** Statements for each vector v of each row r of the micro-tile. */
export const eachSum = (
  sums: Sums,
  make: (value: Local<"v128">, v: number, r: number) => Statement | readonly Statement[],
): readonly Statement[] => sums.flatMap((row, r) => row.flatMap((value, v) => make(value, v, r)));

/** sums[r] += A[r][k]·B[k] for the panel's terms from `p` to `end`. Advances `p` and the pointers into A. */
function addTerms(
  local: NewLocal,
  sums: readonly (readonly [Local<"v128">, Local<"v128">])[],
  rows: readonly Local<"i32">[],
  p: Local<"i32">,
  end: I32,
  unroll: Unroll,
): Statement[] {
  const [x, left, right] = several(local, "v128", 3);
  const lastWhole = local("i32");
  const step = 4 * rows.length;
  const terms = (count: number): Statement[] => [
    ...Array.from({ length: count }, (_, t) => [
      left.set(v128.load(p, t * PANEL_ROW)),
      ...rows.flatMap((row, r) => [
        x.set(v128.load32Splat(row, t * step)), // one offset for all rows: V8 adds it once a term, not once a load
        sums[r]![0].set(f32x4.add(sums[r]![0], f32x4.mul(x, left))),
        r === 0 ? [right.set(v128.load(p, t * PANEL_ROW + VECTOR))] : [], // loaded late: keeps one register free
        sums[r]![1].set(f32x4.add(sums[r]![1], f32x4.mul(x, right))),
      ]),
    ]).flat(2),
    ...rows.map((row) => advance(row, number(count * step))),
    advance(p, number(count * PANEL_ROW)),
  ];
  return [
    lastWhole.set(i32.sub(end, number((unroll - 1) * PANEL_ROW))),
    ...whileBelow(p, lastWhole, terms(unroll)),
    ...(unroll > 1 ? whileBelow(p, end, terms(1)) : []),
  ];
}

/** Pointers to consecutive rows, the first at `start`. */
export const stepRows = (pointers: readonly Local<"i32">[], start: I32, stride: I32): Statement[] =>
  pointers.map((pointer, r) => pointer.set(r === 0 ? start : sum(pointers[r - 1]!, stride)));

/**
 * Applied to finished sums before they are stored: row r of the micro-tile goes to c[r]. Each epilogue names its two
 * arguments itself.
 */
export type Epilogue = (
  local: NewLocal,
  sums: Sums,
  c: readonly Local<"i32">[],
  ...args: readonly [Local<"i32">, Local<"i32">]
) => readonly Statement[];

/** A column of micro-tiles of one height over one panel of B. */
export type MicroTiles = {
  readonly packedA: I32; //    [tile][k][height]
  readonly panel: I32; //      packed B [k][NR]
  readonly panelEnd: I32;
  readonly c: I32; //          the first sum
  readonly cStride: I32; //    from row to row
  readonly tiles: I32; //      at least one
  readonly accumulate: I32; // whether c holds the sums of earlier terms
  readonly last: I32; //       whether these are the last terms: then the epilogue follows
  readonly epilogue: readonly [I32, I32];
};

/**
 * Define the micro-kernel of a height, with the loop over the micro-tiles of a column around it: as a function of its
 * own, so that V8 keeps its few pointers in registers. Returns how to call it.
 */
export function defineMicroKernel(
  module: ModuleBuilder,
  product: string,
  height: number,
  unroll: Unroll,
  epilogue: Epilogue,
): (tiles: MicroTiles) => Statement {
  const run = module.define(
    `${product}MicroKernel${height}`,
    i32s(10),
    (local, packedA, panel, panelEnd, c, cStride, tiles, accumulate, last, ...epilogueArgs) => {
      const sums = Array.from({ length: height }, () => [local("v128"), local("v128")] as const);
      const rowsOfA = Array.from({ length: height }, () => local("i32"));
      const rowsOfC = Array.from({ length: height }, () => local("i32"));
      const p = local("i32");
      const loadSums = eachSum(sums, (s, v, r) => s.set(v128.load(rowsOfC[r]!, v * VECTOR)));
      return [
        doWhile(
          [
            ...stepRows(rowsOfA, packedA, FLOAT),
            p.set(panel),
            when(
              accumulate,
              [...stepRows(rowsOfC, c, cStride), ...loadSums],
              eachSum(sums, (s) => s.set(v128.zero)),
            ),
            ...addTerms(local, sums, rowsOfA, p, panelEnd, unroll),
            packedA.set(rowsOfA[0]!),
            ...stepRows(rowsOfC, c, cStride),
            c.set(sum(rowsOfC.at(-1)!, cStride)),
            when(last, epilogue(local, sums, rowsOfC, ...epilogueArgs)),
            ...eachSum(sums, (s, v, r) => v128.store(rowsOfC[r]!, s, v * VECTOR)),
          ],
          tiles.tee(i32.sub(tiles, number(1))),
        ),
      ];
    },
  );
  return (t) =>
    run(t.packedA, t.panel, t.panelEnd, t.c, t.cStride, t.tiles, t.accumulate, t.last, t.epilogue[0], t.epilogue[1]);
}
