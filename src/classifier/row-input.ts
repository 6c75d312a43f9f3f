// Rows for a classifier to answer: read, checked and scaled into the engine's memory, without a copy in between.
import { nearest } from "../data/nearest.ts";
import { type Scaling, scaleValue } from "../data/scaling.ts";
import { InvalidInput, must, show } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import type { Model } from "../training/model.ts";

/** One row: D numbers in the order of the columns, or an object with a number under each column's name. */
export type InputRow = ArrayLike<number> | Readonly<Record<string, unknown>>;

/** Many rows: rows in an array or another iterable, or one typed array of whole rows. */
export type ManyRows = Iterable<InputRow> | Uint8Array | Float32Array | Float64Array;

/** Rows of one model. */
export class RowReader {
  readonly #cols: number;
  readonly #names: readonly string[] | undefined;
  readonly #scaling: Scaling;
  readonly #scale: ScaleGuard;

  constructor({ network, featureNames, scaling }: Pick<Model, "network" | "featureNames" | "scaling">) {
    this.#cols = network.layers[0]!;
    this.#names = featureNames;
    this.#scaling = scaling;
    this.#scale = new ScaleGuard(scaling);
  }

  /** Scale `row` into `target` [D]; `what` names it in errors. Raises InvalidInput. */
  write(row: InputRow, target: Floats, what: string): void {
    const values = Array.isArray(row) || ArrayBuffer.isView(row) ? (row as ArrayLike<number>) : this.#pick(row, what);
    const { length } = values;
    if (length !== this.#cols) must(false, what, `${this.#cols} numbers`, length, this.#remedy(length));
    this.#scale.begin();
    for (let j = 0; j < length; j++) {
      const x = values[j]!;
      const scaled = typeof x === "number" ? Math.fround(scaleValue(x, j, this.#scaling)) : Number.NaN;
      if (!Number.isFinite(scaled)) must(false, `${what}, ${this.#column(j)}`, "a finite number", x);
      target[j] = scaled;
      this.#scale.see(x);
    }
    this.#scale.end(what);
  }

  /** The values of an object's columns. */
  #pick(row: InputRow, what: string): ArrayLike<number> {
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
      return typeof x === "boolean" ? Number(x) : (x as number);
    });
  }

  #column(j: number): string {
    return `column ${j + 1}${this.#names ? ` (${this.#names[j]})` : ""}`;
  }

  #remedy(length: number): string {
    return length > this.#cols && length % this.#cols === 0 ? "predict takes one row, predictMany takes many." : "";
  }
}

const FAR = 32; // no table of numbers within 0 … 1 holds it, and nearly every picture of bytes does

/** Refuses bytes where the model was trained on fractions, and the reverse, where the numbers leave no doubt. */
export class ScaleGuard {
  readonly #bytes: boolean; //     the model divides by 255
  readonly #fractions: boolean; // the model's columns lay within 0 … 1
  #largest = 0;
  #least = 0;
  #whole = true;

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

  begin(): void {
    this.#largest = 0;
    this.#least = 0;
    this.#whole = true;
  }

  see(x: number): void {
    if (x > this.#largest) this.#largest = x;
    else if (x < this.#least) this.#least = x;
    if (this.#whole && x % 1 !== 0) this.#whole = false;
  }

  /** Raises InvalidInput OTHER_SCALE if the values since `begin` are of the other scale. */
  end(what: string): void {
    if (this.#least < 0) return;
    if (this.#bytes && !this.#whole && this.#largest <= 1)
      throw new InvalidInput(
        "OTHER_SCALE",
        `${what} holds fractions within 0 … 1, but this model divides by 255: it was trained on bytes within 0 … 255. Multiply by 255.`,
      );
    if (this.#fractions && this.#whole && this.#largest >= FAR && this.#largest <= 255)
      throw new InvalidInput(
        "OTHER_SCALE",
        `${what} holds whole numbers up to ${this.#largest}, but this model was trained on numbers within 0 … 1. Divide bytes by 255.`,
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
