// CSV, TSV and other tables of text as a dataset, a piece at a time. Rows stay arrays: no object is ever built from a
// header name. Reads no file itself.
import { InvalidInput, show } from "../../errors.ts";
import { NUMBER } from "./class-order.ts";
import { collect } from "./collect.ts";
import { type CsvLayout, findLayout, type Separator } from "./csv-layout.ts";
import { RowSplitter } from "./csv-rows.ts";
import { type Chunks, decodeText } from "./decode-text.ts";
import { MOST_LINE } from "./line-blocks.ts";
import type { TableOptions, TableResult } from "./table.ts";

const LAYOUT_LINES = 24; //       enough of them show the layout
const LAYOUT_TEXT = 2 ** 16; //   characters, likewise
const BEGINNING = 200; //         characters that show LIBSVM

/** How a table of text is read. */
export type CsvOptions = TableOptions & {
  /** What messages call the data. */
  readonly name: string;
  /** What separates cells; a blank is any run of blanks and tabs. Default: found in the first rows. */
  readonly delimiter?: Separator | undefined;
  /** Taken if it separates the first rows. Default: none. */
  readonly preferred?: Separator | undefined;
};

/**
 * Read a table as a dataset of float64 features [N×D]. The first row is a header if the label is a name found in it, if
 * one of its feature cells is neither a number nor a mark for a missing value, or if its label is no number where all
 * others are. Labels become classes in numeric order if all are numbers, otherwise as people count, c2 before c10;
 * without a label column every row has the first class. Blank lines are skipped, and so are comments (#, %) and a title
 * before the table. Raises InvalidInput BAD_CSV naming row and column, counted from 1 as a spreadsheet counts them, for
 * anything but a full rectangle of numbers and labels.
 */
export async function readCsv(chunks: Chunks, options: CsvOptions): Promise<TableResult> {
  const { file, encoding } = options;
  let splitter: RowSplitter | undefined;
  const parts: string[] = [];
  const text = decodeText(chunks, {
    file,
    encoding,
    code: "BAD_CSV",
    lines: () => splitter?.rows ?? ends(parts.join("")),
  });
  try {
    const { head, complete } = await firstLines(text, parts);
    if (options.delimiter === undefined && isLibsvm(head)) {
      const { readLibsvm } = await import("./libsvm.ts");
      return await readLibsvm(again(head, text), options);
    }
    const found = findLayout(head, complete, options.delimiter ?? options.preferred);
    const layout = { ...found, separator: options.delimiter ?? found.separator };
    if (layout.separator === undefined && options.label !== null && head.trim() !== "")
      throw oneColumn(file, layout.skip);
    const result = await collect(options, { code: "BAD_CSV" }, async (table) => {
      splitter = new RowSplitter(layout, (cells, row) => table.add(cells, row, layout.separator), file);
      await splitter.write(head);
      for await (const piece of text) await splitter.write(piece);
      await splitter.end();
    });
    return { ...result, warnings: [...oddities(layout), ...result.warnings] };
  } finally {
    await text.return(undefined); // so that the file is closed where it was not read to its end
  }
}

function oddities({ titles, rowNames }: CsvLayout): string[] {
  const found = titles.map(({ row, text }) => `Row ${row} is no row of the table and left out: ${show(text)}.`);
  if (rowNames)
    found.push(
      "The first row has one name less than the others have cells: the first column is taken for the names of rows.",
    );
  return found;
}

/** The text's beginning, with enough lines to see how it is laid out, and whether it is all. `parts` grows with it. */
export async function firstLines(
  text: AsyncGenerator<string>,
  parts: string[],
): Promise<{ readonly head: string; readonly complete: boolean }> {
  let length = 0;
  let lines = 0;
  let began = false;
  let complete = false;
  while (length <= MOST_LINE && !(lines >= LAYOUT_LINES || (lines > 0 && length >= LAYOUT_TEXT))) {
    const { value, done } = await text.next();
    complete = done === true;
    if (done) break;
    parts.push(value);
    length += value.length;
    const from = began ? 0 : value.search(/\S/);
    if (from < 0) continue;
    began = true;
    lines += ends(value.slice(from));
  }
  return { head: parts.join(""), complete };
}

function ends(text: string): number {
  let count = 0;
  for (let k = 0; k < text.length; k++) {
    const code = text.charCodeAt(k);
    if (code === 10 || (code === 13 && text.charCodeAt(k + 1) !== 10)) count++;
  }
  return count;
}

async function* again(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

/** Whether the first line begins as LIBSVM's do: a number, then pairs index:value. */
function isLibsvm(head: string): boolean {
  const line = head.slice(0, BEGINNING).split("\n", 1)[0]!;
  const [label = "", ...pairs] = line
    .replace(/#.*/, "")
    .trim()
    .split(/[ \t]+/);
  if (line.length === BEGINNING) pairs.pop(); // cut
  return NUMBER.test(label) && pairs.length > 0 && pairs.every((pair) => /^[0-9]+:[^:,;]+$/.test(pair));
}

function oneColumn(file: string | undefined, skip: number): InvalidInput {
  const reason =
    "the table has one column only: neither commas, semicolons, tabs, bars | nor blanks split its first rows alike. It needs features and a label.";
  return new InvalidInput("BAD_CSV", reason, { file, at: `row ${skip + 1}` });
}
