// The register tile that all three products share: up to 5 × 8 sums, each in a vector lane of its own, terms added in ascending
// order, product rounded and then sum rounded. One side is a panel of 8 columns packed term by term, the other a run of rows packed
// likewise. Tiles of one height over one panel make a strip: a function, so that V8 keeps its pointers in registers. Knows no
// product; all sizes are bytes or i32.
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
import { advance, number, several, sum, whileBelow } from "./loops.ts";

export const FLOAT = number(4);
export const VECTOR = 16; //     bytes
export const LANES = 8; //       columns of a tile
export const TERM_BYTES = LANES * 4;

/**
 * Terms a turn of the tile's loop: 8 in V8 13.6 and 14 (Node 24, 26). V8 12 (Node 22) loads all it can at the start of a turn and
 * runs out of registers in long ones.
 */
export type Unroll = 1 | 8;

/** Rows of the tallest tile. With 5, 10 sums, 2 vectors of the panel, a splat and a product fit the 15 registers V8 gives out. */
export const TALLEST: Record<Unroll, number> = { 1: 4, 8: 5 };

export type Sums = readonly (readonly [Local<"v128">, Local<"v128">])[]; // [row of the tile][vector]

/** Statements for each vector v of each row r of the tile. */
export const eachSum = (
  sums: Sums,
  make: (value: Local<"v128">, v: 0 | 1, r: number) => Statement | readonly Statement[],
): readonly Statement[] => sums.flatMap((row, r) => [make(row[0], 0, r), make(row[1], 1, r)].flat());

/** sums[r] += row r · panel, over the panel's terms from `p` to `end`. Moves `p` and the rows' pointers on. */
function addTerms(
  local: NewLocal,
  sums: Sums,
  rows: readonly Local<"i32">[],
  p: Local<"i32">,
  end: I32,
  unroll: Unroll,
): Statement[] {
  const [x, left, right] = several(local, "v128", 3);
  const whole = local("i32");
  const step = 4 * rows.length;
  const terms = (count: number): Statement[] => [
    ...Array.from({ length: count }, (_, t) => [
      left.set(v128.load(p, t * TERM_BYTES)),
      ...rows.flatMap((row, r) => [
        x.set(v128.load32Splat(row, t * step)), // one offset for all rows: V8 adds it once a term, not once a load
        sums[r]![0].set(f32x4.add(sums[r]![0], f32x4.mul(x, left))),
        ...(r === 0 ? [right.set(v128.load(p, t * TERM_BYTES + VECTOR))] : []), // not before: it pays in registers
        sums[r]![1].set(f32x4.add(sums[r]![1], f32x4.mul(x, right))),
      ]),
    ]).flat(),
    ...rows.map((row) => advance(row, number(count * step))),
    advance(p, number(count * TERM_BYTES)),
  ];
  return [
    whole.set(i32.sub(end, number((unroll - 1) * TERM_BYTES))),
    ...whileBelow(p, whole, terms(unroll)),
    ...(unroll > 1 ? whileBelow(p, end, terms(1)) : []),
  ];
}

/** Pointers to consecutive rows, the first at `start`. */
export const stepRows = (pointers: readonly Local<"i32">[], start: I32, stride: I32): Statement[] =>
  pointers.map((pointer, r) => pointer.set(r === 0 ? start : sum(pointers[r - 1]!, stride)));

/** What becomes of finished sums before they are stored at `out`; `extra` and `choice` are its own arguments. */
export type Finish = (
  local: NewLocal,
  sums: Sums,
  out: readonly Local<"i32">[],
  extra: Local<"i32">,
  choice: Local<"i32">,
) => readonly Statement[];

export type Strip = {
  readonly x: I32; //       run of packed rows: for each tile, for each term, `height` floats
  readonly panel: I32; //   for each term, 8 floats
  readonly end: I32; //     of the panel
  readonly out: I32; //     where the first sum goes
  readonly stride: I32; //  of its rows
  readonly tiles: I32; //   one below the other; at least one
  readonly started: I32; // whether earlier terms' sums are at `out`
  readonly last: I32; //    whether these are the last terms
  readonly extra: I32;
  readonly choice: I32;
};

/** Define the strip of tiles of a height. Returns how to run it. */
export function defineStrip(
  module: ModuleBuilder,
  name: string,
  height: number,
  unroll: Unroll,
  finish: Finish,
): (strip: Strip) => Statement {
  const run = module.define(
    `${name}${height}`,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (local, x, panel, end, out, stride, tiles, started, last, extra, choice) => {
      const sums = Array.from({ length: height }, () => [local("v128"), local("v128")] as const);
      const rows = Array.from({ length: height }, () => local("i32"));
      const to = Array.from({ length: height }, () => local("i32"));
      const p = local("i32");
      return [
        doWhile(
          [
            ...stepRows(rows, x, FLOAT),
            p.set(panel),
            when(
              started,
              [...stepRows(to, out, stride), ...eachSum(sums, (s, v, r) => s.set(v128.load(to[r]!, v * VECTOR)))],
              eachSum(sums, (s) => s.set(v128.zero)),
            ),
            ...addTerms(local, sums, rows, p, end, unroll),
            x.set(rows[0]!),
            ...stepRows(to, out, stride),
            out.set(sum(to.at(-1)!, stride)),
            when(last, finish(local, sums, to, extra, choice)),
            ...eachSum(sums, (s, v, r) => v128.store(to[r]!, s, v * VECTOR)),
          ],
          tiles.tee(i32.sub(tiles, number(1))),
        ),
      ];
    },
  );
  return (s) => run(s.x, s.panel, s.end, s.out, s.stride, s.tiles, s.started, s.last, s.extra, s.choice);
}
