// Copies that feed the tiles of tile.ts: rows into runs, columns into panels, read along memory wherever possible. All sizes are bytes or i32.
import {
  doWhile,
  f32,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type NewLocal,
  type Statement,
  select,
  type V128,
  v128,
} from "./assembler.ts";
import { advance, number, several, sum, times } from "./loops.ts";
import { FLOAT, LANES, stepRows, TERM_BYTES, VECTOR } from "./tile.ts";

export const MAX_TERMS = 512; // of a panel
export const PANEL_BYTES = MAX_TERMS * TERM_BYTES; // 16 KiB: the one in use stays in the first-level cache
export const SLACK = 64; //      bytes that a run may write past its end

/** Rows of four vectors become columns: out[i] lane j = v[j] lane i. */
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

/** (to, terms, from, stride), and for a run the tile's height. */
export type Pack = (...args: I32[]) => Statement;

export type Packing = {
  /** Rows of a matrix become the run of a tile of that height: for each term, its number of every row. */
  readonly runOfRows: Pack;
  /** Columns do. */
  readonly runOfColumns: Pack;
  /** 16 columns become two panels, PANEL_BYTES apart. */
  readonly panelsOfColumns: Pack;
  /** 16 rows do. */
  readonly panelsOfRows: Pack;
};

export function definePacking(module: ModuleBuilder): Packing {
  const runOfRows = module.define(
    "runOfRows",
    ["i32", "i32", "i32", "i32", "i32"],
    (local, to, terms, from, stride, height) => {
      const [step, end] = several(local, "i32", 2);
      const rows = several(local, "i32", 5);
      const turned = several(local, "v128", 4);
      return [
        step.set(times(height, FLOAT)),
        end.set(sum(to, times(terms, step))),
        ...rows.map((row, r) =>
          row.set(r === 0 ? from : sum(rows[r - 1]!, select(i32.gtU(height, number(r)), stride, number(0)))),
        ),
        doWhile(
          [
            ...transpose(
              local,
              rows.slice(0, 4).map((row) => v128.load(row)),
              turned,
            ),
            ...turned.flatMap((term, t) => [
              v128.store(to, term),
              f32.store(to, f32.load(rows[4]!, 4 * t), VECTOR),
              advance(to, step),
            ]),
            ...rows.map((row) => advance(row, number(VECTOR))),
          ],
          i32.ltU(to, end),
        ),
      ];
    },
  );
  const runOfColumns = module.define(
    "runOfColumns",
    ["i32", "i32", "i32", "i32", "i32"],
    (local, to, terms, from, stride, height) => {
      const [step, end] = several(local, "i32", 2);
      return [
        step.set(times(height, FLOAT)),
        end.set(sum(to, times(terms, step))),
        doWhile(
          [
            v128.store(to, v128.load(from)), // 5 floats whatever the height: the next term, or tile, writes over what is too much
            f32.store(to, f32.load(from, VECTOR), VECTOR),
            advance(to, step),
            advance(from, stride),
          ],
          i32.ltU(to, end),
        ),
      ];
    },
  );
  const panelsOfColumns = module.define(
    "panelsOfColumns",
    ["i32", "i32", "i32", "i32"],
    (local, panel, terms, from, stride) => {
      const end = local("i32");
      return [
        end.set(sum(panel, times(terms, number(TERM_BYTES)))),
        doWhile(
          [
            ...[0, VECTOR, PANEL_BYTES, PANEL_BYTES + VECTOR].map((to, v) =>
              v128.store(panel, v128.load(from, v * VECTOR), to),
            ),
            advance(panel, number(TERM_BYTES)),
            advance(from, stride),
          ],
          i32.ltU(panel, end),
        ),
      ];
    },
  );
  const panelOfRows = module.define(
    "panelOfRows",
    ["i32", "i32", "i32", "i32"],
    (local, panel, terms, from, stride) => {
      const end = local("i32");
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
        end.set(sum(panel, times(terms, number(TERM_BYTES)))),
        ...stepRows(rows, from, stride),
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
  );
  const panelsOfRows = module.define(
    "panelsOfRows",
    ["i32", "i32", "i32", "i32"],
    (_local, panel, terms, from, stride) => [
      panelOfRows(panel, terms, from, stride),
      panelOfRows(sum(panel, number(PANEL_BYTES)), terms, sum(from, times(stride, number(LANES))), stride),
    ],
  );
  return { runOfRows, runOfColumns, panelsOfColumns, panelsOfRows } as Packing;
}
