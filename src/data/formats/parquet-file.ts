// The footer of a Parquet file, checked: row groups that add up, column chunks that lie in the file and apart. Decodes
// no values. Source: Apache Parquet, parquet.thrift and the file format's README.
import { show } from "../../errors.ts";
import { type ParquetColumn, readColumns, TYPES } from "./parquet-schema.ts";
import { badParquet, parse, reader } from "./parquet-structs.ts";
import type { Struct } from "./thrift.ts";

const MOST_FOOTER = 2 ** 26; // bytes
const MOST_VALUES = 2 ** 28; // in all columns
const MOST_PER_BYTE = 1032; //  values for each byte of the file, as much as deflate could do

export const CODECS = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"] as const;
export type Codec = (typeof CODECS)[number];

/**
 * Where a column's pages of one row group lie: bytes [start, end) of the file; `values` are those of lists one by one,
 * missing ones counted.
 */
export type Chunk = {
  readonly column: ParquetColumn;
  readonly codec: Codec;
  readonly values: number;
  readonly rows: number;
  readonly start: number;
  readonly end: number;
};

export type ParquetFile = {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly Chunk[] }[];
  /** The file's own key-value texts, such as those of pandas and Hugging Face. */
  readonly metadata: ReadonlyMap<string, string>;
};

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
      chunks: chunks.map((chunk, c) => readChunk(chunk, columns[c]!, count, begin, g, file)),
    };
  });
  const total = groups.reduce((sum, group) => sum + BigInt(group.rows), 0n);
  if (total !== BigInt(rows)) refuse(`byte ${begin}`, `num_rows is ${rows}, but the row groups hold ${total}.`);
  const values = groups.reduce(
    (sum, { chunks }) => sum + chunks.reduce((inner, chunk) => inner + BigInt(chunk.values), 0n),
    0n,
  );
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
  const metadata = new Map<string, string>();
  for (const pair of footer.struct.has(5) ? get.structs(footer.struct, 5, "key_value_metadata") : [])
    if (pair.has(2)) metadata.set(get.text(pair.get(1), "a key"), get.text(pair.get(2), "a value"));
  return { columns, rows, groups, metadata };
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
  const names = Array.isArray(path) ? path.map((name) => get.text(name, "path_in_schema")) : [];
  if (names.length !== column.path.length || names.some((name, k) => name !== column.path[k]))
    refuse("path_in_schema must be the column of the schema.");
  if (TYPES[get.whole(meta, 1, "type")] !== column.type) refuse(`its type must be ${column.type}, as in the schema.`);
  const codec = CODECS[get.whole(meta, 4, "codec")];
  if (!codec || codec === "LZO") {
    const named = codec ?? `a method that Parquet does not name (${get.whole(meta, 4, "codec")})`;
    return refuse(`columns compressed by ${named} are not read. Write with compression='zstd' or 'snappy'.`);
  }
  const values = get.whole(meta, 5, "num_values");
  if (column.listed > 0 ? values < rows : values !== rows)
    refuse(`num_values must be the row group's ${rows} rows${column.listed > 0 ? " or more" : ""}, got ${values}.`);
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
  return { column, codec, values, rows, start, end: start + length };
}

function checkApart(chunks: readonly Chunk[], file: string | undefined): void {
  let before = 0;
  for (const { start, end, column } of [...chunks].sort((a, b) => a.start - b.start)) {
    if (start < before)
      throw badParquet(file, `byte ${start}`, `the pages of column ${show(column.name)} overlap others.`);
    before = end;
  }
}
