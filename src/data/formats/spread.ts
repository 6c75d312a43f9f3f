// Cells of formats that have types: lists of numbers, such as embeddings, become a column for each number, and dates
// and large integers become what the table takes.
import { show } from "../../errors.ts";
import type { Cell } from "./table.ts";
import { isoText } from "./typed-values.ts";

/** The error for a cell; `column` counts from 0, before lists are spread. */
export type RefuseCell = (reason: string, row: number, column: number) => Error;

/** A row of one type for all formats, by its first row. */
export class Spread {
  readonly #widths: readonly number[]; // of lists; −1 for a plain cell
  readonly #refuse: RefuseCell;
  readonly #plain: boolean;
  /** Columns, lists spread. */
  readonly width: number;
  /** The names of the columns, lists spread: emb → emb[0], emb[1], … */
  readonly names: readonly string[] | undefined;

  constructor(names: readonly string[] | undefined, first: readonly unknown[], refuse: RefuseCell) {
    this.#widths = first.map((cell) => (isList(cell) ? cell.length : -1));
    this.#plain = this.#widths.every((width) => width < 0);
    this.width = this.#widths.reduce((sum, width) => sum + Math.max(1, width), 0);
    this.#refuse = refuse;
    this.names = names?.flatMap((name, j) => {
      const width = this.#widths[j] ?? -1;
      return width < 0 ? [name] : Array.from({ length: width }, (_, k) => `${name}[${k}]`);
    });
  }

  /** The cells of a row; `row` is its number in the file. */
  row(cells: readonly unknown[], row: number): Cell[] {
    if (this.#plain) return cells.map((cell, j) => this.#cell(cell, row, j));
    return cells.flatMap((cell, j) => {
      const width = this.#widths[j] ?? -1;
      if (width < 0) return [this.#cell(cell, row, j)];
      if (cell === null || cell === undefined) return new Array<Cell>(width).fill(null);
      if (!isList(cell) || cell.length !== width) {
        const got = isList(cell) ? `${cell.length}` : show(cell);
        throw this.#refuse(`a list must have ${width} numbers, as in the first row, got ${got}.`, row, j);
      }
      return Array.from(cell, (value) => this.#cell(value, row, j));
    });
  }

  #cell(cell: unknown, row: number, column: number): Cell {
    if (typeof cell === "string" || typeof cell === "number" || typeof cell === "boolean" || cell === null) return cell;
    if (cell === undefined) return null;
    if (typeof cell === "bigint") return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
    if (cell instanceof Date) return isoText(cell);
    const what = isList(cell) ? "a list where the first row has none" : "nested";
    throw this.#refuse(`the cell is ${what}. Flatten it, or leave the column out.`, row, column);
  }
}

type List = ArrayLike<unknown> & Iterable<unknown>;
const isList = (cell: unknown): cell is List =>
  Array.isArray(cell) || (ArrayBuffer.isView(cell) && !(cell instanceof DataView));
