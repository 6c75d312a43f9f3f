// Copies that feed the micro-kernel of tile.ts: packed A, micro-tile by micro-tile, and packed panels of B. They read
// along memory wherever possible. Sizes and addresses are bytes or i32.
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
import { advance, i32s, number, several, sum, times } from "./loops.ts";
import { FLOAT, NR, PANEL_ROW, stepRows, VECTOR } from "./tile.ts";

export const KC = 512; //                         terms of a block, at most
export const PANEL_BYTES = KC * PANEL_ROW; //     16 KiB: the panel in use stays in the first-level cache
export const SLACK = 64; //                       bytes that packing A may write past its end

/** Transpose four vectors: out[i] lane j = v[j] lane i. */
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

/** (to, terms, from, stride), and for A the micro-tile's height. */
export type Pack = (...args: I32[]) => Statement;

export type Packing = {
  /** packed[k][r] = A[r][k] for the `height` rows of a micro-tile. */
  readonly packRows: Pack;
  /** The same where A is transposed in memory: packed[k][r] = matrix[k][r]. */
  readonly packColumns: Pack;
  /** Two panels, PANEL_BYTES apart: panel[k][j] = B[k][j] for 8 columns each. */
  readonly packPanels: Pack;
  /** The same where B is transposed in memory: panel[k][j] = matrix[j][k] for 8 rows each. */
  readonly packPanelsTransposed: Pack;
};

export function definePacking(module: ModuleBuilder): Packing {
  const packRows = module.define("packRows", i32s(5), (local, to, terms, from, stride, height) => {
    const [step, end] = several(local, "i32", 2);
    const rows = several(local, "i32", 5);
    const transposed = several(local, "v128", 4);
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
            transposed,
          ),
          ...transposed.flatMap((term, t) => [
            v128.store(to, term),
            f32.store(to, f32.load(rows[4]!, 4 * t), VECTOR),
            advance(to, step),
          ]),
          ...rows.map((row) => advance(row, number(VECTOR))),
        ],
        i32.ltU(to, end),
      ),
    ];
  });
  const packColumns = module.define("packColumns", i32s(5), (local, to, terms, from, stride, height) => {
    const [step, end] = several(local, "i32", 2);
    return [
      step.set(times(height, FLOAT)),
      end.set(sum(to, times(terms, step))),
      doWhile(
        [
          v128.store(to, v128.load(from)), // always 5 floats: the next term or micro-tile overwrites the excess
          f32.store(to, f32.load(from, VECTOR), VECTOR),
          advance(to, step),
          advance(from, stride),
        ],
        i32.ltU(to, end),
      ),
    ];
  });
  const packPanels = module.define("packPanels", i32s(4), (local, panel, terms, from, stride) => {
    const end = local("i32");
    return [
      end.set(sum(panel, times(terms, number(PANEL_ROW)))),
      doWhile(
        [
          ...[0, VECTOR, PANEL_BYTES, PANEL_BYTES + VECTOR].map((to, v) =>
            v128.store(panel, v128.load(from, v * VECTOR), to),
          ),
          advance(panel, number(PANEL_ROW)),
          advance(from, stride),
        ],
        i32.ltU(panel, end),
      ),
    ];
  });
  const packPanelTransposed = module.define("packPanelTransposed", i32s(4), (local, panel, terms, from, stride) => {
    const end = local("i32");
    const rows = several(local, "i32", NR);
    const transposed = several(local, "v128", 4);
    const half = (v: 0 | 1) => [
      ...transpose(
        local,
        rows.slice(4 * v, 4 * v + 4).map((row) => v128.load(row)),
        transposed,
      ),
      ...transposed.map((column, t) => v128.store(panel, column, t * PANEL_ROW + v * VECTOR)),
    ];
    return [
      end.set(sum(panel, times(terms, number(PANEL_ROW)))),
      ...stepRows(rows, from, stride),
      doWhile(
        [
          ...half(0),
          ...half(1),
          ...rows.map((row) => advance(row, number(VECTOR))),
          advance(panel, number(4 * PANEL_ROW)),
        ],
        i32.ltU(panel, end),
      ),
    ];
  });
  const packPanelsTransposed = module.define("packPanelsTransposed", i32s(4), (_local, panel, terms, from, stride) => [
    packPanelTransposed(panel, terms, from, stride),
    packPanelTransposed(sum(panel, number(PANEL_BYTES)), terms, sum(from, times(stride, number(NR))), stride),
  ]);
  return { packRows, packColumns, packPanels, packPanelsTransposed } as Packing;
}
