// CSV and TSV text as a dataset, a chunk at a time. csv-parse splits the cells; what cells mean is in table.ts. Rows
// stay arrays: no object is ever built from a header name. Reads no file itself.
import { CsvError, type Parser, parse } from "csv-parse/browser/esm";
import { InvalidInput } from "../../errors.ts";
import { type Delimiter, decodeText, detectDelimiter } from "./csv-text.ts";
import { Table, type TableOptions, type TableResult } from "./table.ts";

const MOST_ROW = 2 ** 24; // characters in one row

/** How a table is read. */
export type CsvOptions = TableOptions & {
  /** What messages call the data. */
  readonly name: string;
  /** Default: the one of the three seen most often in the first row. */
  readonly delimiter?: Delimiter | undefined;
};

/**
 * Read a table as a dataset of float64 features [N×D]. The first row is a header if the label is a name found in it, if
 * one of its feature cells is neither a number nor a mark for a missing value, or if its label is no number where all
 * others are. Labels become classes in numeric order if all are numbers, otherwise in the order of their UTF-16 codes;
 * without a label column every row has the first class. Blank lines are skipped. Raises InvalidInput BAD_CSV naming row
 * and column, counted from 1 as a spreadsheet counts them, for anything but a full rectangle of numbers and labels.
 */
export async function readCsv(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: CsvOptions,
): Promise<TableResult> {
  const table = new Table(options, { code: "BAD_CSV" });
  const head: string[] = []; // text before the first row is whole
  const row = new FirstRow();
  let parser: CellParser | undefined;
  const start = () => {
    const text = head.join("");
    parser = new CellParser(options.delimiter ?? detectDelimiter(text), table, options.file);
    return parser.write(text);
  };
  for await (const text of decodeText(chunks, options.file)) {
    if (parser !== undefined) await parser.write(text);
    else {
      head.push(text);
      if (row.endsIn(text)) await start();
    }
  }
  if (parser === undefined) await start();
  await parser!.end();
  return table.finish(options.name);
}

/** Finds the end of the first row that is not blank. Each character is met once, however the text is cut. */
class FirstRow {
  #began = false;
  #length = 0;

  /** Whether the row ends in this piece, or is too long to be read. */
  endsIn(text: string): boolean {
    this.#length += text.length;
    const from = this.#began ? 0 : text.search(/\S/);
    this.#began = from >= 0;
    return this.#length > MOST_ROW || (this.#began && /[\n\r]/.test(text.slice(from)));
  }
}

/** csv-parse, in array mode, handing each row to the table as soon as it is whole. */
class CellParser {
  readonly #parser: Parser;
  readonly #ended: Promise<void>;
  readonly #file: string | undefined;
  #failed = false;

  constructor(delimiter: Delimiter, table: Table, file: string | undefined) {
    this.#file = file;
    this.#parser = parse({
      delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true, // ragged rows are refused in table.ts, with their row
      skip_empty_lines: true,
      max_record_size: MOST_ROW,
      on_record: (cells: string[], { records, empty_lines }) => {
        table.add(cells, records + empty_lines, delimiter);
        return null; // kept by the table, not by the stream
      },
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#parser.on("error", reject);
      this.#parser.on("end", resolve);
    });
    this.#ended.catch(() => {
      this.#failed = true;
    });
    this.#parser.resume();
  }

  async write(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#parser.write(text, () => resolve()));
    if (this.#failed) await this.end();
  }

  async end(): Promise<void> {
    if (!this.#failed) this.#parser.end();
    try {
      await this.#ended;
    } catch (error) {
      throw error instanceof CsvError ? this.#explain(error) : error;
    }
  }

  #explain(error: CsvError): InvalidInput {
    const row = Number(error.records) + Number(error.empty_lines) + 1;
    const reasons: Partial<Record<CsvError["code"], string>> = {
      CSV_QUOTE_NOT_CLOSED: 'a quote " opens in this row and is never closed.',
      CSV_INVALID_CLOSING_QUOTE: 'after a closing quote " must come a delimiter or the end of the row.',
      INVALID_OPENING_QUOTE: 'a quote " may stand only around a whole cell; inside a quoted cell it is doubled.',
      CSV_MAX_RECORD_SIZE: `the row is longer than ${MOST_ROW} characters. Is a quote " left open?`,
    };
    const reason = reasons[error.code] ?? error.message;
    return new InvalidInput("BAD_CSV", reason, { file: this.#file, at: `row ${row}` }, { cause: error });
  }
}
