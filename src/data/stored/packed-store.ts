// Packed rows as those of a data set.
import type { Steps } from "../../engines/turns.ts";
import type { PackedRows } from "./packed-rows.ts";
import type { RowStore } from "./row-store.ts";

export class PackedStore implements RowStore {
  readonly rows: number;
  readonly cols: number;
  readonly form = "floats";
  readonly packed: PackedRows;
  #made: Float64Array<ArrayBuffer> | undefined;

  constructor(packed: PackedRows) {
    this.rows = packed.rows;
    this.cols = packed.width;
    this.packed = packed;
  }

  *gathering(rows: Uint32Array): Steps<Float64Array<ArrayBuffer>> {
    if (this.#made === undefined) return yield* this.packed.gathering(rows);
    const out = new Float64Array(rows.length * this.cols);
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i]! * this.cols;
      out.set(this.#made.subarray(at, at + this.cols), i * this.cols);
    }
    return out;
  }

  /** [N×D]. The packed blocks are freed one by one. */
  all(): Float64Array<ArrayBuffer> {
    if (this.#made) return this.#made;
    const made = new Float64Array(this.rows * this.cols);
    let at = 0;
    for (const { cells } of this.packed.blocks(true)) {
      made.set(cells, at);
      at += cells.length;
    }
    this.#made = made;
    return made;
  }
}
