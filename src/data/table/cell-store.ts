// The cells of a table while it is read: one number a cell, packed a block at a time. |x| ≤ the largest float32 is a
// number, NaN an empty cell, (k + 1)·2²⁰⁰ the k-th text of its column.
import { NUMBER } from "../formats/class-order.ts";
import { TEXT_UNIT } from "../stored/pack-columns.ts";
import { BLOCK, type CellBlock, PackedRows } from "../stored/packed-rows.ts";
import type { Space } from "../stored/space.ts";
import { type Cell, plainText } from "./cell-text.ts";
import { type NumberStyle, plainDecimal, readNumber, styleOf } from "./read-number.ts";

export const LARGEST = (2 - 2 ** -23) * 2 ** 127; // the largest float32: inputs are float32 in the end
const TEXT = 1 / TEXT_UNIT;
export const MOST_TEXTS = 65_536; //  different texts kept in one column
const MOST_CHARACTERS = 2 ** 25; //   of these, in one column

/** The number of a cell's text in its column, from 0; −1 for a number or an empty cell, MOST_TEXTS for one too many. */
export const textOf = (code: number): number => (code > LARGEST ? code / TEXT - 1 : -1);

export class CellStore {
  readonly width: number;
  rows = 0;
  readonly #packed: PackedRows;
  #block = new Float64Array(0); // rows that are not packed yet
  #filled = 0;
  readonly #texts: (Map<string, number> | undefined)[];
  readonly #characters: Float64Array;
  readonly #styles = new Map<number, NumberStyle | undefined>(); // of columns with more texts than are kept
  /** What splits the cells in the file. */
  readonly delimiter: string | undefined;

  constructor(width: number, delimiter?: string, space?: Space) {
    this.width = width;
    this.#packed = new PackedRows(width, space);
    this.delimiter = delimiter;
    this.#texts = Array.from({ length: width }, () => undefined);
    this.#characters = new Float64Array(width);
  }

  add(cells: readonly Cell[]): void {
    if (this.#filled === this.#block.length) this.#open();
    const block = this.#block;
    let at = this.#filled;
    for (let j = 0; j < cells.length; j++) block[at++] = this.code(cells[j]!, j);
    this.#filled = at;
    this.rows++;
  }

  /** Room for more rows: the block doubles until it is whole, and is packed then. */
  #open(): void {
    const whole = Math.max(1, Math.floor(BLOCK / this.width)) * this.width;
    if (this.#filled === whole) {
      this.#packed.append(this.#block, whole / this.width);
      this.#filled = 0;
      return;
    }
    const rows = Math.ceil(Math.max(1024, 2 * this.#filled) / this.width);
    const larger = new Float64Array(Math.min(whole, rows * this.width));
    larger.set(this.#block);
    this.#block = larger;
  }

  /** A cell's code in column `j`. */
  code(cell: Cell, j: number): number {
    if (typeof cell === "number") return Math.abs(cell) <= LARGEST ? cell : cell !== cell ? cell : this.#text(cell, j);
    if (typeof cell === "string") {
      const plain = plainDecimal(cell);
      if (plain === plain) return plain;
      if (NUMBER.test(cell)) {
        const x = Number(cell);
        if (Math.abs(x) <= LARGEST) return x;
      } else if (cell.length === 0) return Number.NaN;
      return this.#text(cell, j);
    }
    return cell === null ? Number.NaN : this.#text(cell, j);
  }

  #text(cell: string | number | boolean, j: number): number {
    const text = String(cell);
    const texts = (this.#texts[j] ??= new Map());
    let k = texts.get(text);
    if (k === undefined) {
      k = this.#characters[j]! + text.length > MOST_CHARACTERS ? MOST_TEXTS : texts.size;
      if (k === MOST_TEXTS) return this.#numberOrLost(text, j, texts);
      this.#characters[j]! += text.length;
      texts.set(text, k);
    }
    return (k + 1) * TEXT;
  }

  /** Of a column with more texts than are kept: a number in the style of those, else none of them. */
  #numberOrLost(text: string, j: number, texts: ReadonlyMap<string, number>): number {
    const below = texts.keys().drop(1); // the first may be a name
    if (!this.#styles.has(j)) this.#styles.set(j, styleOf(below, this.delimiter));
    const style = this.#styles.get(j);
    const x = style && readNumber(plainText(text), style);
    return x !== undefined && Math.abs(x) <= LARGEST ? x : (MOST_TEXTS + 1) * TEXT;
  }

  /** The style in which numbers of column `j` were read already; undefined where that is still to be found. */
  styleSoFar(j: number): NumberStyle | undefined {
    return this.#styles.get(j);
  }

  /** The texts of column `j`, in order of first appearance. */
  texts(j: number): readonly string[] {
    return [...(this.#texts[j]?.keys() ?? [])];
  }

  /**
   * Row after row from the first, in memory that the next block takes again; with `take` each is freed once it was
   * given.
   */
  *blocks(take = false): Generator<CellBlock> {
    yield* this.#packed.blocks(take);
    yield { rows: this.#filled / this.width, cells: this.#block.subarray(0, this.#filled) };
  }

  /** The codes of column `j`. */
  *column(j: number): Generator<number> {
    for (const cells of this.#packed.column(j)) yield* cells;
    for (let at = j; at < this.#filled; at += this.width) yield this.#block[at]!;
  }
}
