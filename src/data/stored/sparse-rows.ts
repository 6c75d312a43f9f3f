// Rows that are mostly zeros: of each its columns that are not, and their values. A row is whole only while it is read.
import { atOnce, type Steps } from "../../engines/turns.ts";
import { numbersFrom, type RowStore } from "./row-store.ts";

/** What rows have besides zeros. */
export type SparseCells = {
  /** [N + 1]: row i has the entries starts[i] … starts[i + 1] − 1. */
  readonly starts: Uint32Array;
  /** The column of each entry, from 0, growing in a row. */
  readonly columns: Uint32Array;
  /** Its value. */
  readonly values: Float32Array | Float64Array;
};

const PIECE = 2 ** 14; // rows between two pauses

/** N rows of D numbers. */
export class SparseRows implements RowStore {
  readonly rows: number;
  readonly cols: number;
  readonly form = "floats";
  readonly sparse = true;
  readonly cells: SparseCells;

  constructor(cols: number, cells: SparseCells) {
    this.rows = cells.starts.length - 1;
    this.cols = cols;
    this.cells = cells;
  }

  *gathering(rows: Uint32Array): Steps<Float64Array<ArrayBuffer>> {
    const { starts, columns, values } = this.cells;
    const out = new Float64Array(rows.length * this.cols);
    for (let i = 0; i < rows.length; i++) {
      const end = starts[rows[i]! + 1]!;
      for (let k = starts[rows[i]!]!; k < end; k++) out[i * this.cols + columns[k]!] = values[k]!;
      if (i % PIECE === 0) yield;
    }
    return out;
  }

  all(): Float64Array<ArrayBuffer> {
    return atOnce(this.gathering(numbersFrom(0, this.rows)));
  }
}
