// The cells of a small table, all at once.
import { parse } from "csv-parse/browser/esm/sync";
import { findLayout } from "../formats/csv-layout.ts";

/** Undefined for what is no table of text. */
export function cellsOf(bytes: Uint8Array): string[][] | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const delimiter = findLayout(text.slice(0, 2 ** 16), text.length <= 2 ** 16).separator ?? ",";
    return parse(text, { delimiter, bom: true, skip_empty_lines: true, relax_column_count: false });
  } catch {
    return undefined;
  }
}
