// A table as most programs hold it: a text, bytes, or chunks of bytes.
import { must } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import type { CsvOptions } from "./formats/csv.ts";

/** A table's text, its bytes, or chunks of bytes such as a stream of a file. */
export type CsvSource = string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Read a table as a dataset of float64 features [N×D], e.g. `readCsv("sl,kind\n5.1,setosa\n6.2,virginica\n")`. The
 * first row is a header if the label is a name found in it, if one of its feature cells is no number, or if its label
 * is no number where all others are. Labels become classes in numeric order if all are numbers, otherwise in the order
 * of their UTF-16 codes. Raises InvalidInput BAD_CSV naming row and column, counted from 1 as a spreadsheet counts
 * them, for anything but a full rectangle of numbers and labels.
 */
export async function readCsv(
  source: CsvSource,
  options: Partial<CsvOptions> = {},
): Promise<{ data: Dataset; warnings: string[] }> {
  const chunks = typeof source === "string" ? [new TextEncoder().encode(source)] : source;
  const several = Symbol.iterator in Object(chunks) || Symbol.asyncIterator in Object(chunks);
  must(several, "source", "a text, bytes or chunks of bytes", source);
  const { name = "the table", ...rest } = options;
  const { readCsv: readChunks } = await import("./formats/csv.ts"); // it brings a parser of 105 kB
  return readChunks(chunks instanceof Uint8Array ? [chunks] : chunks, { name, ...rest });
}
