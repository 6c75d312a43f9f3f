// From raw features to the network's input. Fitted on the training rows only, stored in the model, applied to every
// row.
import type { FeatureRows } from "../engines/engine.ts";
import { atOnce, eachPiece, type Steps } from "../engines/turns.ts";
import { must } from "../errors.ts";
import { type Dataset, firstNotFinite, mustBeData } from "./dataset.ts";
import { eachRows, formOf, isSparse, type Piece, type RowStore, rowStoreOf } from "./stored/row-store.ts";
import { type FittedColumn, fittingColumns, inputCount, recoding, transformRow } from "./transform.ts";

/**
 * `divide`: x / by (bytes: 255), in float32. `standardize`: (x − mean_j) / deviation_j, in float64 and rounded once to
 * float32; a constant feature has deviation 1, so it becomes 0 and never NaN. `none`: x as it is. `columns`: a table
 * with words or holes, each column by its kind; a row of D columns becomes D′ inputs.
 */
export type Scaling =
  | {
      /** x. */
      readonly kind: "none";
    }
  | {
      /** x / by. */
      readonly kind: "divide";
      /** A finite number > 0: 255 for bytes. */
      readonly by: number;
    }
  | {
      /** (x − mean_j) / deviation_j. */
      readonly kind: "standardize";
      /** [D], of the training rows. */
      readonly mean: Float64Array;
      /** [D], each > 0: the population's standard deviation. */
      readonly deviation: Float64Array;
    }
  | {
      /** The fitted transform of each column of a table with words, dates or holes. */
      readonly kind: "columns";
      /** [D], in the order of the columns. */
      readonly columns: readonly FittedColumn[];
    };

/** One number at a time. */
type PlainScaling = Exclude<Scaling, { kind: "columns" }>;

/** Names of the scalings. */
export const SCALINGS = ["none", "divide", "standardize"] as const;
/** "none", "divide" or "standardize". */
export type ScalingKind = (typeof SCALINGS)[number];

/**
 * The scaling of that kind for these rows: "divide" by 255, "standardize" by the mean and population standard deviation
 * of each column. Without a kind bytes are divided and anything else is standardized, but rows that are mostly zeros
 * are divided by the largest size of each column, so that 0 stays 0. Rows with `columns` have their own way, "columns".
 */
export function fitScaling(train: Dataset, kind?: ScalingKind): Scaling {
  mustBeData(train);
  return atOnce(fittingScaling(train, kind));
}

/** fitScaling in steps. */
export function* fittingScaling(train: Dataset, asked?: ScalingKind): Steps<Scaling> {
  if (asked === undefined && !train.columns && isSparse(train)) return yield* fittingLargest(train);
  const kind = asked ?? (formOf(train) === "bytes" ? "divide" : "standardize");
  if (train.columns) {
    must(kind === "standardize", "scaling", "left out for a table with words or missing values", kind);
    return { kind: "columns", columns: yield* fittingColumns(train, train.columns) };
  }
  must(SCALINGS.includes(kind), "scaling", `one of ${SCALINGS.join(", ")}`, kind);
  if (kind === "none") return { kind };
  if (kind === "divide") return { kind, by: 255 };
  const { rows, cols } = train;
  const mean = new Float64Array(cols);
  const deviation = new Float64Array(cols);
  const addMean = ({ features }: Piece) => {
    for (let at = 0; at < features.length; at += cols)
      for (let j = 0; j < cols; j++) mean[j]! += features[at + j]! / rows;
  };
  const addDeviation = ({ features }: Piece) => {
    for (let at = 0; at < features.length; at += cols)
      for (let j = 0; j < cols; j++) {
        const d = features[at + j]! - mean[j]!;
        deviation[j]! += (d / rows) * d;
      }
  };
  yield* eachRows(train, addMean);
  yield* eachRows(train, addDeviation);
  for (let j = 0; j < cols; j++) {
    const value = Math.sqrt(deviation[j]!);
    const rounding = Math.abs(mean[j]!) * 2 ** -50 * rows; // a constant column's deviation is rounding of its mean
    deviation[j] = value > rounding ? value : 1;
  }
  return { kind: "standardize", mean, deviation };
}

/** x_j / max |x_j|: what is 0 stays 0. */
function* fittingLargest(train: Dataset): Steps<Scaling> {
  const { cols } = train;
  const deviation = new Float64Array(cols);
  const look = ({ features }: Piece) => {
    for (let at = 0; at < features.length; at += cols)
      for (let j = 0; j < cols; j++) {
        const size = Math.abs(features[at + j]!);
        if (size > deviation[j]!) deviation[j] = size;
      }
  };
  yield* eachRows(train, look);
  return { kind: "standardize", mean: new Float64Array(cols), deviation: deviation.map((size) => size || 1) };
}

/** The inputs of a network for rows of `cols` columns: D′ of "columns", else D. */
export const inputsOf = (scaling: Scaling, cols: number): number =>
  scaling.kind === "columns" ? inputCount(scaling.columns) : cols;

/**
 * Features as a session takes them: bytes stay bytes (the engine divides while it gathers), floats are scaled here,
 * once. Codes are those of the data's own columns, else of the scaling's. Raises InvalidInput where a scaled value is
 * not a finite float32.
 */
export function scaleFeatures(
  data: Pick<Dataset, "features" | "cols" | "columns">,
  scaling: Scaling,
): Uint8Array | Float32Array {
  return atOnce(scalingFeatures(data, scaling));
}

/** scaleFeatures in steps. */
export function* scalingFeatures(
  { features, cols, columns }: Pick<Dataset, "features" | "cols" | "columns">,
  by: Scaling,
): Steps<Uint8Array | Float32Array> {
  return yield* scaling(features, cols, columns, by, (i) => i);
}

/** `rowAt` gives the number of a row for messages. */
function* scaling(
  features: Dataset["features"],
  cols: number,
  columns: Dataset["columns"],
  by: Scaling,
  rowAt: (i: number) => number,
): Steps<Uint8Array | Float32Array> {
  if (features instanceof Uint8Array && by.kind === "divide") return features;
  const inputs = inputsOf(by, cols);
  const out = new Float32Array((features.length / cols) * inputs);
  if (by.kind === "columns") {
    const { columns: fitted } = by;
    const recode = recoding(fitted, columns);
    const transform = (from: number, to: number) => {
      for (let i = from; i < to; i++) transformRow(fitted, recode, features, i * cols, out, i * inputs);
    };
    yield* eachPiece(features.length / cols, transform, Math.ceil(2 ** 14 / cols));
    const bad = firstNotFinite(out);
    const place = `input ${bad % inputs} of row ${rowAt(Math.floor(bad / inputs))}`;
    must(bad < 0, place, "a finite float32 number", out[bad]);
    return out;
  }
  yield* eachPiece(out.length, (from, to) => {
    scalePiece(out, features, from, to, cols, by);
    const bad = firstNotFinite(out, from, to); // a finite x can overflow under the scaling of other data
    const place = `features[${rowAt(Math.floor(bad / cols))}, ${bad % cols}]`;
    must(bad < 0, place, "a finite float32 number after scaling", features[bad]);
  });
  return out;
}

const ROOM = 2 ** 30; // bytes
const WIDER = 4; //      times as many inputs as columns

/** The rows of a data set as a session takes them: as scaleFeatures gives them, a piece at a time. */
export class ScaledRows implements FeatureRows {
  readonly rows: number;
  readonly form: "bytes" | "floats";
  /** Of bytes: what they are divided by. */
  readonly divisor: number | undefined;
  /** Of rows that take much less as they are kept: words, and what is mostly zeros. */
  readonly room: number | undefined;
  readonly #store: RowStore;
  readonly #columns: Dataset["columns"];
  readonly #scaling: Scaling;

  constructor(data: Pick<Dataset, "features" | "rows" | "cols" | "columns">, scaling: Scaling) {
    this.rows = data.rows;
    this.#store = rowStoreOf(data);
    this.#columns = data.columns;
    this.#scaling = scaling;
    const bytes = this.#store.form === "bytes" && scaling.kind === "divide";
    this.form = bytes ? "bytes" : "floats";
    this.divisor = bytes ? scaling.by : undefined;
    const wider = inputsOf(scaling, data.cols) > WIDER * data.cols;
    this.room = wider || this.#store.sparse ? ROOM : undefined;
  }

  *gathering(rows: Uint32Array): Steps<Uint8Array | Float32Array> {
    const { cols } = this.#store;
    const features = yield* this.#store.gathering(rows);
    const at = (i: number) => rows[i]!;
    return yield* scaling(features, cols, this.#columns, this.#scaling, at);
  }
}

function scalePiece(
  out: Float32Array,
  features: Dataset["features"],
  from: number,
  to: number,
  cols: number,
  scaling: PlainScaling,
): void {
  for (let i = from, j = from % cols; i < to; i++, j = j + 1 === cols ? 0 : j + 1)
    out[i] = scaleValue(features[i]!, j, scaling);
}

/** Feature `j` of a row, scaled; to be rounded once to float32. */
export function scaleValue(x: number, j: number, scaling: PlainScaling): number {
  if (scaling.kind === "none") return x;
  if (scaling.kind === "divide") return Math.fround(Math.fround(x) / Math.fround(scaling.by));
  return (x - scaling.mean[j]!) / scaling.deviation[j]!;
}
