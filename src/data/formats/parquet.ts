// A Parquet file as a dataset: the checks are in parquet-file.ts and parquet-pages.ts, what cells mean is in table.ts.
import { InvalidInput } from "../../errors.ts";
import { collect } from "./collect.ts";
import { decodeCells, type ParquetCell } from "./parquet-cells.ts";
import { type ParquetFile, readFooter } from "./parquet-file.ts";
import { readPages } from "./parquet-pages.ts";
import type { ParquetColumn } from "./parquet-schema.ts";
import { badParquet } from "./parquet-structs.ts";
import { Spread } from "./spread.ts";
import type { TableOptions, TableResult } from "./table.ts";

export type ParquetOptions = TableOptions & { readonly name: string };

/**
 * Read a Parquet file as a dataset of float64 features [N×D]; label, classes and warnings as in `readCsv`. Rows are
 * counted from 1. Dates and times are those of ISO 8601; a list is a column for each of its numbers, which are as many
 * in every row. Raises InvalidInput BAD_PARQUET for maps, lists of lists, pictures, and any size or count in the file
 * that another does not confirm.
 */
export async function readParquet(bytes: Uint8Array<ArrayBuffer>, options: ParquetOptions): Promise<TableResult> {
  const { file } = options;
  const { columns, groups } = readFooter(bytes, file);
  const picture = pictureOf(columns);
  if (picture !== undefined) {
    const column = columns.findIndex(({ path }) => path[0] === picture) + 1;
    throw new HoldsPictures(file, `column ${column} (${picture})`);
  }
  return collect(options, { code: "BAD_PARQUET", header: true }, async (table) => {
    let row = 1;
    let spread: Spread | undefined;
    for (const group of groups) {
      const cells = await readGroup(bytes, group, () => false, file);
      if (group.rows === 0) continue;
      spread ??= new Spread(
        columns.map(({ name }) => name),
        cells.map((column) => column.find((cell) => cell !== null) ?? null),
        (reason, at, c) => badParquet(file, `row ${at} column ${c + 1} (${columns[c]!.name})`, reason),
      );
      if (row === 1) table.add(spread.names!, 0);
      for (let i = 0; i < group.rows; i++) {
        const values = cells.map((column) => column[i]);
        table.add(spread.row(values, row), row++);
      }
    }
    if (!spread)
      table.add(
        columns.map(({ name }) => name),
        0,
      );
  });
}

/** Whether a file holds pictures, {bytes, path}. */
export const holdsPictures = (bytes: Uint8Array<ArrayBuffer>, file?: string): boolean =>
  pictureOf(readFooter(bytes, file).columns) !== undefined;

/** Of a file that is no table. */
export class HoldsPictures extends InvalidInput {
  constructor(file: string | undefined, at: string) {
    const reason = "it holds pictures, {bytes, path}, which are no cells of a table.";
    super("BAD_PARQUET", reason, { file, at });
  }
}

/** The cells of a row group, by column. `raw` says of which columns bytes stay bytes. */
export async function readGroup(
  bytes: Uint8Array,
  { chunks }: ParquetFile["groups"][number],
  raw: (column: ParquetColumn) => boolean,
  file: string | undefined,
): Promise<(readonly ParquetCell[])[]> {
  const cells: (readonly ParquetCell[])[] = [];
  for (const chunk of chunks)
    cells.push(await decodeCells(chunk, await readPages(bytes, chunk, file), raw(chunk.column), file));
  return cells;
}

/** The struct of bytes and path, as Hugging Face's data sets keep pictures; undefined where there is none. */
export function pictureOf(columns: readonly ParquetColumn[]): string | undefined {
  const bytes = columns.find(
    ({ path, type, listed }) => path.length === 2 && path[1] === "bytes" && type === "BYTE_ARRAY" && listed === 0,
  );
  const top = bytes?.path[0];
  return columns.some(({ path }) => path.length === 2 && path[0] === top && path[1] === "path") ? top : undefined;
}
