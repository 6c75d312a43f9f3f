// Rows of a part that training has, too, or nearly: learned by heart, they test nothing. Rows are compared as the
// network sees them, after the transform. Each is read once, and found by hashes of what it holds.
import { atOnce } from "../engines/turns.ts";
import type { Dataset } from "./dataset.ts";
import type { DataParts } from "./join-parts.ts";
import { fitScaling, inputsOf, type Scaling, scaleValue } from "./scaling.ts";
import { eachRows, formOf, rowsOf } from "./stored/row-store.ts";
import { inputCount, recoding, transformRow } from "./transform.ts";

export type AlikeRows = {
  /** Rows whose inputs are those of an earlier row, bit for bit. */
  readonly exact: number;
  /** Further rows that nearly are. */
  readonly near: number;
  /** Rows that were looked for: all, or of very many so many, evenly over the part. */
  readonly compared: number;
};

const NEAR = 0.01; //      of a deviation, in every number; of pictures the mean difference of a pixel, of their range
const FEW = 3; //          numbers of a row from which nearly equal rows are no accident
const PICTURE = 64; //     bytes of a row that is a picture
const COORDINATES = 6; //  numbers of a row that its cell is found by
const CELL = 5 * NEAR; //  the width of a cell in each
const GRIDS = 3; //        of cells, each shifted: what lies on the border in one does not in another
const MOST_FAILED = 16; // rows of the same hash that are compared: a file made of collisions must not cost N²

const MOST_ROWS = 2 ** 19; //   compared, of some 100 bytes each beside their inputs
const MOST_VALUES = 2 ** 24; // inputs of these rows, which are held as float32

/** How many rows of `part` are alike a row of `earlier`; rows of one hash with many others may be missed. */
export function alikeRows(
  earlier: readonly Dataset[],
  part: Dataset,
  scaling: Scaling,
  most = { rows: MOST_ROWS, values: MOST_VALUES },
): AlikeRows {
  const D = inputsOf(scaling, part.cols);
  const compared = Math.min(part.rows, most.rows, Math.max(1, Math.floor(most.values / D)));
  const held = new Float32Array(compared * D);
  const reader = new RowReading(part, scaling);
  const tables = Array.from({ length: 1 + reader.grids }, () => new HashChains(compared));
  const hashes = new Int32Array(1 + GRIDS);
  const some = Math.max(1, Math.floor(PIECE / part.cols));
  for (let t = 0; t < compared; t++) {
    const k = t % some;
    if (k === 0) {
      const rows = Uint32Array.from({ length: Math.min(some, compared - t) }, (_, i) =>
        Math.floor(((t + i) * part.rows) / compared),
      );
      reader.of(rowsOf(part, rows));
    }
    reader.hash(k, hashes);
    held.set(reader.inputs, t * D);
    tables.forEach((table, g) => {
      table.add(t, hashes[g]!);
    });
  }
  const found = tables.map(() => new Uint8Array(compared));
  for (const data of earlier) {
    const other = new RowReading(data, scaling);
    let g = 0;
    const alike = (t: number) => {
      const is = g === 0 ? other.equals(held, t * D) : other.resembles(held, t * D);
      if (is) found[g]![t] = 1;
      return is;
    };
    const each = eachRows(data, ({ from, to, features }) => {
      other.of(features);
      for (let i = 0; i < to - from; i++) {
        other.hash(i, hashes);
        for (g = 0; g < tables.length; g++) tables[g]!.take(hashes[g]!, alike);
      }
    });
    atOnce(each);
  }
  let [exact, near] = [0, 0];
  for (let t = 0; t < compared; t++)
    if (found[0]![t]) exact++;
    else if (found.some((one) => one[t])) near++;
  return { exact, near, compared };
}

const PIECE = 2 ** 18; // values read at once

/** The inputs of a network for one of some rows at a time. */
class RowReading {
  /** Of cells; 0 where nearly equal rows cannot be told. */
  readonly grids: number;
  /** Of the row that was read last. */
  readonly inputs: Float32Array;
  readonly #words: Int32Array; //    the same bytes
  readonly #measured: Uint8Array; // 1 for an input that is a measured number
  readonly #exact: Uint32Array; //   the other inputs
  readonly #chosen: readonly number[];
  readonly #coordinates: Float64Array; // of the row that was read last, in widths of a cell
  readonly #picture: boolean;
  readonly #write: (features: Dataset["features"], row: number) => void;
  #features: Dataset["features"] = new Uint8Array(0);

  constructor(data: Dataset, scaling: Scaling) {
    const { cols } = data;
    const D = inputsOf(scaling, cols);
    this.inputs = new Float32Array(D);
    this.#words = new Int32Array(this.inputs.buffer);
    this.#write = writer(data, scaling, this.inputs);
    this.#picture = formOf(data) === "bytes" && D >= PICTURE;
    this.#measured = this.#picture ? new Uint8Array(D).fill(1) : measuredInputs(scaling, D);
    const measured = Array.from(this.#measured.keys()).filter((j) => this.#measured[j]);
    const step = Math.max(1, Math.ceil(measured.length / COORDINATES));
    this.#chosen = measured.filter((_, k) => k % step === 0);
    this.#coordinates = new Float64Array(this.#chosen.length);
    this.#exact = Uint32Array.from(Array.from(this.#measured.keys()).filter((j) => !this.#measured[j]));
    this.grids = measured.length >= FEW ? GRIDS : 0;
  }

  /** The rows that are read from now on, numbered from 0. */
  of(features: Dataset["features"]): void {
    this.#features = features;
  }

  /** Hashes of a row: of all its bits, then of its cell in each grid. */
  hash(row: number, out: Int32Array): void {
    this.#write(this.#features, row);
    const words = this.#words;
    let all = 0x811c9dc5 | 0; // FNV-1a
    for (let j = 0; j < words.length; j++) all = Math.imul(all ^ words[j]!, 0x01000193);
    out[0] = all;
    if (this.grids === 0) return;
    let rest = 0x811c9dc5 | 0;
    for (const j of this.#exact) rest = Math.imul(rest ^ words[j]!, 0x01000193);
    const at = this.#coordinates;
    for (let k = 0; k < at.length; k++) at[k] = this.#coordinate(k) / CELL;
    for (let g = 0; g < this.grids; g++) {
      let cell = rest;
      for (let k = 0; k < at.length; k++) cell = Math.imul(cell ^ Math.floor(at[k]! + g / GRIDS), 0x01000193);
      out[1 + g] = cell;
    }
  }

  /** A number of the row; of a picture the mean of a stretch of it, which noise does not move. */
  #coordinate(k: number): number {
    const from = this.#chosen[k]!;
    if (!this.#picture) return this.inputs[from]!;
    const to = this.#chosen[k + 1] ?? this.inputs.length;
    const { inputs } = this;
    let sum = 0;
    for (let j = from; j < to; j++) sum += inputs[j]!;
    return sum / (to - from);
  }

  /** Whether the row that was read last has the inputs that begin at `at`. */
  equals(others: Float32Array, at: number): boolean {
    const own = this.inputs;
    for (let j = 0; j < own.length; j++) if (others[at + j] !== own[j]) return false;
    return true;
  }

  /** Whether it nearly has them. */
  resembles(others: Float32Array, at: number): boolean {
    const own = this.inputs;
    if (this.#picture) return differsLittle(own, others, at);
    for (let j = 0; j < own.length; j++) {
      const off = Math.abs(others[at + j]! - own[j]!);
      if (!(off <= (this.#measured[j] ? NEAR : 0))) return false;
    }
    return true;
  }
}

/** Whether the mean difference of a pixel is at most NEAR. Most pictures of one cell are seen to differ early. */
function differsLittle(own: Float32Array, others: Float32Array, at: number): boolean {
  const most = NEAR * own.length;
  let sum = 0;
  for (let j = 0; j < own.length && sum <= most; j++) sum += Math.abs(others[at + j]! - own[j]!);
  return sum <= most;
}

function writer(data: Dataset, scaling: Scaling, out: Float32Array) {
  const { cols } = data;
  if (scaling.kind === "columns") {
    const recode = recoding(scaling.columns, data.columns);
    return (features: Dataset["features"], row: number) => {
      transformRow(scaling.columns, recode, features, row * cols, out, 0);
    };
  }
  if (formOf(data) === "bytes" && scaling.kind !== "standardize") {
    const scaled = Float32Array.from({ length: 256 }, (_, byte) => scaleValue(byte, 0, scaling)); // of every column
    return (features: Dataset["features"], row: number) => {
      for (let j = 0, at = row * cols; j < cols; j++) out[j] = scaled[features[at + j]!]!;
    };
  }
  return (features: Dataset["features"], row: number) => {
    for (let j = 0, at = row * cols; j < cols; j++) out[j] = scaleValue(features[at + j]!, j, scaling) + 0; // no -0
  };
}

/** 1 for each input that is a number over its deviation. */
function measuredInputs(scaling: Scaling, D: number): Uint8Array {
  if (scaling.kind === "standardize") return new Uint8Array(D).fill(1);
  const measured = new Uint8Array(D);
  if (scaling.kind !== "columns") return measured;
  let at = 0;
  for (const column of scaling.columns) {
    if (column.kind === "number" || column.kind === "date") measured[at] = 1;
    at += inputCount([column]);
  }
  return measured;
}

/** Rows by a hash, in chains that a row leaves once it is taken. */
class HashChains {
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  readonly #hashes: Int32Array;

  constructor(rows: number) {
    this.#head = new Int32Array(2 ** (32 - Math.clz32(2 * rows))).fill(-1);
    this.#next = new Int32Array(rows);
    this.#hashes = new Int32Array(rows);
  }

  #slot(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#head.length - 1);
  }

  add(row: number, hash: number): void {
    const slot = this.#slot(hash);
    this.#hashes[row] = hash;
    this.#next[row] = this.#head[slot]!;
    this.#head[slot] = row;
  }

  /** Ask `wanted` of the rows with this hash; those it wants leave. */
  take(hash: number, wanted: (row: number) => boolean): void {
    const slot = this.#slot(hash);
    let failed = 0;
    for (let row = this.#head[slot]!, before = -1; row >= 0 && failed < MOST_FAILED; row = this.#next[row]!) {
      if (this.#hashes[row] === hash) {
        if (wanted(row)) {
          if (before < 0) this.#head[slot] = this.#next[row]!;
          else this.#next[before] = this.#next[row]!;
          continue;
        }
        failed++;
      }
      before = row;
    }
  }
}

/** A warning where rows of the validation or the test part are alike to rows before them; none where none is. */
export function alikeRowsWarning(parts: DataParts, fitted?: Scaling): string[] {
  const { train, validation, test } = parts;
  const scaling = fitted ?? fitScaling(train);
  const words: string[] = [];
  let belong = false;
  const compare = (part: Dataset | undefined, name: string, earlier: readonly Dataset[]) => {
    if (part === undefined || part.cols !== train.cols) return;
    const { exact, near, compared } = alikeRows(earlier, part, scaling);
    if (exact + near === 0) return;
    belong ||= near > 0 && !train.groups && !train.image && !train.picture;
    const rows = (n: number) => (n === 1 ? `1 ${name} row is` : `${n} ${name} rows are`);
    const same = exact === 0 ? [] : [`${rows(exact)} also among the training rows`];
    const nearly = near === 0 ? [] : [exact === 0 ? `${rows(near)} nearly among the training rows` : `${near} nearly`];
    const of = compared < part.rows ? `${compared} that were compared of ${part.rows}` : part.rows;
    words.push(`${[...same, ...nearly].join(" and ")}, of ${of}`);
  };
  compare(test, "test", validation ? [train, validation] : [train]);
  compare(validation, "validation", [train]);
  if (words.length === 0) return [];
  const remedy = belong ? " --group keeps rows that belong together on one side." : "";
  return [`${words.join("; ")}: the test is easier than it looks.${remedy}`];
}
