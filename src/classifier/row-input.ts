// Rows for a classifier to answer: read, checked and scaled into the engine's memory, without a copy in between.
import { type Coder, coderOf } from "../data/columns.ts";
import { nearest } from "../data/nearest.ts";
import { type Scaling, scaleValue } from "../data/scaling.ts";
import { asCell } from "../data/table/cell-text.ts";
import { type FittedColumn, type Recoding, transformRow } from "../data/transform.ts";
import { InvalidInput, must, show } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import { columnCount, type Model } from "../training/model.ts";

/**
 * One row: D values in the order of the columns, or an object with a value under each column's name. Values are
 * numbers; of a table with words also texts, booleans, dates, and null or undefined for a missing one.
 */
export type InputRow = ArrayLike<unknown> | Readonly<Record<string, unknown>>;

/** Many rows: rows in an array or another iterable, or one typed array of whole rows. */
export type ManyRows = Iterable<InputRow> | Uint8Array | Float32Array | Float64Array;

/** Rows of one model. */
export class RowReader {
  readonly #cols: number;
  readonly #names: readonly string[] | undefined;
  readonly #scaling: Exclude<Scaling, { kind: "columns" }>;
  readonly #scale: ScaleGuard;
  readonly #bytes: Float32Array | undefined; // 0 … 255 scaled, of a model that divides
  readonly #table: CodedRow | undefined; // of a table with words

  constructor(model: Pick<Model, "network" | "featureNames" | "scaling">) {
    const { featureNames, scaling } = model;
    this.#cols = columnCount(model);
    this.#names = featureNames;
    this.#table = scaling.kind === "columns" ? new CodedRow(scaling.columns) : undefined;
    this.#scaling = scaling.kind === "columns" ? { kind: "none" } : scaling;
    this.#scale = new ScaleGuard(scaling);
    this.#bytes = scaling.kind === "divide" && scaling.by >= 1 ? scaledBytes(scaling.by) : undefined;
  }

  /** Scale `row` into `target`, the network's inputs; `what` names it in errors. Raises InvalidInput. */
  write(row: InputRow, target: Floats, what: string): void {
    const given = Array.isArray(row) || ArrayBuffer.isView(row);
    const values = (given ? row : this.#pick(row, what)) as ArrayLike<number>;
    const { length } = values;
    const wanted = `${this.#cols} ${this.#table ? "values" : "numbers"}`;
    if (length !== this.#cols) must(false, what, wanted, length, this.#remedy(length));
    if (this.#table) this.#table.write(values, target, what);
    else if (values instanceof Uint8Array && this.#bytes) writeBytes(values, target, this.#bytes);
    else if (values instanceof Float64Array && this.#bytes && writeWhole(values, target, this.#bytes)) return;
    else this.#writeNumbers(values, target, what);
  }

  #writeNumbers(values: ArrayLike<number>, target: Floats, what: string): void {
    const { length } = values;
    const scaling = this.#scaling;
    const divisor = scaling.kind === "divide" ? Math.fround(scaling.by) : 1; // as in scaleValue
    const standardized = scaling.kind === "standardize";
    for (let j = 0; j < length; j++) {
      const x = values[j]!;
      const number = typeof x === "number" ? x : Number.NaN;
      const input = Math.fround(standardized ? scaleValue(number, j, scaling) : Math.fround(number) / divisor);
      if (input - input !== 0) must(false, `${what}, ${this.#column(j)}`, "a finite number", x);
      target[j] = input;
    }
    let [largest, least, whole] = [0, 0, true];
    for (let j = 0; j < length && this.#scale.inDoubt(largest, least, whole); j++) {
      const x = values[j]!;
      if (x > largest) largest = x;
      else if (x < least) least = x;
      if (whole && Math.floor(x) !== x) whole = false;
    }
    this.#scale.judge(what, largest, least, whole);
  }

  /** The values of an object's columns. */
  #pick(row: InputRow, what: string): ArrayLike<unknown> {
    must(typeof row === "object" && row !== null, what, "an array of numbers or an object", row);
    const names = this.#names;
    if (names === undefined)
      throw new InvalidInput("NO_COLUMNS", `${what} is an object, but this model has no column names. Pass an array.`);
    return names.map((name) => {
      if (!Object.hasOwn(row, name)) {
        const near = nearest(name, Object.keys(row));
        const hint = near === undefined ? "" : ` Did you mean ${show(near)}?`;
        throw new InvalidInput("MISSING_COLUMN", `${what} has no column ${show(name)}.${hint}`);
      }
      const x = (row as Record<string, unknown>)[name];
      return typeof x === "boolean" && !this.#table ? Number(x) : x;
    });
  }

  #column(j: number): string {
    return `column ${j + 1}${this.#names ? ` (${this.#names[j]})` : ""}`;
  }

  #remedy(length: number): string {
    return length > this.#cols && length % this.#cols === 0 ? "predict takes one row, predictMany takes many." : "";
  }
}

/** 0 … 255 divided, as in scaleValue. */
const scaledBytes = (by: number) => Float32Array.from({ length: 256 }, (_, byte) => byte / Math.fround(by));

/** Bytes are finite, and those of a model that divides are of its scale: nothing to check. */
function writeBytes(bytes: Uint8Array, target: Floats, scaled: Float32Array): void {
  for (let j = 0; j < bytes.length; j++) target[j] = scaled[bytes[j]!]!;
}

/** The same of bytes in float64 (−0 becomes 0, which no sum shows); false, with less written, at the first other. */
function writeWhole(values: Float64Array, target: Floats, scaled: Float32Array): boolean {
  for (let j = 0; j < values.length; j++) {
    const byte = values[j]! & 255;
    if (byte !== values[j]) return false;
    target[j] = scaled[byte]!;
  }
  return true;
}

const KINDS: Record<FittedColumn["kind"], string> = {
  number: "a number, or null where it is missing",
  category: "a text, or null where it is missing",
  ordinal: "a text, or null where it is missing",
  boolean: "true or false, or null where it is missing",
  date: "a date such as 2026-11-28, or null where it is missing",
};

/** Rows of a table with words: coded column by column, then transformed. */
class CodedRow {
  readonly #columns: readonly FittedColumn[];
  readonly #coders: readonly Coder[];
  readonly #codes: Float64Array;
  readonly #same: Recoding;

  constructor(columns: readonly FittedColumn[]) {
    this.#columns = columns;
    this.#coders = columns.map(coderOf);
    this.#codes = new Float64Array(columns.length);
    this.#same = columns.map(() => undefined);
  }

  write(values: ArrayLike<unknown>, target: Floats, what: string): void {
    for (let j = 0; j < this.#codes.length; j++) {
      const cell = asCell(values[j]);
      const code = cell === undefined ? undefined : this.#coders[j]!(cell);
      const { name, kind } = this.#columns[j]!;
      if (code === undefined) must(false, `${what}, column ${j + 1} (${name})`, KINDS[kind], values[j]);
      this.#codes[j] = code;
    }
    transformRow(this.#columns, this.#same, this.#codes, 0, target, 0);
    const bad = target.findIndex((x) => !Number.isFinite(x));
    must(bad < 0, what, "numbers that are finite after scaling", target[bad]);
  }
}

const FAR = 32; // no table of numbers within 0 … 1 holds it, and nearly every picture of bytes does

/** Refuses bytes where the model was trained on fractions, and the reverse, where the numbers leave no doubt. */
export class ScaleGuard {
  readonly #bytes: boolean; //     the model divides by 255
  readonly #fractions: boolean; // the model's columns lay within 0 … 1

  constructor(scaling: Scaling) {
    this.#bytes = scaling.kind === "divide" && scaling.by === 255;
    this.#fractions =
      scaling.kind === "standardize" &&
      scaling.mean.every((mean) => mean >= 0 && mean <= 1) &&
      scaling.deviation.every((d) => d <= 0.5 || d === 1); // 0.5: the largest within 0 … 1; 1: a constant column
  }

  /** Whether the model was trained on numbers within 0 … 1. */
  get fractions(): boolean {
    return this.#fractions;
  }

  /** Whether `judge` may yet refuse numbers of which these are some; most rows leave no doubt after a few. */
  inDoubt(largest: number, least: number, whole: boolean): boolean {
    if (least < 0) return false;
    return this.#bytes ? largest <= 1 : this.#fractions && whole && largest <= 255;
  }

  /** Raises InvalidInput OTHER_SCALE if numbers of this range, all whole or not, are of the other scale. */
  judge(what: string, largest: number, least: number, whole: boolean): void {
    if (least < 0) return;
    if (this.#bytes && !whole && largest <= 1)
      throw new InvalidInput(
        "OTHER_SCALE",
        `${what} holds fractions within 0 … 1, but this model divides by 255: it was trained on bytes within 0 … 255. Multiply by 255.`,
      );
    if (this.#fractions && whole && largest >= FAR && largest <= 255)
      throw new InvalidInput(
        "OTHER_SCALE",
        `${what} holds whole numbers up to ${largest}, but this model was trained on numbers within 0 … 1. Divide bytes by 255.`,
      );
  }
}

/** The rows one by one; of a typed array views. Raises InvalidInput. */
export function listRows(rows: ManyRows, cols: number): readonly InputRow[] {
  if (rows instanceof Uint8Array || rows instanceof Float32Array || rows instanceof Float64Array) {
    must(rows.length % cols === 0 && rows.length > 0, "rows", `whole rows of ${cols} numbers`, rows.length);
    return Array.from({ length: rows.length / cols }, (_, i) => rows.subarray(i * cols, (i + 1) * cols));
  }
  must(
    typeof (rows as Iterable<InputRow> | undefined)?.[Symbol.iterator] === "function",
    "rows",
    "an array of rows",
    rows,
  );
  const list = Array.isArray(rows) ? (rows as readonly InputRow[]) : [...rows];
  must(list.length >= 1 && typeof list[0] !== "number", "rows", "an array of rows", list, "predict takes one row.");
  return list;
}
