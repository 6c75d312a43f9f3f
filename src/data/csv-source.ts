// A table as most programs hold it: a text, bytes, or chunks of bytes.
import { must } from "../errors.ts";
import type { CsvOptions } from "./formats/csv.ts";
import type { TableResult } from "./formats/table.ts";

/** A table's text, its bytes, or chunks of bytes such as a stream of a file. */
export type CsvSource = string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Read a table as a dataset of float64 features [N×D], e.g. `readCsv("sl,kind\n5.1,setosa\n6.2,virginica\n")`. Whether
 * the first row is a header is found by comparing it with the rows below. The label is `label`, else the one column
 * named label, class, target or the like, else the last, or the first where the last cannot be. A table with words, yes
 * and no, dates or missing values has `data.columns`, and its features are codes. Labels become classes in numeric
 * order if all are numbers, otherwise as people count, c2 before c10. Also gives what each column of the table is
 * and why some are left out. Raises InvalidInput BAD_CSV naming row and column, counted from 1 as a spreadsheet counts.
 */
export async function readCsv(source: CsvSource, options: Partial<CsvOptions> = {}): Promise<TableResult> {
  const chunks = typeof source === "string" ? [new TextEncoder().encode(source)] : source;
  const several = Symbol.iterator in Object(chunks) || Symbol.asyncIterator in Object(chunks);
  must(several, "source", "a text, bytes or chunks of bytes", source);
  const { name = "the table", ...rest } = options;
  const { readCsv: readChunks } = await import("./formats/csv.ts"); // it brings a parser of 105 kB
  return readChunks(chunks instanceof Uint8Array ? [chunks] : chunks, { name, ...rest });
}
