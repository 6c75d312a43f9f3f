// The cells of a table while it is read: one float64 a cell, so that a table of numbers takes no more than its
// features. |x| ≤ the largest float32 is a number, NaN an empty cell, (k + 1)·2²⁰⁰ the k-th text of its column.
import { NUMBER } from "../formats/class-order.ts";
import { type Cell, plainText } from "./cell-text.ts";
import { type NumberStyle, readNumber, styleOf } from "./read-number.ts";

export const LARGEST = (2 - 2 ** -23) * 2 ** 127; // the largest float32: inputs are float32 in the end
const TEXT = 2 ** 200;
export const MOST_TEXTS = 65_536; //  different texts kept in one column
const MOST_CHARACTERS = 2 ** 25; //   of these, in one column
const BLOCK = 2 ** 17; //             cells of a block, once the table is not small

/** The number of a cell's text in its column, from 0; −1 for a number or an empty cell, MOST_TEXTS for one too many. */
export const textOf = (code: number): number => (code > LARGEST ? code / TEXT - 1 : -1);

/** Some of a table's rows, row after row. */
export type CellBlock = { readonly rows: number; readonly cells: Float64Array<ArrayBuffer> };

export class CellStore {
  readonly width: number;
  rows = 0;
  readonly #blocks: Float64Array<ArrayBuffer>[] = [];
  #block = new Float64Array(0);
  #filled = 0;
  readonly #texts: (Map<string, number> | undefined)[];
  readonly #characters: Float64Array;
  readonly #styles = new Map<number, NumberStyle | undefined>(); // of columns with more texts than are kept
  /** What splits the cells in the file. */
  readonly delimiter: string | undefined;

  constructor(width: number, delimiter?: string) {
    this.width = width;
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

  #open(): void {
    if (this.#block.length > 0) this.#blocks.push(this.#block);
    const cells = Math.min(BLOCK, Math.max(1024, 2 * this.#block.length));
    this.#block = new Float64Array(Math.max(1, Math.floor(cells / this.width)) * this.width);
    this.#filled = 0;
  }

  /** A cell's code in column `j`. */
  code(cell: Cell, j: number): number {
    if (typeof cell === "number") return Math.abs(cell) <= LARGEST ? cell : cell !== cell ? cell : this.#text(cell, j);
    if (typeof cell === "string") {
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

  /** Row after row from the first; with `take` each block's memory is freed once the next is asked for. */
  *blocks(take = false): Generator<CellBlock> {
    for (const cells of [...this.#blocks, this.#block.subarray(0, this.#filled)]) {
      yield { rows: cells.length / this.width, cells };
      if (take) cells.buffer.transfer(0);
    }
  }

  /** The codes of column `j`. */
  *column(j: number): Generator<number> {
    for (const { cells } of this.blocks()) for (let at = j; at < cells.length; at += this.width) yield cells[at]!;
  }
}
