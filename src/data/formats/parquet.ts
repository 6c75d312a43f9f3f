// A Parquet file as a dataset: the checks are in parquet-file.ts and parquet-pages.ts, what cells mean is in table.ts.
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
    const reason = `it holds pictures, {bytes, path}, which are not read from a table. Save them as files in folders named by their class.`;
    throw badParquet(file, `column ${columns.findIndex(({ path }) => path[0] === picture) + 1} (${picture})`, reason);
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

/** The cells of a row group, by column. `raw` says of which columns bytes stay bytes. */
async function readGroup(
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
function pictureOf(columns: readonly ParquetColumn[]): string | undefined {
  const bytes = columns.find(
    ({ path, type, listed }) => path.length === 2 && path[1] === "bytes" && type === "BYTE_ARRAY" && listed === 0,
  );
  const top = bytes?.path[0];
  return columns.some(({ path }) => path.length === 2 && path[0] === top && path[1] === "path") ? top : undefined;
}

/** An encoded picture, as it lies in a file. */
export type StoredPicture = { readonly path: string | null; readonly bytes: Uint8Array };

/**
 * The pictures of a Parquet file of Hugging Face's data sets, with the label of each where there is such a column, by
 * its name where the file's metadata have it; undefined where it holds no pictures.
 */
export async function readParquetPictures(
  bytes: Uint8Array<ArrayBuffer>,
  file?: string,
  label?: string,
): Promise<
  { readonly pictures: readonly StoredPicture[]; readonly labels: readonly string[] | undefined } | undefined
> {
  const { columns, groups, metadata } = readFooter(bytes, file);
  const top = pictureOf(columns);
  if (top === undefined) return undefined;
  const at = (child: string) => columns.findIndex(({ path }) => path[0] === top && path[1] === child);
  const others = columns.filter(({ path }) => path[0] !== top);
  const called = others.filter(({ name }) =>
    label === undefined ? /^(?:label|class|target)$/i.test(name) : name === label,
  );
  const labelAt = called.length === 1 ? columns.indexOf(called[0]!) : -1;
  const pictures: StoredPicture[] = [];
  const labels: string[] = [];
  const names = labelAt < 0 ? undefined : classNames(metadata.get("huggingface"), columns[labelAt]!.name);
  for (const group of groups) {
    const cells = await readGroup(bytes, group, ({ path }) => path[0] === top && path[1] === "bytes", file);
    for (let i = 0; i < group.rows; i++) {
      const [content, path] = [cells[at("bytes")]![i], cells[at("path")]![i]];
      if (!(content instanceof Uint8Array)) {
        const place = `row ${pictures.length + 1} column ${at("bytes") + 1} (${top})`;
        throw badParquet(file, place, "the picture's bytes are missing; only its path is there.");
      }
      pictures.push({ bytes: content, path: typeof path === "string" ? path : null });
      if (labelAt < 0) continue;
      const value = cells[labelAt]![i];
      labels.push((typeof value === "number" ? names?.[value] : undefined) ?? String(value));
    }
  }
  return { pictures, labels: labelAt < 0 ? undefined : labels };
}

/** The names of a ClassLabel in the metadata of Hugging Face. */
function classNames(text: string | undefined, column: string): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(text ?? "").info.features[column].names;
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}
