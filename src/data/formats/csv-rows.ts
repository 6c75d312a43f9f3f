// A table's text split into rows of cells. A plain line is split here; from the first line with a quote that is not
// simply around a cell, csv-parse takes over, which is the slower by far. What cells mean is in table.ts.
import { CsvError, type Parser, parse } from "csv-parse/browser/esm";
import { InvalidInput } from "../../errors.ts";
import { type CsvLayout, type Separator, splitBlanks } from "./csv-layout.ts";
import { LineCutter, lineTooLong, MOST_LINE, splitLines } from "./line-blocks.ts";

/** Takes a row's cells and its number in the file, from 1. */
export type OnRow = (cells: string[], row: number) => void;

/** Splits text that comes in pieces. `write` and `end` raise InvalidInput BAD_CSV naming the row. */
export class RowSplitter {
  readonly #separator: Separator | undefined;
  readonly #skip: number;
  readonly #onRow: OnRow;
  readonly #file: string | undefined;
  readonly #cutter = new LineCutter();
  #rows = 0; // lines that have ended
  #parser: QuoteParser | undefined;

  constructor({ separator, skip, trailing, rowNames }: CsvLayout, onRow: OnRow, file: string | undefined) {
    this.#separator = separator;
    this.#skip = skip;
    this.#file = file;
    let width = -1; // of the first row, as far as a last or first cell may be too many
    this.#onRow = !(trailing || rowNames)
      ? onRow
      : (cells, row) => {
          if (width < 0 && rowNames) cells.unshift("");
          if (trailing && (width < 0 || cells.length > width) && cells.at(-1) === "") cells.pop();
          if (width < 0) width = cells.length;
          onRow(cells, row);
        };
  }

  /** The lines and rows that have ended. */
  get rows(): number {
    return this.#parser ? this.#parser.rows : this.#rows;
  }

  async write(piece: string): Promise<void> {
    if (this.#parser) return this.#parser.write(piece);
    const whole = this.#cutter.take(piece);
    if (whole !== "") await this.#split(whole);
    const parser = this.#parser as QuoteParser | undefined;
    if (parser) return parser.write(this.#cutter.rest());
    if (this.#cutter.tooLong) throw tooLong(this.#rows + 1, this.#file);
  }

  async end(): Promise<void> {
    const rest = this.#cutter.rest();
    if (rest !== "") await this.#split(rest);
    await this.#parser?.end();
  }

  /** Whole lines. */
  async #split(text: string): Promise<void> {
    const lines = splitLines(text);
    for (let k = 0; k < lines.length; k++) {
      const line = lines[k]!;
      if (line.length > MOST_LINE) throw tooLong(this.#rows + 1, this.#file);
      this.#rows++;
      if (this.#rows <= this.#skip || line === "") continue;
      const cells = this.#cells(line);
      if (cells === undefined) {
        this.#rows--;
        this.#parser = new QuoteParser(this.#separator ?? ",", this.#rows, this.#onRow, this.#file);
        return this.#parser.write(text.slice(startOf(text, k)));
      }
      if (cells.length === 1 && cells[0]!.trim() === "" && this.#separator !== undefined) continue;
      this.#onRow(cells, this.#rows);
    }
  }

  /** The cells of a line; undefined where a quote is not simply around one. */
  #cells(line: string): string[] | undefined {
    if (this.#separator === " ") return splitBlanks(line);
    const cells = this.#separator === undefined ? [line] : line.split(this.#separator);
    if (!line.includes('"')) return cells;
    for (let j = 0; j < cells.length; j++) {
      const cell = cells[j]!;
      const quote = cell.indexOf('"');
      if (quote < 0) continue;
      if (quote > 0 || cell.length < 2 || cell.indexOf('"', 1) !== cell.length - 1) return undefined;
      cells[j] = cell.slice(1, -1);
    }
    return cells;
  }
}

/** csv-parse, in array mode, handing each row on as soon as it is whole. */
class QuoteParser {
  readonly #parser: Parser;
  readonly #ended: Promise<void>;
  readonly #before: number;
  readonly #file: string | undefined;
  #failed = false;
  rows: number;

  constructor(delimiter: string, before: number, onRow: OnRow, file: string | undefined) {
    this.#before = before;
    this.rows = before;
    this.#file = file;
    this.#parser = parse({
      delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true, // ragged rows are refused in table.ts, with their row
      skip_empty_lines: true,
      max_record_size: MOST_LINE,
      on_record: (cells: string[], { records, empty_lines }) => {
        this.rows = before + records + empty_lines;
        onRow(cells, this.rows);
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
    const row = this.#before + Number(error.records) + Number(error.empty_lines) + 1;
    if (error.code === "CSV_MAX_RECORD_SIZE") return tooLong(row, this.#file);
    const reasons: Partial<Record<CsvError["code"], string>> = {
      CSV_QUOTE_NOT_CLOSED: 'a quote " opens in this row and is never closed.',
      CSV_INVALID_CLOSING_QUOTE: 'after a closing quote " must come a delimiter or the end of the row.',
      INVALID_OPENING_QUOTE: 'a quote " may stand only around a whole cell; inside a quoted cell it is doubled.',
    };
    const reason = reasons[error.code] ?? error.message;
    return new InvalidInput("BAD_CSV", reason, { file: this.#file, at: `row ${row}` }, { cause: error });
  }
}

/** Where line k of a text begins. */
function startOf(text: string, k: number): number {
  const end = /\r\n|\n|\r/g;
  for (let line = 0; line < k; line++) end.exec(text);
  return end.lastIndex;
}

const tooLong = (row: number, file: string | undefined): InvalidInput =>
  lineTooLong(row, "BAD_CSV", file, ' Is a quote " left open?');
