// The register tile that all three products share: 4 × 8 sums, each in a vector lane of its own, terms added in ascending order,
// product rounded and then sum rounded. One side is a panel of 8 columns packed term by term, the other is read one number at a
// time. Also how panels are packed and how a matrix without whole tiles is walked. Knows no product; all sizes are bytes or i32.
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
import { advance, least, number, several, sum, times, whileBelow } from "./loops.ts";

export const FLOAT = number(4);
export const VECTOR = 16; //     bytes
export const ROWS = 4; //        of a tile: with two vectors a row its 8 sums, 2 loads and 2 products fit 16 registers
export const LANES = 8; //       columns of a tile
export const MAX_TERMS = 512; // of a panel
export const TERM_BYTES = LANES * 4;
export const PANEL_BYTES = MAX_TERMS * TERM_BYTES; // 16 KiB: the one in use stays in the first-level cache

/**
 * Terms a turn of the tile's loop. Of 1, 2, 4 and 8, eight is fastest in V8 13.6 and 14 (Node 24, 26); V8 12 (Node 22) runs out of
 * registers in a long loop and keeps half its speed there.
 */
export type Unroll = 1 | 8;
const LONGEST: Unroll = 8;

export type Sums = readonly (readonly [Local<"v128">, Local<"v128">])[]; // [row of the tile][vector]

export const newSums = (local: NewLocal): Sums =>
  Array.from({ length: ROWS }, () => [local("v128"), local("v128")] as const);

/** Statements for each vector v of each row r of the tile. */
export const eachSum = (
  sums: Sums,
  make: (value: Local<"v128">, v: 0 | 1, r: number) => Statement | readonly Statement[],
): readonly Statement[] => sums.flatMap((row, r) => [make(row[0], 0, r), make(row[1], 1, r)].flat());

/** Where the numbers of a tile's row r lie: at pointer + offset, and `step` bytes on for each term. */
export type Row = readonly [pointer: Local<"i32">, offset: number];

/** sums[r] += row r · panel, over the panel's terms from `p` to `end`. Moves `p` and the rows' pointers on. */
export function addTerms(
  local: NewLocal,
  sums: Sums,
  rows: readonly Row[],
  step: number,
  p: Local<"i32">,
  end: I32,
  unroll: Unroll,
): Statement[] {
  const [x, left, right] = several(local, "v128", 3);
  const whole = local("i32");
  const pointers = [...new Set(rows.map(([pointer]) => pointer))];
  const terms = (count: number): Statement[] => [
    ...Array.from({ length: count }, (_, t) => [
      left.set(v128.load(p, t * TERM_BYTES)),
      ...rows.flatMap(([pointer, offset], r) => [
        x.set(v128.load32Splat(pointer, offset + t * step)),
        sums[r]![0].set(f32x4.add(sums[r]![0], f32x4.mul(x, left))),
        ...(r === 0 ? [right.set(v128.load(p, t * TERM_BYTES + VECTOR))] : []), // not before: it pays in registers
        sums[r]![1].set(f32x4.add(sums[r]![1], f32x4.mul(x, right))),
      ]),
    ]).flat(),
    ...pointers.map((pointer) => advance(pointer, number(count * step))),
    advance(p, number(count * TERM_BYTES)),
  ];
  return [
    whole.set(i32.sub(end, number((unroll - 1) * TERM_BYTES))),
    ...whileBelow(p, whole, terms(unroll)),
    ...(unroll > 1 ? whileBelow(p, end, terms(1)) : []),
  ];
}

/** Sums start at +0 for the first terms of a product, and where they were left for later ones. */
export const startSums = (sums: Sums, t0: I32, out: readonly Local<"i32">[]): Statement =>
  when(
    i32.eqz(t0),
    eachSum(sums, (s) => s.set(v128.zero)),
    eachSum(sums, (s, v, r) => s.set(v128.load(out[r]!, v * VECTOR))),
  );

export const storeSums = (sums: Sums, out: readonly Local<"i32">[]): readonly Statement[] =>
  eachSum(sums, (s, v, r) => v128.store(out[r]!, s, v * VECTOR));

/** Rows of four vectors become columns: out[i] lane j = v[j] lane i. */
export function transpose(local: NewLocal, v: readonly V128[], out: readonly Local<"v128">[]): Statement[] {
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

/** The length of even blocks of at most MAX_TERMS terms, in whole turns of the tile's loop. */
export const blockLength = (terms: I32): I32 => {
  const blocks = i32.divU(sum(terms, number(MAX_TERMS - 1)), number(MAX_TERMS));
  const even = i32.divU(sum(terms, i32.sub(blocks, number(1))), blocks);
  return i32.and(sum(even, number(LONGEST - 1)), number(-LONGEST));
};

/** Pointers to consecutive rows, the first at `start`. */
export const stepRows = (pointers: readonly Local<"i32">[], start: I32, stride: I32): Statement[] =>
  pointers.map((pointer, r) => pointer.set(r === 0 ? start : sum(pointers[r - 1]!, stride)));

/** The same, but a row past `last` is the last one again: worked out twice, stored twice alike, so tiles are always whole. */
export const clampRows = (pointers: readonly Local<"i32">[], start: I32, stride: I32, last: I32): Statement[] =>
  pointers.map((pointer, r) => pointer.set(r === 0 ? start : least(sum(pointers[r - 1]!, stride), last)));

export const lastRow = (base: I32, rows: I32, stride: I32): I32 => sum(base, times(i32.sub(rows, number(1)), stride));

export type Packing = {
  /** (panel, end of the panel, first row, stride): columns 0 … 7 to `panel`, 8 … 15 to the panel after it (PANEL_BYTES on). */
  readonly packPair: (...args: I32[]) => Statement;
  /** (panel, end of the panel, first row, stride): columns 0 … 7. */
  readonly packColumns: (...args: I32[]) => Statement;
  /** (panel, end of the panel, first row, stride, last row): 8 rows become the panel's columns, whole vectors at a time. */
  readonly packRows: (...args: I32[]) => Statement;
};

export function definePacking(module: ModuleBuilder): Packing {
  const columns = (name: string, vectors: readonly number[]) =>
    module.define(name, ["i32", "i32", "i32", "i32"], (_local, panel, end, from, stride) => [
      doWhile(
        [
          ...vectors.map((to, v) => v128.store(panel, v128.load(from, v * VECTOR), to)),
          advance(panel, number(TERM_BYTES)),
          advance(from, stride),
        ],
        i32.ltU(panel, end),
      ),
    ]);
  return {
    packColumns: columns("packColumns", [0, VECTOR]) as Packing["packColumns"],
    packPair: columns("packPair", [0, VECTOR, PANEL_BYTES, PANEL_BYTES + VECTOR]) as Packing["packPair"],
    packRows: module.define(
      "packRows",
      ["i32", "i32", "i32", "i32", "i32"],
      (local, panel, end, from, stride, last) => {
        const rows = several(local, "i32", LANES);
        const turned = several(local, "v128", 4);
        const half = (v: 0 | 1) => [
          ...transpose(
            local,
            rows.slice(4 * v, 4 * v + 4).map((row) => v128.load(row)),
            turned,
          ),
          ...turned.map((column, t) => v128.store(panel, column, t * TERM_BYTES + v * VECTOR)),
        ];
        return [
          ...clampRows(rows, from, stride, last),
          doWhile(
            [
              ...half(0),
              ...half(1),
              ...rows.map((row) => advance(row, number(VECTOR))),
              advance(panel, number(4 * TERM_BYTES)),
            ],
            i32.ltU(panel, end),
          ),
        ];
      },
    ) as Packing["packRows"],
  };
}
