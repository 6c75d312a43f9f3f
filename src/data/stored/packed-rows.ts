// Rows of numbers, packed a block at a time, in memory or on a disk.
import type { Steps } from "../../engines/turns.ts";
import { formIn, type PackedColumn, pack, packedForm, pick, unpack } from "./pack-columns.ts";
import { MemorySpace, type Space } from "./space.ts";

export const BLOCK = 2 ** 17; // cells of a block
const MOST_FORMS = 4096; //      different ones that are compared

/** Rows of a block, row after row. */
export type CellBlock = { readonly rows: number; readonly cells: Float64Array<ArrayBuffer> };

/** A block without its bytes: a character a column, as formIn reads them. */
export type BlockHead = { readonly rows: number; readonly forms: string };

/** Rows that are kept packed. Every block but the last has the same number of rows. */
export class PackedRows {
  readonly width: number;
  readonly space: Space;
  readonly #blocks: BlockHead[];
  readonly #forms = new Map<string, string>(); // those of many blocks are the same, and kept once
  #rows: number;
  #last: BlockHead & { readonly columns: readonly PackedColumn[] } = { forms: "", rows: 0, columns: [] };

  constructor(width: number, space: Space = new MemorySpace(), blocks: readonly BlockHead[] = []) {
    this.width = width;
    this.space = space;
    this.#blocks = blocks.map(({ rows, forms }) => ({ rows, forms: this.#once(forms) }));
    this.#rows = blocks.reduce((sum, { rows }) => sum + rows, 0);
  }

  get rows(): number {
    return this.#rows;
  }

  get heads(): readonly BlockHead[] {
    return this.#blocks;
  }

  /** One more block, row-major. */
  append(cells: Float64Array, rows: number): void {
    const { forms, columns, length } = packedForm(cells, rows, this.width);
    this.space.put(length, (bytes) => pack(bytes, columns, cells, rows));
    this.#blocks.push({ rows, forms: this.#once(forms) });
    this.#rows += rows;
  }

  /** Most blocks are kept as the one before. */
  #columnsOf(forms: string, rows: number): readonly PackedColumn[] {
    if (this.#last.forms !== forms || this.#last.rows !== rows)
      this.#last = { forms, rows, columns: formIn(forms, rows).columns };
    return this.#last.columns;
  }

  #once(forms: string): string {
    const same = this.#forms.get(forms);
    if (same === undefined && this.#forms.size < MOST_FORMS) this.#forms.set(forms, forms);
    return same ?? forms;
  }

  /** Block after block, in memory that the next one takes again; with `take` each is dropped once it was given. */
  *blocks(take = false): Generator<CellBlock> {
    let scratch = new Float64Array(0);
    for (const [k, { rows, forms }] of this.#blocks.entries()) {
      const columns = this.#columnsOf(forms, rows);
      const length = rows * this.width;
      if (scratch.length < length) scratch = new Float64Array(length);
      const bytes = this.space.get(k);
      columns.forEach((column, j) => {
        unpack(column, bytes, rows, scratch, j, this.width);
      });
      if (take) this.space.drop(k);
      yield { rows, cells: scratch.subarray(0, length) };
    }
  }

  /** The numbers of column j, block after block, in memory that the next one takes again. */
  *column(j: number): Generator<Float64Array<ArrayBuffer>> {
    let scratch = new Float64Array(0);
    for (const [k, { rows, forms }] of this.#blocks.entries()) {
      const columns = this.#columnsOf(forms, rows);
      if (scratch.length < rows) scratch = new Float64Array(rows);
      const column = columns[j]!;
      const bytes = this.space.get(k, column.offset, columns[j + 1]?.offset);
      unpack({ ...column, offset: 0 }, bytes, rows, scratch, 0, 1);
      yield scratch.subarray(0, rows);
    }
  }

  /** The rows with these numbers, in their order: [n × width]. */
  *gathering(wanted: Uint32Array): Steps<Float64Array<ArrayBuffer>> {
    const { width } = this;
    const out = new Float64Array(wanted.length * width);
    const size = this.#blocks[0]?.rows ?? 1;
    const { starts, places } = byBlock(wanted, size, this.#blocks.length);
    for (const [k, { rows, forms }] of this.#blocks.entries()) {
      const [from, end] = [starts[k]!, starts[k + 1]!];
      if (from === end) continue;
      const columns = this.#columnsOf(forms, rows);
      const bytes = this.space.get(k);
      const some = { rows: wanted, places, from, end };
      columns.forEach((column, j) => {
        pick(column, bytes, rows, some, k * size, out, j, width);
      });
      yield;
    }
    return out;
  }
}

/** The places of `wanted` block by block: those of block k are places[starts[k] … starts[k + 1]). */
function byBlock(wanted: Uint32Array, size: number, blocks: number) {
  const starts = new Uint32Array(blocks + 1);
  const blockOf = (row: number) => Math.floor(row / size);
  for (const row of wanted) starts[blockOf(row) + 1]!++;
  for (let k = 0; k < blocks; k++) starts[k + 1]! += starts[k]!;
  const next = starts.slice();
  const places = new Uint32Array(wanted.length);
  for (let i = 0; i < wanted.length; i++) places[next[blockOf(wanted[i]!)]!++] = i;
  return { starts, places };
}
