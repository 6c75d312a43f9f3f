// Data sets whose rows are read when they are asked for: packed in memory, or on a disk. Their `features` are an array
// like those of any other, made when a program first asks for it; what trains and counts goes through the rows instead.
import { atOnce, type Steps } from "../../engines/turns.ts";

type Features = Uint8Array | Float32Array | Float64Array;

/** What is asked of a data set here. */
type Rowed = { readonly features: Features; readonly rows: number; readonly cols: number };

/** N rows of D numbers. */
export interface RowStore {
  readonly rows: number;
  readonly cols: number;
  readonly form: "bytes" | "floats";
  /** Whether most numbers are 0 and not kept. */
  readonly sparse?: boolean | undefined;
  /** The rows with these numbers, in their order: [n×D]. */
  gathering(rows: Uint32Array): Steps<Features>;
  /** All rows [N×D]; a store in memory frees its own as it goes, and reads from these afterwards. */
  all(): Features;
}

const stores = new WeakMap<object, RowStore>();

/** The rows of a data set that was made of a store; undefined where its features are an array. */
export const storeOf = (data: Pick<Rowed, "features">): RowStore | undefined => stores.get(data);

/** A data set of the rows of a store, sound by what made it. */
export function storedData<D extends object>(facts: D, store: RowStore): D & Pick<Rowed, "features"> {
  const data = { ...facts } as D & Pick<Rowed, "features">;
  stores.set(data, store);
  const get = () => {
    const features = store.all();
    Object.defineProperty(data, "features", { value: features, enumerable: true, configurable: true });
    return features;
  };
  Object.defineProperty(data, "features", { get, enumerable: true, configurable: true });
  return data;
}

/** `data` with other facts and the same rows, which are not read for it. */
export function withFacts<D extends Rowed>(data: D, facts: Partial<Omit<D, "features">>): D {
  const store = storeOf(data);
  if (store === undefined) return { ...data, ...facts };
  return storedData({ ...factsOf(data), ...facts }, store) as unknown as D;
}

/** Everything but the features. */
export function factsOf<D extends Rowed>(data: D): Omit<D, "features"> {
  const { features: _, ...facts } = Object.getOwnPropertyDescriptors(data) as PropertyDescriptorMap;
  return Object.defineProperties({}, facts) as Omit<D, "features">;
}

/** Whether rows are bytes or floats. */
export const formOf = (data: Rowed): "bytes" | "floats" =>
  storeOf(data)?.form ?? (data.features instanceof Uint8Array ? "bytes" : "floats");

/** Whether most numbers are 0, and are not kept. */
export const isSparse = (data: Pick<Rowed, "features">): boolean => storeOf(data)?.sparse === true;

/** The number of values, N×D. */
export const valueCount = (data: Rowed): number => {
  const store = storeOf(data);
  return store === undefined ? data.features.length : store.rows * store.cols;
};

/** Rows in one array, with their place. */
export type Piece = { readonly from: number; readonly to: number; readonly features: Features };

const PIECE = 2 ** 18; // values

/** The rows of a data set one piece after another, until `work` gives false. Each piece is gone with the next. */
export function* eachRows(data: Rowed, work: (piece: Piece) => unknown, values = PIECE): Steps<void> {
  const store = storeOf(data);
  const { rows, cols } = data;
  const some = Math.max(1, Math.floor(values / cols));
  for (let from = 0; from < rows; from += some) {
    const to = Math.min(rows, from + some);
    const features = store
      ? yield* store.gathering(numbersFrom(from, to - from))
      : data.features.subarray(from * cols, to * cols);
    if (work({ from, to, features }) === false) return;
    yield;
  }
}

/** All values of a data set, row after row. */
export function* valuesOf(data: Rowed): Generator<number> {
  const store = storeOf(data);
  if (store === undefined) return yield* data.features;
  const some = Math.max(1, Math.floor(PIECE / data.cols));
  for (let from = 0; from < data.rows; from += some)
    yield* atOnce(store.gathering(numbersFrom(from, Math.min(some, data.rows - from))));
}

/** Some rows in one array: [n×D]. */
export function rowsOf(data: Rowed, rows: Uint32Array): Features {
  const store = storeOf(data);
  if (store) return atOnce(store.gathering(rows));
  const { features, cols } = data;
  const out = new (features.constructor as new (n: number) => Float64Array)(rows.length * cols);
  rows.forEach((row, i) => {
    out.set(features.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return out;
}

/** from, from + 1, … */
export function numbersFrom(from: number, count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let i = 0; i < count; i++) rows[i] = from + i;
  return rows;
}

/** Some rows of another store, in an order of their own. */
export class SelectedRows implements RowStore {
  readonly #of: RowStore;
  readonly #numbers: Uint32Array;
  #made: Features | undefined;

  /** Rows of rows that were selected themselves are those of the first store, so that one list of numbers is enough. */
  constructor(of: RowStore, numbers: Uint32Array) {
    const selected = of instanceof SelectedRows ? of : undefined;
    this.#of = selected ? selected.#of : of;
    this.#numbers = selected ? numbers.map((row) => selected.#numbers[row]!) : numbers;
  }

  get rows(): number {
    return this.#numbers.length;
  }

  get cols(): number {
    return this.#of.cols;
  }

  get form(): "bytes" | "floats" {
    return this.#of.form;
  }

  get sparse(): boolean | undefined {
    return this.#of.sparse;
  }

  gathering(rows: Uint32Array): Steps<Features> {
    const numbers = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) numbers[i] = this.#numbers[rows[i]!]!;
    return this.#of.gathering(numbers);
  }

  all(): Features {
    this.#made ??= atOnce(this.#of.gathering(this.#numbers));
    return this.#made;
  }
}

/** The rows of a data set as a store, whatever it is made of. */
export function rowStoreOf(data: Rowed): RowStore {
  const store = storeOf(data);
  if (store) return store;
  const { features, rows, cols } = data;
  return {
    rows,
    cols,
    form: features instanceof Uint8Array ? "bytes" : "floats",
    *gathering(wanted) {
      yield;
      return rowsOf(data, wanted);
    },
    all: () => features,
  };
}

/** The rows of another store, each made another by `map`, which is given some of them. */
export class MappedRows implements RowStore {
  readonly rows: number;
  readonly cols: number;
  readonly form: "bytes" | "floats";
  readonly #of: RowStore;
  readonly #map: (features: Features, rows: number) => Features;

  constructor(
    of: RowStore,
    cols: number,
    map: (features: Features, rows: number) => Features,
    form: "bytes" | "floats" = of.form,
  ) {
    this.rows = of.rows;
    this.cols = cols;
    this.form = form;
    this.#of = of;
    this.#map = map;
  }

  *gathering(rows: Uint32Array): Steps<Features> {
    return this.#map(yield* this.#of.gathering(rows), rows.length);
  }

  all(): Features {
    return this.#map(this.#of.all(), this.rows);
  }
}
