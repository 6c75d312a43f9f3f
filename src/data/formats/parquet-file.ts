// The footer of a Parquet file, checked: flat columns, row groups that add up, column chunks that lie in the file and
// apart. Decodes no values. Source: Apache Parquet, parquet.thrift and the file format's README.
import { InvalidInput, show } from "../../errors.ts";
import { readStruct, type Struct, ThriftError, type ThriftValue } from "./thrift.ts";

const MOST_FOOTER = 2 ** 26; // bytes
const MOST_COLUMNS = 100_000;
const MOST_VALUES = 2 ** 28; // rows × columns
const MOST_PER_BYTE = 1032; //  values for each byte of the file, as much as deflate could do

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
export const CODECS = ["UNCOMPRESSED", "SNAPPY"] as const;

/** By their numbers in the file, as pandas and Arrow call them. */
const COMPRESSIONS = ["not compressed", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "Zstandard (zstd)", "LZ4"];

export type ParquetColumn = {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  readonly optional: boolean; //  whether values may be missing
  readonly unsigned: boolean; //  of the integers
};

/**
 * Where a column's pages of one row group lie: bytes [start, end) of the file; `dictionary` says whether the first page
 * is one.
 */
export type Chunk = {
  readonly column: ParquetColumn;
  readonly codec: (typeof CODECS)[number];
  readonly values: number;
  readonly start: number;
  readonly end: number;
};

export type ParquetFile = {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly Chunk[] }[];
};

/** What is wrong with a Parquet file, and where. */
export function badParquet(file: string | undefined, at: string, reason: string, cause?: unknown): InvalidInput {
  return new InvalidInput("BAD_PARQUET", reason, { file, at }, { cause });
}

/** The columns and chunks of a file. Raises InvalidInput BAD_PARQUET naming the byte or the column. */
export function readFooter(bytes: Uint8Array, file?: string): ParquetFile {
  const refuse = (at: string, reason: string): never => {
    throw badParquet(file, at, reason);
  };
  const magic = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  const size = bytes.length;
  if (magic(0) !== "PAR1") refuse("byte 0", "a Parquet file begins with PAR1, and this one does not.");
  if (size < 12) refuse(`byte ${size}`, `a Parquet file has at least 12 bytes, this one has ${size}.`);
  if (magic(size - 4) === "PARE") refuse(`byte ${size - 4}`, "the footer is encrypted; encrypted files are not read.");
  if (magic(size - 4) !== "PAR1")
    refuse(`byte ${size - 4}`, "a Parquet file ends with PAR1. It is cut short, or other bytes follow.");
  const length = new DataView(bytes.buffer, bytes.byteOffset, size).getUint32(size - 8, true);
  if (length > MOST_FOOTER || length > size - 12)
    refuse(
      `byte ${size - 8}`,
      `the footer's length must be at most ${Math.min(MOST_FOOTER, size - 12)}, got ${length}.`,
    );
  const begin = size - 8 - length;
  const footer = parse(bytes, begin, size - 8, file);
  if (footer.end !== size - 8) refuse(`byte ${footer.end}`, "other bytes follow the footer.");

  const get = reader(file, `byte ${begin}`);
  const columns = readColumns(get.structs(footer.struct, 2, "schema"), file);
  const rows = get.whole(footer.struct, 3, "num_rows");
  const groups = get.structs(footer.struct, 4, "row_groups").map((group, g) => {
    const inGroup = reader(file, `row group ${g + 1}`);
    const count = inGroup.whole(group, 3, "num_rows");
    const chunks = inGroup.structs(group, 1, "columns");
    if (chunks.length !== columns.length)
      refuse(`row group ${g + 1}`, `it must have ${columns.length} columns as the schema says, got ${chunks.length}.`);
    return {
      rows: count,
      chunks: chunks.map((chunk, c) => readChunk(chunk, columns[c] as ParquetColumn, count, begin, g, file)),
    };
  });
  const total = groups.reduce((sum, group) => sum + BigInt(group.rows), 0n);
  if (total !== BigInt(rows)) refuse(`byte ${begin}`, `num_rows is ${rows}, but the row groups hold ${total}.`);
  const values = total * BigInt(columns.length);
  const most = Math.min(MOST_VALUES, MOST_PER_BYTE * size);
  if (values > most)
    refuse(
      `byte ${begin}`,
      `${rows} rows of ${columns.length} columns are more than the ${most} values that are read from ${size} bytes.`,
    );
  checkApart(
    groups.flatMap(({ chunks }) => chunks),
    file,
  );
  return { columns, rows, groups };
}

/** The struct at byte `at` of a file. */
export function parse(bytes: Uint8Array, at: number, end: number, file?: string): { struct: Struct; end: number } {
  try {
    return readStruct(bytes.subarray(0, end), at);
  } catch (error) {
    throw error instanceof ThriftError ? badParquet(file, `byte ${error.at}`, error.message, error) : error;
  }
}

/** Fields of a struct by number, each of the kind that is asked for. */
export function reader(file: string | undefined, at: string) {
  const refuse = (name: string, expected: string, got: ThriftValue | undefined): never => {
    throw badParquet(file, at, `${name} must be ${expected}, got ${show(got instanceof Map ? "a struct" : got)}.`);
  };
  const whole = (struct: Struct, id: number, name: string): number => {
    const value = struct.get(id);
    const ok = typeof value === "bigint" && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return ok ? Number(value) : refuse(name, "an integer in [0, 2^53)", value);
  };
  return {
    whole,
    maybe: (struct: Struct, id: number, name: string) => (struct.has(id) ? whole(struct, id, name) : undefined),
    struct: (struct: Struct, id: number, name: string): Struct => {
      const value = struct.get(id);
      return value instanceof Map ? value : refuse(name, "a struct", value);
    },
    structs: (struct: Struct, id: number, name: string): readonly Struct[] => {
      const value = struct.get(id);
      return Array.isArray(value) && value.every((item) => item instanceof Map)
        ? value
        : refuse(name, "a list of structs", value);
    },
    text: (value: ThriftValue | undefined, name: string): string => {
      try {
        if (value instanceof Uint8Array)
          return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
      } catch {}
      return refuse(name, "text in UTF-8", value);
    },
  };
}

function readColumns(schema: readonly Struct[], file: string | undefined): ParquetColumn[] {
  const get = reader(file, "schema");
  const [root, ...leaves] = schema;
  const children = root && get.maybe(root, 5, "num_children");
  if (children === undefined || leaves.length === 0 || leaves.length > MOST_COLUMNS)
    throw badParquet(
      file,
      "schema",
      `the schema must be a root and 1 to ${MOST_COLUMNS} columns, got ${schema.length} elements.`,
    );
  const names = new Set<string>();
  const columns = leaves.map((leaf, c) => {
    const name = get.text(leaf.get(4), `the name of column ${c + 1}`);
    const at = `column ${c + 1} (${name})`;
    const refuse = (reason: string) => badParquet(file, at, reason);
    if (names.has(name)) throw refuse("two columns have this name. Rename one.");
    names.add(name);
    if (leaf.has(5) || get.maybe(leaf, 3, "repetition") === 2)
      throw refuse("it is nested (a list, map or struct); only flat columns of numbers, and a label, are read.");
    const type = TYPES[get.whole(leaf, 1, `the type of ${show(name)}`)];
    const converted = get.maybe(leaf, 6, "converted_type");
    const logical = leaf.get(10) instanceof Map ? [...(leaf.get(10) as Struct).keys()][0] : undefined;
    const text = type === "BYTE_ARRAY" && [undefined, 0, 4].includes(converted) && [undefined, 1, 4].includes(logical);
    const plain = converted === undefined || (converted >= 11 && converted <= 18);
    const number =
      ["BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE"].includes(type ?? "") &&
      plain &&
      [undefined, 10].includes(logical);
    if (!type || !(text || number))
      throw refuse(
        "it holds neither plain numbers nor text (dates, decimals and binary data are not read). Convert or drop it.",
      );
    const unsigned = converted !== undefined && converted >= 11 && converted <= 14;
    return { name, type, optional: get.maybe(leaf, 3, "repetition") === 1, unsigned };
  });
  if (children !== columns.length)
    throw badParquet(file, "schema", `the root says ${children} columns, the schema has ${columns.length}.`);
  return columns;
}

function readChunk(
  chunk: Struct,
  column: ParquetColumn,
  rows: number,
  limit: number,
  group: number,
  file: string | undefined,
): Chunk {
  const at = `row group ${group + 1} column ${show(column.name)}`;
  const get = reader(file, at);
  const refuse = (reason: string): never => {
    throw badParquet(file, at, reason);
  };
  if (chunk.has(1)) refuse("its data are in another file, which is never opened.");
  if (chunk.has(8) || chunk.has(9)) refuse("it is encrypted; encrypted columns are not read.");
  const meta = get.struct(chunk, 3, "meta_data");
  const path = meta.get(3);
  const [name, ...deeper] = Array.isArray(path) ? path : [];
  if (deeper.length > 0 || get.text(name, "path_in_schema") !== column.name)
    refuse("path_in_schema must be the column of the schema.");
  if (TYPES[get.whole(meta, 1, "type")] !== column.type) refuse(`its type must be ${column.type}, as in the schema.`);
  const codec = CODECS[get.whole(meta, 4, "codec")];
  if (!codec) {
    const number = get.whole(meta, 4, "codec");
    const name = COMPRESSIONS[number] ?? `method ${number}`;
    return refuse(
      `only uncompressed and Snappy-compressed columns are read; this one is compressed with ${name}. Write with compression='snappy'.`,
    );
  }
  const values = get.whole(meta, 5, "num_values");
  if (values !== rows) refuse(`num_values must be the row group's ${rows} rows, got ${values}.`);
  const data = get.whole(meta, 9, "data_page_offset");
  const dictionary = get.maybe(meta, 11, "dictionary_page_offset") || data;
  const length = get.whole(meta, 7, "total_compressed_size");
  const start = Math.min(data, dictionary);
  if (
    dictionary > data ||
    start < 4 ||
    length > limit ||
    start + length > limit ||
    (values > 0 && data >= start + length)
  )
    refuse(`its pages must lie between byte 4 and the footer at byte ${limit}, got ${start} and ${length} bytes.`);
  return { column, codec, values, start, end: start + length };
}

function checkApart(chunks: readonly Chunk[], file: string | undefined): void {
  let before = 0;
  for (const { start, end, column } of [...chunks].sort((a, b) => a.start - b.start)) {
    if (start < before)
      throw badParquet(file, `byte ${start}`, `the pages of column ${show(column.name)} overlap others.`);
    before = end;
  }
}
