// The columns of a Parquet file by its schema: flat ones, the fields of structs, and lists of one kind of values; what
// their physical values stand for. Source: Apache Parquet, parquet.thrift and logical types.
import { show } from "../../errors.ts";
import { badParquet, reader, type ThriftReader } from "./parquet-structs.ts";
import type { Struct } from "./thrift.ts";

const MOST_COLUMNS = 100_000;
const MOST_DEPTH = 5; //     groups around a value
const MOST_WIDTH = 4096; //  bytes of a value of fixed length

export const TYPES = [
  "BOOLEAN",
  "INT32",
  "INT64",
  "INT96",
  "FLOAT",
  "DOUBLE",
  "BYTE_ARRAY",
  "FIXED_LEN_BYTE_ARRAY",
] as const;
export type ParquetType = (typeof TYPES)[number];

/** What a physical value stands for. Timestamps and times count `unit`s of a second. */
export type Meaning =
  | { readonly kind: "number" | "unsigned" | "boolean" | "text" | "bytes" | "float16" | "date" | "int96" }
  | { readonly kind: "decimal"; readonly scale: number }
  | { readonly kind: "timestamp" | "time"; readonly unit: number };

export type ParquetColumn = {
  /** With the groups around it, e.g. image.bytes. */
  readonly name: string;
  readonly path: readonly string[];
  readonly type: ParquetType;
  /** Bytes, of the type of fixed length. */
  readonly width: number;
  readonly meaning: Meaning;
  /** The definition level of a value that is there; 0 where none can be missing. */
  readonly present: number;
  /** The definition level from which on a list has an element; 0 for a column without lists. */
  readonly listed: number;
};

/** The columns of the schema's elements, in their order. Raises InvalidInput BAD_PARQUET. */
export function readColumns(schema: readonly Struct[], file: string | undefined): ParquetColumn[] {
  const get = reader(file, "schema");
  const root = schema[0];
  const children = root && get.maybe(root, 5, "num_children");
  if (children === undefined || children < 1 || schema.length < 2 || schema.length > MOST_COLUMNS)
    throw badParquet(
      file,
      "schema",
      `the schema must be a root and 1 to ${MOST_COLUMNS} columns, got ${schema.length} elements.`,
    );
  const columns: ParquetColumn[] = [];
  const names = new Set<string>();
  let at = 1;
  let tops = 0;
  while (at < schema.length) {
    const top = new Branch(schema, get, file, columns.length);
    at = top.walk(at, [], 0, 0, 0);
    tops++;
    for (const column of top.finished()) {
      if (names.has(column.name))
        throw badParquet(
          file,
          `column ${columns.length + 1} (${column.name})`,
          "two columns have this name. Rename one.",
        );
      names.add(column.name);
      columns.push(column);
    }
  }
  if (children !== tops) throw badParquet(file, "schema", `the root says ${children} columns, the schema has ${tops}.`);
  return columns;
}

/** One element of the root and what is in it. */
class Branch {
  readonly #schema: readonly Struct[];
  readonly #get: ThriftReader;
  readonly #file: string | undefined;
  readonly #before: number; // columns
  readonly #found: ParquetColumn[] = [];

  constructor(schema: readonly Struct[], get: ThriftReader, file: string | undefined, before: number) {
    this.#schema = schema;
    this.#get = get;
    this.#file = file;
    this.#before = before;
  }

  refuse(name: string, reason: string) {
    return badParquet(this.#file, `column ${this.#before + this.#found.length + 1} (${name})`, reason);
  }

  /** Reads element `at` with all below it; returns the next. */
  walk(at: number, above: readonly string[], defined: number, repeated: number, listed: number): number {
    const element = this.#schema[at];
    const name =
      element && this.#get.text(element.get(4), `the name of column ${this.#before + this.#found.length + 1}`);
    if (!element || name === undefined)
      throw badParquet(this.#file, "schema", "a group has fewer elements than it says.");
    const path = [...above, name];
    const shown = path.join(".");
    const repetition = this.#get.maybe(element, 3, "repetition") ?? 0;
    if (repetition > 2) throw this.refuse(shown, `its repetition must be 0, 1 or 2, got ${repetition}.`);
    const defined2 = defined + (repetition > 0 ? 1 : 0);
    const repeated2 = repeated + (repetition === 2 ? 1 : 0);
    const listed2 = repetition === 2 ? defined2 : listed;
    if (repeated2 > 1 || path.length > MOST_DEPTH)
      throw this.refuse(shown, "it is nested deeper than a list or a struct of values. Flatten it, or leave it out.");
    const children = this.#get.maybe(element, 5, "num_children") ?? 0;
    if (children > 0) {
      if (element.has(1)) throw this.refuse(shown, "it is nested, and has a type of its own.");
      let next = at + 1;
      for (let k = 0; k < children; k++) next = this.walk(next, path, defined2, repeated2, listed2);
      return next;
    }
    const type = TYPES[this.#get.whole(element, 1, `the type of ${show(shown)}`)];
    const width = this.#get.maybe(element, 2, "type_length") ?? 0;
    const meaning = type && meaningOf(element, type, width, this.#get);
    if (!type || !meaning)
      throw this.refuse(shown, "it holds neither numbers, dates, text nor truth values. Convert or drop it.");
    if (type === "FIXED_LEN_BYTE_ARRAY" && (width < 1 || width > MOST_WIDTH))
      throw this.refuse(shown, `its type_length must be 1 to ${MOST_WIDTH}, got ${width}.`);
    this.#found.push({ name: shown, path, type, width, meaning, present: defined2, listed: listed2 });
    return at + 1;
  }

  /** Its columns; a list is called as its group is. */
  finished(): readonly ParquetColumn[] {
    if (this.#found.length > 1 && this.#found.some(({ listed }) => listed > 0))
      throw this.refuse(
        this.#found[0]!.path[0]!,
        "it is nested: a map or a list of structs. Flatten it, or leave it out.",
      );
    return this.#found.map((column) => (column.listed > 0 ? { ...column, name: column.path[0]! } : column));
  }
}

const MILLI = 1e3;
const MICRO = 1e6;
const NANO = 1e9;

/** undefined for what is not read: intervals, BSON, variants, geometry. */
function meaningOf(element: Struct, type: ParquetType, width: number, get: ThriftReader): Meaning | undefined {
  const converted = get.maybe(element, 6, "converted_type");
  const annotation = element.get(10) instanceof Map ? [...(element.get(10) as Struct)][0] : undefined;
  const [logical, body] = annotation ?? [];
  const details = body instanceof Map ? (body as Struct) : undefined;
  const unit = () => {
    const units = details?.get(2);
    return [MILLI, MICRO, NANO][(units instanceof Map ? [...units.keys()][0]! : 1) - 1];
  };
  const bytes = type === "BYTE_ARRAY" || type === "FIXED_LEN_BYTE_ARRAY";
  const integer = type === "INT32" || type === "INT64";
  if (logical === 5 || converted === 5) {
    const scale = get.maybe(element, 7, "scale") ?? (details && get.maybe(details, 1, "scale")) ?? 0;
    return scale <= 100 && (integer || (bytes && width <= 64)) ? { kind: "decimal", scale } : undefined;
  }
  if (logical === 6 || converted === 6) return type === "INT32" ? { kind: "date" } : undefined;
  if (logical === 8 || converted === 9 || converted === 10) {
    const of = logical === 8 ? unit() : converted === 9 ? MILLI : MICRO;
    return type === "INT64" && of !== undefined ? { kind: "timestamp", unit: of } : undefined;
  }
  if (logical === 7 || converted === 7 || converted === 8) {
    const of = logical === 7 ? unit() : converted === 7 ? MILLI : MICRO;
    return integer && of !== undefined ? { kind: "time", unit: of } : undefined;
  }
  if (logical === 15) return type === "FIXED_LEN_BYTE_ARRAY" && width === 2 ? { kind: "float16" } : undefined;
  if (type === "BYTE_ARRAY") {
    if ([1, 4, 12].includes(logical ?? 0) || [0, 4, 19].includes(converted ?? -1)) return { kind: "text" };
    return logical === undefined && converted === undefined ? { kind: "bytes" } : undefined;
  }
  if (type === "FIXED_LEN_BYTE_ARRAY") return undefined;
  if (type === "INT96") return { kind: "int96" };
  if (type === "BOOLEAN") return { kind: "boolean" };
  if (logical === 11 || (converted === undefined && (logical === undefined || logical === 10))) {
    const signed = details?.get(2);
    return { kind: logical === 10 && integer && signed === false ? "unsigned" : "number" };
  }
  if (converted === undefined || converted < 11 || converted > 18) return undefined;
  return { kind: converted <= 14 && integer ? "unsigned" : "number" };
}
