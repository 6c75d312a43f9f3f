// A Parquet file as a dataset: the checks are in parquet-file.ts and parquet-pages.ts, what cells mean is in table.ts.
// hyparquet decodes the pages, one checked column chunk at a time, from metadata built here; it never reads the file's
// own footer, since it bounds neither counts nor run lengths (docs/dependencies.md).
import { type FileMetaData, parquetRead } from "hyparquet";
import type { Cell } from "../table/cell-text.ts";
import { badParquet, type Chunk, readFooter } from "./parquet-file.ts";
import { checkPages } from "./parquet-pages.ts";
import { Table, type TableOptions, type TableResult } from "./table.ts";

export type ParquetOptions = TableOptions & { readonly name: string };

/**
 * Read a flat Parquet file, uncompressed or Snappy, as a dataset of float64 features [N×D]; label, classes and warnings
 * as in `readCsv`. Rows are counted from 1. Booleans are 0 and 1. Raises InvalidInput BAD_PARQUET for nested columns,
 * dates, decimals, missing values, and any size or count in the file that another does not confirm.
 */
export async function readParquet(bytes: Uint8Array<ArrayBuffer>, options: ParquetOptions): Promise<TableResult> {
  const { name, file } = options;
  const { columns, groups } = readFooter(bytes, file);
  const table = new Table(options, { code: "BAD_PARQUET", header: true });
  table.add(
    columns.map((column) => column.name),
    0,
  );
  let row = 1;
  for (const { rows, chunks } of groups) {
    chunks.forEach((chunk, c) => {
      checkPages(bytes, chunk, row, c, file);
    });
    const values: ArrayLike<unknown>[] = [];
    for (const chunk of chunks) values.push(await decodeChunk(bytes, chunk, file));
    for (let i = 0; i < rows; i++)
      table.add(
        values.map((column) => cell(column[i])),
        row++,
      );
  }
  return table.finish(name);
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return String(value);
}

/** The values of one chunk that `checkPages` has passed. */
async function decodeChunk(
  bytes: Uint8Array<ArrayBuffer>,
  chunk: Chunk,
  file: string | undefined,
): Promise<ArrayLike<unknown>> {
  const { column, codec, values, start, end } = chunk;
  if (values === 0) return [];
  const { type, optional, unsigned } = column;
  const integer = unsigned && { converted_type: type === "INT64" ? ("UINT_64" as const) : ("UINT_32" as const) };
  const sizes = { total_uncompressed_size: BigInt(end - start), total_compressed_size: BigInt(end - start) };
  const meta = {
    type,
    encodings: [],
    path_in_schema: ["x"],
    codec,
    num_values: BigInt(values),
    data_page_offset: BigInt(start),
    ...sizes,
  };
  const metadata: FileMetaData = {
    version: 1,
    schema: [
      { name: "root", num_children: 1 },
      { name: "x", type, repetition_type: optional ? "OPTIONAL" : "REQUIRED", ...integer },
    ],
    num_rows: BigInt(values),
    row_groups: [
      {
        columns: [{ file_offset: 0n, meta_data: meta }],
        total_byte_size: BigInt(end - start),
        num_rows: BigInt(values),
      },
    ],
    metadata_length: 0,
  };
  const buffer = { byteLength: bytes.length, slice: (from: number, to = bytes.length) => bytes.slice(from, to).buffer };
  const parts: ArrayLike<unknown>[] = [];
  const refuse = (reason: string, cause?: unknown) =>
    badParquet(file, `byte ${start}`, `the pages of column ${column.name} ${reason}`, cause);
  try {
    await parquetRead({ file: buffer, metadata, onChunk: ({ columnData }) => parts.push(columnData) });
  } catch (cause) {
    throw refuse(`cannot be decoded: ${(cause as Error).message}.`, cause);
  }
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  if (count !== values) throw refuse(`give ${count} values, its header says ${values}.`);
  return parts.length === 1 ? (parts[0] as ArrayLike<unknown>) : parts.flatMap((part) => Array.from(part));
}
