// The meaning of a table's cells: which row is a header, which column is the label, which cells are numbers, which
// classes there are. Takes rows of text one by one; knows nothing of delimiters and quotes.
import { InvalidInput, show } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import { nearest } from "../nearest.ts";
import { NUMBER, sortClasses } from "./class-order.ts";

const MOST_FIELD = 131_072; // bytes in one cell
const MOST_COLUMNS = 100_000;
const MOST_CLASSES = 65_536;
const LARGEST = (2 - 2 ** -23) * 2 ** 127; // the largest float32: inputs are float32 in the end

const MISSING = /^(?:|na|n\/a|nan|null|none|nil|-|\?)$/i; // of a trimmed cell
const LABEL_NAMES = ["label", "class", "target"];

/**
 * `label` is a position counted from 1 if it is made of digits, otherwise a column's name; by default it is the one
 * column named label, class or target (in any case), else the last; `null` says that there is none. `classes` fixes the
 * classes and their order, e.g. a model's.
 */
export type TableOptions = {
  readonly file?: string | undefined;
  readonly label?: string | null | undefined;
  readonly classes?: readonly string[] | undefined;
};

/** A cell as a format gives it: text, a number, a truth value, or null where the value is missing. */
export type Cell = string | number | boolean | null;

/** What the format of the rows settles: the code of the errors, and whether the first row is known to be a header. */
export type TableKind = { readonly code: string; readonly header?: true };

/** Rows of cells, collected. `add` and `finish` raise InvalidInput naming row and column. */
export class Table {
  readonly #options: TableOptions;
  readonly #kind: TableKind;
  readonly #notes: string[] = [];
  readonly #classes = new Map<string, number>(); // ids in order of first appearance, or as given
  #first: readonly string[] | undefined; // the first row, until the second tells whether it is a header
  #firstRow = 0;
  #header: readonly string[] | undefined;
  #label = -1; //         index of the label column; −1 for none
  #rows = 0;
  #features = new Float64Array(1024);
  #filled = 0;
  #labels = new Int32Array(256); // ids in order of first appearance
  #missing: Missing | undefined;

  constructor(options: TableOptions, kind: TableKind) {
    this.#options = options;
    this.#kind = kind;
    options.classes?.forEach((name, id) => {
      this.#classes.set(name, id);
    });
  }

  /** One more row; `row` is its number in the file, `delimiter` what split it. Row 0 is a header from elsewhere. */
  add(given: readonly Cell[], row: number, delimiter?: string): void {
    const cells = given.some(isOdd) ? given.map(plain) : (given as readonly (string | number)[]);
    if (this.#first === undefined) {
      this.#first = cells.map(String);
      this.#firstRow = row;
      this.#settle(this.#first, row, delimiter);
      if (this.#header === undefined) this.#keep(cells, row);
    } else this.#keep(cells, row);
  }

  /** The parts of a dataset, once every row is in. */
  finish(): Omit<Dataset, "name"> & { readonly notes: readonly string[] } {
    const first = this.#first;
    if (first === undefined) throw this.#refuse("the file has no rows.", 1);
    if (this.#missing) throw this.#explainMissing(this.#missing);
    const drop = this.#headerOfNumbers() ? 1 : 0;
    if (drop === 1) this.#header = first;
    const rows = this.#rows - drop;
    if (rows < 1) throw this.#refuse("the table has a header and no rows under it.", this.#firstRow);
    const cols = first.length - (this.#label < 0 ? 0 : 1);
    const features = this.#features.slice(drop * cols, (drop + rows) * cols);
    const { classes, labels } = this.#classify(this.#labels.subarray(drop, drop + rows));
    const names = this.#header?.map((name, j) => name.trim() || `column ${j + 1}`);
    if (names && this.#label >= 0) names.splice(this.#label, 1);
    return { features, rows, cols, labels, classes, featureNames: names, notes: this.#notes };
  }

  #refuse(reason: string, row?: number, column?: number): InvalidInput {
    const name = column === undefined ? undefined : this.#header?.[column]?.trim();
    const at = [
      row === undefined ? [] : row === 0 ? ["schema"] : [`row ${row}`],
      column === undefined ? [] : [`column ${column + 1}`],
      name ? [`(${name})`] : [],
    ].flat();
    const place = { file: this.#options.file, at: at.length > 0 ? at.join(" ") : undefined };
    return new InvalidInput(this.#kind.code, reason, place);
  }

  /** Find the label column, and whether the first row is a header. */
  #settle(first: readonly string[], row: number, delimiter: string | undefined): void {
    const { label } = this.#options;
    const width = first.length;
    if (width > MOST_COLUMNS)
      throw this.#refuse(`the table has ${width} columns; at most ${MOST_COLUMNS} are read.`, row);
    const names = first.map((cell) => cell.trim());
    if (width === 1 && label !== null) {
      const name = new Map([
        [",", "a comma"],
        [";", "a semicolon"],
        ["\t", "a tab"],
      ]).get(delimiter ?? "");
      const split = name === undefined ? "" : ` (cells are split by ${name})`;
      throw this.#refuse(`the table has one column only${split}; it needs features and a label.`, row);
    }
    if (label === undefined) {
      const named = names.flatMap((name, j) => (LABEL_NAMES.includes(name.toLowerCase()) ? [j] : []));
      this.#label = named.length === 1 ? named[0]! : width - 1;
      if (this.#label !== width - 1)
        this.#notes.push(
          `The label is column ${this.#label + 1}, ${show(names[this.#label])}; --label chooses another.`,
        );
    } else if (label !== null) this.#label = this.#find(label, names, row);
    const named = typeof label === "string" && !/^[0-9]+$/.test(label);
    const given = this.#options.classes?.every((name) => NUMBER.test(name)) ?? false;
    const unlike = given && this.#label >= 0 && !NUMBER.test(first[this.#label] as string);
    const text = first.some((cell, j) => j !== this.#label && !NUMBER.test(cell) && !MISSING.test(cell.trim()));
    if (!named && !text && !unlike && !this.#kind.header) return;
    this.#header = first;
    const seen = new Map<string, number>();
    names.forEach((name, j) => {
      const other = seen.get(name);
      if (other !== undefined && name !== "")
        throw this.#refuse(`columns ${other + 1} and ${j + 1} have the same name, ${show(name)}. Rename one.`, row);
      seen.set(name, j);
    });
  }

  #find(label: string, names: readonly string[], row: number): number {
    if (/^[0-9]+$/.test(label)) {
      const position = Number(label);
      if (position >= 1 && position <= names.length) return position - 1;
      throw this.#refuse(`the label must be a column from 1 to ${names.length}, got ${label}.`, row);
    }
    const at = names.indexOf(label.trim());
    if (at >= 0) return at;
    const near = nearest(label, names);
    const remedy =
      near === undefined ? "Name one, or give its position counted from 1." : `Did you mean ${show(near)}?`;
    throw this.#refuse(`no column is named ${show(label)}; the first row is ${show(names)}. ${remedy}`, row);
  }

  #keep(cells: readonly (string | number)[], row: number): void {
    const width = (this.#first as readonly string[]).length;
    if (cells.length !== width)
      throw this.#refuse(`the row has ${cells.length} cells; the first row has ${width}.`, row);
    if (this.#filled + width > this.#features.length) this.#features = grown(this.#features, this.#filled + width);
    for (let j = 0; j < width; j++) {
      const cell = cells[j] as string | number;
      if (typeof cell === "string" && cell.length > MOST_FIELD / 4) this.#checkSize(cell, row, j);
      if (j === this.#label) continue;
      const value = typeof cell === "number" ? cell : NUMBER.test(cell) ? Number(cell) : Number.NaN;
      if (!(Math.abs(value) <= LARGEST)) this.#question(String(cell), row, j);
      this.#features[this.#filled++] = value;
    }
    if (this.#rows === this.#labels.length) this.#labels = grown(this.#labels, this.#rows + 1);
    this.#labels[this.#rows++] = this.#label < 0 ? 0 : this.#classOf(String(cells[this.#label]).trim(), row);
  }

  #checkSize(cell: string, row: number, column: number): void {
    const bytes = new TextEncoder().encode(cell).length;
    if (bytes > MOST_FIELD)
      throw this.#refuse(
        `the cell holds ${bytes} bytes; at most ${MOST_FIELD} are read. Is a quote " left open?`,
        row,
        column,
      );
  }

  /** Note a missing value, so that all of them can be counted; refuse any other cell that is no number at once. */
  #question(cell: string, row: number, column: number): void {
    if (!MISSING.test(cell.trim())) throw this.#explain(cell, row, column);
    const missing = (this.#missing ??= { cell, row, column, cells: 0, rows: 0, last: -1, columns: new Set() });
    missing.cells++;
    if (missing.last !== row) missing.rows++;
    missing.last = row;
    missing.columns.add(column);
  }

  #explainMissing({ cell, row, column, cells, rows, columns }: Missing): InvalidInput {
    const all =
      cells === 1 ? "It is the only one." : `${cells} values in ${rows} rows and ${columns.size} columns are missing.`;
    const reason = `the value is missing, got ${show(cell)}. ${all} Fill them in, or remove these rows or columns.`;
    return this.#refuse(reason, row, column);
  }

  #explain(cell: string, row: number, column: number): InvalidInput {
    if (NUMBER.test(cell) || /^-?Infinity$/.test(cell))
      return this.#refuse(`the number ${show(cell)} is too large for float32.`, row, column);
    const remedy = /^\s*[+-]?[0-9.]+,[0-9]+\s*$/.test(cell)
      ? "Write decimals with a point."
      : "If this column is the label, choose it with --label.";
    return this.#refuse(`a feature must be a decimal number, got ${show(cell)}. ${remedy}`, row, column);
  }

  #classOf(label: string, row: number): number {
    const known = this.#classes.get(label);
    if (known !== undefined) return known;
    const { classes } = this.#options;
    if (label === "") throw this.#refuse("the label is missing. Fill it in, or remove the row.", row, this.#label);
    if (classes)
      throw this.#refuse(
        `the label must be one of the classes ${show(classes)}, got ${show(label)}.`,
        row,
        this.#label,
      );
    const id = this.#classes.size;
    if (id === MOST_CLASSES)
      throw this.#refuse(`the label column has more than ${MOST_CLASSES} different values.`, row, this.#label);
    this.#classes.set(label, id);
    return id;
  }

  /**
   * Whether the first row, so far taken for an example, is a header whose feature names are numbers, such as 0, 1, 2,
   * …, label.
   */
  #headerOfNumbers(): boolean {
    if (this.#header || this.#label < 0 || this.#rows < 2) return false;
    const [first, ...others] = [...this.#classes.keys()];
    const given = this.#options.classes !== undefined;
    const alone = this.#labels.subarray(1, this.#rows).indexOf(this.#labels[0]!) < 0;
    return !given && alone && !NUMBER.test(first as string) && others.every((label) => NUMBER.test(label));
  }

  /** Sort the classes found and renumber the labels; classes that were given keep their order. */
  #classify(ids: Int32Array): { classes: readonly string[]; labels: Int32Array } {
    const { classes: given } = this.#options;
    if (given) return { classes: given, labels: ids.slice() };
    if (this.#label < 0) return { classes: ["0"], labels: ids.slice() };
    const used = new Set(ids);
    const names = sortClasses([...this.#classes].flatMap(([name, id]) => (used.has(id) ? [name] : [])));
    const numeric = names.every((name) => NUMBER.test(name));
    if (names.length > 20 && names.length > ids.length / 2) {
      const kind = numeric ? "It looks like a measurement, not a class." : "It looks like a name, not a class.";
      const reason = `the label has ${names.length} different values in ${ids.length} rows. ${kind} Choose the label with --label.`;
      throw this.#refuse(reason, undefined, this.#label);
    }
    const place = new Int32Array(this.#classes.size);
    names.forEach((name, c) => {
      place[this.#classes.get(name) as number] = c;
    });
    return { classes: names, labels: ids.map((id) => place[id]!) };
  }
}

const isOdd = (cell: Cell): boolean => cell === null || typeof cell === "boolean";
const plain = (cell: Cell): string | number => (cell === null ? "" : typeof cell === "boolean" ? Number(cell) : cell);

/** The first missing value, and how many there are. */
type Missing = {
  readonly cell: string;
  readonly row: number;
  readonly column: number;
  cells: number;
  rows: number;
  last: number; // row
  readonly columns: Set<number>;
};

/** A copy with room for at least `needed` values, doubling. */
function grown<T extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(values: T, needed: number): T {
  const room = new (values.constructor as new (n: number) => T)(Math.max(needed, 2 * values.length));
  room.set(values);
  return room;
}
