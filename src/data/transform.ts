// The fitted transform of a table's columns: from a coded row [D] to the inputs of the network [D′]. Fitted on the
// training rows alone. Numbers are standardized, categories are one input a level, missing values have inputs of their
// own where training had any.
import type { Steps } from "../engines/turns.ts";
import { cosTurns, sinTurns } from "../numerics/trigonometry.ts";
import type { Column } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import { eachRows, type Piece } from "./stored/row-store.ts";

/** A column of one input, (x − mean) / deviation, where a missing x is `fill`, the median; and one for "missing". */
export type MeasuredColumn = Column & {
  /** Any kind but "category". */
  readonly kind: "number" | "boolean" | "ordinal" | "date";
  /** What is taken from x. */
  readonly mean: number;
  /** What the difference is divided by, > 0. */
  readonly deviation: number;
  /** The median of training, for a missing x. */
  readonly fill: number;
  /** Whether training had missing values: then a further input is 1 where the value is missing, else 0. */
  readonly missing: boolean;
  /**
   * Of numbers with heavy tails: z = (x − mean) / deviation, with the median for mean and the quartiles' distance for
   * deviation, becomes z / √(1 + (z/3)²), within ±3.
   */
  readonly clip?: true | undefined;
  /** Of dates: sine and cosine of 2π·days/period, two inputs for each, before that for "missing". */
  readonly cycles?: readonly Cycle[] | undefined;
};

/** Days of a period. */
export const PERIODS = { year: 365.2425, week: 7, day: 1 } as const;
/** A period that dates run through. */
export type Cycle = keyof typeof PERIODS;

/**
 * A column of an input for each of its `levels`, 1 for the row's own and 0 for the others. A level that is not among
 * them is `other`, if training had such rare ones, else 0 in every input; so is a missing value.
 */
export type OneHotColumn = Column & {
  /** Always "category". */
  readonly kind: "category";
  /** Those with an input of their own, in its order. */
  readonly levels: readonly string[];
  /** Whether an input for all other levels follows. */
  readonly other: boolean;
  /** Whether an input for missing values follows. */
  readonly missing: boolean;
};

/** A column with what was fitted of it. */
export type FittedColumn = MeasuredColumn | OneHotColumn;

const MOST_LEVELS = 4096; // with an input of their own, the most frequent first
const COMMON = 10; // rows from which a level has an input of its own in a table of 1,000 rows or more

/** The least number of training rows of a level with an input of its own, of `rows` rows. */
export const leastRows = (rows: number): number => Math.min(COMMON, Math.max(1, Math.floor(rows / 100)));

/** Fit the transform of `columns` on coded rows, in steps. */
export function* fittingColumns(train: Dataset, columns: readonly Column[]): Steps<FittedColumn[]> {
  const { rows, cols } = train;
  const fitted: FittedColumn[] = [];
  const some = Math.max(1, Math.min(cols, Math.floor(AT_ONCE / rows)));
  const values = new Float64Array(some * rows); // of some columns, one after another
  for (let first = 0; first < cols; first += some) {
    const these = columns.slice(first, first + some);
    const take = ({ from, to, features }: Piece) => {
      for (let j = 0; j < these.length; j++)
        for (let i = from, at = first + j; i < to; i++, at += cols) values[j * rows + i] = features[at]!;
    };
    yield* eachRows(train, take);
    for (const [j, column] of these.entries()) {
      const own = values.subarray(j * rows, (j + 1) * rows);
      fitted.push(column.kind === "category" ? fitLevels(column, own) : fitMeasure(column, own));
    }
  }
  return fitted;
}

const AT_ONCE = 2 ** 23; // values of columns in memory, where a column has no more

/** `values` is overwritten. */
function fitMeasure(column: Column, values: Float64Array): MeasuredColumn {
  let n = 0;
  for (const x of values) if (!unknown(column, x)) values[n++] = x;
  const known = values.subarray(0, n);
  let mean = 0;
  for (const x of known) mean += x / n;
  let variance = 0;
  for (const x of known) variance += ((x - mean) / n) * (x - mean);
  const deviation = Math.sqrt(variance);
  const rounding = Math.abs(mean) * 2 ** -50 * n; // a constant column's deviation is rounding of its mean
  known.sort();
  const fill = n === 0 ? 0 : known[(n - 1) >> 1]!;
  const kind = column.kind as MeasuredColumn["kind"];
  const missing = n < values.length;
  const plain = { ...column, kind, mean, deviation: deviation > rounding ? deviation : 1, fill, missing };
  if (kind === "date") return { ...plain, cycles: cyclesOf(known) };
  const spread = n < FEW ? 0 : (known[(3 * (n - 1)) >> 2]! - known[(n - 1) >> 2]!) / QUARTILES;
  const heavy = Math.max(known[n - 1]! - mean, mean - known[0]!) > FAR * deviation;
  if (kind !== "number" || spread <= 0 || !heavy) return plain;
  return { ...plain, mean: fill, deviation: spread, clip: true };
}

const QUARTILES = 1.349; // their distance in a normal distribution of deviation 1
const FAR = 8; //           deviations of a value from the mean, as of a heavy tail
const FEW = 20; //          rows that show no tail

/** The cycles that sorted days run through: a quarter of a year, two weeks, times of day. */
function cyclesOf(days: Float64Array): Cycle[] {
  const range = days.length === 0 ? 0 : days.at(-1)! - days[0]!;
  const phase = (x: number, period: number) => x - period * Math.floor(x / period);
  const varies = (period: number) => days.some((x) => phase(x, period) !== phase(days[0]!, period));
  const found: Cycle[] = [];
  if (range > 90) found.push("year");
  if (range >= 14 && varies(7)) found.push("week");
  if (varies(1)) found.push("day");
  return found;
}

const CLIP = 3;
const NONE: readonly Cycle[] = [];

/** Missing, or a rank that is none of the levels. */
const unknown = ({ kind }: Column, x: number) => Number.isNaN(x) || (kind === "ordinal" && x < 0);

function fitLevels(column: Column, values: Float64Array): OneHotColumn {
  const levels = column.levels ?? [];
  const counts = new Uint32Array(levels.length);
  let missing = 0;
  for (const x of values)
    if (x >= 0) counts[x]!++;
    else if (Number.isNaN(x)) missing++;
  const least = leastRows(values.length);
  const order = Uint32Array.from(levels.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const kept = order.filter((k) => counts[k]! >= least).subarray(0, MOST_LEVELS);
  const own = kept.toSorted();
  let others = values.length - missing;
  for (const k of own) others -= counts[k]!;
  const names = Array.from(own, (k) => levels[k]!);
  return { ...column, kind: "category", levels: names, other: others > 0, missing: missing > 0 };
}

const width = (column: FittedColumn): number =>
  column.kind === "category"
    ? column.levels.length + Number(column.other) + Number(column.missing)
    : 1 + 2 * (column.cycles?.length ?? 0) + Number(column.missing);

/** D′, the inputs of the network. */
export const inputCount = (columns: readonly FittedColumn[]): number =>
  columns.reduce((sum, column) => sum + width(column), 0);

/** D′ names, such as `age`, `age missing`, `outlook=sunny`, `outlook other`. */
export function inputNames(columns: readonly FittedColumn[]): string[] {
  return columns.flatMap((column) => {
    const { name } = column;
    const last = column.missing ? [`${name} missing`] : [];
    if (column.kind !== "category") {
      const cycles = (column.cycles ?? []).flatMap((cycle) => [`${name} ${cycle} sin`, `${name} ${cycle} cos`]);
      return [name, ...cycles, ...last];
    }
    const other = column.other ? [`${name} other`] : [];
    return [...column.levels.map((level) => `${name}=${level}`), ...other, ...last];
  });
}

/** Codes in `from`'s levels as codes in those of the fitted columns; undefined where they are the same. */
export function recoding(columns: readonly FittedColumn[], from: readonly Column[] | undefined): Recoding {
  return columns.map(({ levels }, j) => {
    const given = from?.[j]?.levels;
    if (levels === undefined || given === undefined) return undefined;
    const places = new Map(levels.map((level, k) => [level, k]));
    return Int32Array.from(given, (level) => places.get(level) ?? -1);
  });
}

export type Recoding = readonly (Int32Array | undefined)[];

/** Write the inputs of the coded row that begins at `at` into `out` from `to` on; rounding is the target's. */
export function transformRow(
  columns: readonly FittedColumn[],
  recode: Recoding,
  row: ArrayLike<number>,
  at: number,
  out: Float32Array | Float64Array,
  to: number,
): void {
  let next = to;
  for (let j = 0; j < columns.length; j++) {
    const column = columns[j]!;
    const given = row[at + j]!;
    const code = given >= 0 ? recode[j]?.[given] : undefined;
    const x = code ?? given;
    if (column.kind === "category") {
      const { levels, other, missing } = column;
      const end = next + width(column);
      out.fill(0, next, end);
      if (x >= 0) out[next + x] = 1;
      else if (Number.isNaN(x)) {
        if (missing) out[end - 1] = 1;
      } else if (other) out[next + levels.length] = 1;
      next = end;
    } else {
      const empty = unknown(column, x);
      const known = empty ? column.fill : x;
      const z = (known - column.mean) / column.deviation;
      out[next++] = column.clip ? z / Math.sqrt(1 + (z / CLIP) * (z / CLIP)) : z;
      for (const cycle of column.cycles ?? NONE) {
        const turns = known / PERIODS[cycle];
        out[next++] = empty ? 0 : sinTurns(turns);
        out[next++] = empty ? 0 : cosTurns(turns);
      }
      if (column.missing) out[next++] = Number(empty);
    }
  }
}
