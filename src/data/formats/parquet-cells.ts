// The values of a column chunk decoded by hyparquet, and what they stand for as cells of a table. hyparquet is handed
// pages of plain required values that are rebuilt here from checked ones; it never sees the file's own headers, levels
// or codecs, since it bounds none of them (docs/dependencies.md).
import { type FileMetaData, parquetRead } from "hyparquet";
import type { Chunk } from "./parquet-file.ts";
import type { ColumnPages } from "./parquet-pages.ts";
import type { Meaning, ParquetColumn } from "./parquet-schema.ts";
import { badParquet } from "./parquet-structs.ts";
import { decimal, float16, isoText, moment } from "./typed-values.ts";

/** A cell of a row: a value, null, bytes of a picture, or a list of values. */
export type ParquetCell = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null)[];

/** The cells of one chunk, one a row. `raw` leaves bytes as they are; else they are text. */
export async function decodeCells(
  chunk: Chunk,
  { dictionary, pages, levels, repetitions }: ColumnPages,
  raw: boolean,
  file: string | undefined,
): Promise<readonly ParquetCell[]> {
  const { column, rows, values } = chunk;
  const physical = await decode(chunk, { dictionary, pages }, raw, file);
  const convert = converter(column.meaning);
  const { present, listed } = column;
  const cells: ParquetCell[] = new Array(rows);
  let next = 0;
  if (!repetitions) {
    for (let i = 0; i < rows; i++) cells[i] = !levels || levels[i] === present ? convert(physical[next++]) : null;
    return cells;
  }
  let row = -1;
  let list: (string | number | boolean | null)[] = [];
  for (let i = 0; i < values; i++) {
    const level = levels![i]!;
    if (repetitions[i] === 0) cells[++row] = level < listed - 1 ? null : (list = []);
    if (level >= listed) list.push(level === present ? (convert(physical[next++]) as string) : null);
  }
  return cells;
}

const cellOf = (value: unknown): string | number => {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value as string | number;
};

function converter(meaning: Meaning): (value: unknown) => ParquetCell {
  switch (meaning.kind) {
    case "boolean":
      return (value) => Boolean(value);
    case "unsigned":
      return (value) => cellOf(typeof value === "bigint" ? BigInt.asUintN(64, value) : (value as number) >>> 0);
    case "float16":
      return (value) => float16(value as Uint8Array);
    case "date":
      return (value) => isoText(new Date((value as number) * 86_400_000));
    case "timestamp":
      return (value) => moment(value as bigint, BigInt(meaning.unit));
    case "int96":
      return (value) => {
        const [days, nanos] = [(value as bigint) >> 64n, BigInt.asUintN(64, value as bigint)];
        return moment((days - 2_440_588n) * 86_400_000_000_000n + nanos, 1_000_000_000n);
      };
    case "time":
      return (value) =>
        moment(BigInt(value as number | bigint), BigInt(meaning.unit))?.replace(/^1970-01-01T?/, "") || "00:00:00";
    case "decimal":
      return (value) => decimal(value as number | bigint | Uint8Array, meaning.scale);
    default:
      return (value) => (value instanceof Uint8Array ? value : cellOf(value));
  }
}

/** The values that are there, as hyparquet has their physical type. */
async function decode(
  { column, start }: Chunk,
  { dictionary, pages }: Pick<ColumnPages, "dictionary" | "pages">,
  raw: boolean,
  file: string | undefined,
): Promise<ArrayLike<unknown>> {
  const count = pages.reduce((sum, page) => sum + page.count, 0);
  if (count === 0) return [];
  const { type, width } = column;
  const parts: Uint8Array[] = [];
  if (dictionary) parts.push(header(2, dictionary.count, 0, dictionary.bytes.length), dictionary.bytes);
  for (const page of pages) parts.push(header(0, page.count, page.encoding, page.bytes.length), page.bytes);
  const bytes = joinBytes(parts);
  const metadata = metadataOf(type, width, count, bytes.length);
  const refuse = (reason: string, cause?: unknown) =>
    badParquet(file, `byte ${start}`, `the pages of column ${column.name} ${reason}`, cause);
  const buffer = { byteLength: bytes.length, slice: (from: number, to = bytes.length) => bytes.slice(from, to).buffer };
  const found: ArrayLike<unknown>[] = [];
  try {
    const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) => void found.push(columnData);
    await parquetRead({ file: buffer, metadata, utf8: !raw, onChunk });
  } catch (cause) {
    throw refuse(`cannot be decoded: ${(cause as Error).message}.`, cause);
  }
  const total = found.reduce((sum, part) => sum + part.length, 0);
  if (total !== count) throw refuse(`give ${total} values, their headers say ${count}.`);
  return found.length === 1 ? found[0]! : found.flatMap((part) => Array.from(part));
}

function metadataOf(type: ParquetColumn["type"], width: number, count: number, size: number): FileMetaData {
  const chunk = {
    type,
    encodings: [],
    path_in_schema: ["x"],
    codec: "UNCOMPRESSED" as const,
    num_values: BigInt(count),
    data_page_offset: 0n,
    total_uncompressed_size: BigInt(size),
    total_compressed_size: BigInt(size),
  };
  return {
    version: 1,
    schema: [
      { name: "root", num_children: 1 },
      { name: "x", type, repetition_type: "REQUIRED", type_length: width || undefined },
    ],
    num_rows: BigInt(count),
    row_groups: [
      { columns: [{ file_offset: 0n, meta_data: chunk }], total_byte_size: BigInt(size), num_rows: BigInt(count) },
    ],
    metadata_length: 0,
  } as FileMetaData;
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A page header in Thrift's compact protocol: type, both sizes, the header of a data (0) or dictionary page (2). */
function header(type: 0 | 2, count: number, encoding: number, size: number): Uint8Array {
  const int = (value: number): number[] => {
    const bytes: number[] = [];
    for (let rest = 2 * value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) return [...bytes, rest];
      bytes.push((rest % 128) + 128);
    }
  };
  const I32 = 0x15; // the next field, a 32-bit integer
  const inner = [I32, ...int(count), I32, ...int(encoding), ...(type === 0 ? [I32, ...int(3), I32, ...int(3)] : []), 0];
  const step = type === 0 ? 0x2c : 0x4c; // field 5 or 7, a struct
  return Uint8Array.from([I32, ...int(type), I32, ...int(size), I32, ...int(size), step, ...inner, 0]);
}
