// An Excel workbook's sheet as a dataset. Our own zip.ts checks the archive, saxen reads its XML; what cells mean is in
// table.ts. Formulas count by the values that were saved with them, errors such as #N/A as missing.
// Source: ECMA-376, part 1, section 18.3 (worksheets).
import { show } from "../../errors.ts";
import { collect } from "./collect.ts";
import { noRoom } from "./room.ts";
import type { Cell, TableOptions, TableResult } from "./table.ts";
import { isoText } from "./typed-values.ts";
import { Workbook, type XmlAttributes } from "./xlsx-parts.ts";

const MOST_COLUMNS = 16_384; // XFD
const DAY = 86_400_000; // milliseconds
const EPOCHS = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) } as const;

export type XlsxOptions = TableOptions & { readonly name: string; readonly sheet?: string | undefined };

/** Cells by their columns, from 0; holes are empty. `first` is the first that is not, `filled` how many are not. */
type SheetRow = {
  readonly row: number;
  readonly cells: readonly Cell[];
  readonly first: number;
  readonly filled: number;
};

/**
 * Read a sheet, by default the first that is shown. The table begins at its first cell; a title of one cell above it is
 * left out, and empty rows are. Raises InvalidInput BAD_XLSX naming row and column, or BAD_ZIP.
 */
export async function readXlsx(bytes: Uint8Array<ArrayBuffer>, options: XlsxOptions): Promise<TableResult> {
  const workbook = new Workbook(bytes, options.file);
  const { part, name, names, from1904 } = await workbook.sheet(options.sheet);
  const [texts, dates] = [await workbook.texts(), await workbook.dates()];
  const reader = new SheetReader(texts, dates, from1904 ? EPOCHS[1904] : EPOCHS[1900], (reason, row) =>
    workbook.refuse(reason, `row ${row}`),
  );
  const size = await workbook.walk(part, reader);
  const warnings =
    names.length > 1 && options.sheet === undefined
      ? [`Sheet ${show(name)} is read, of ${show(names)}; --sheet chooses another.`]
      : [];
  const rows = reader.rows;
  while (rows.length > 2 && rows[0]!.filled === 1 && rows[1]!.filled > 1) {
    const { row, cells, first } = rows.shift()!;
    warnings.push(`Row ${row} is no row of the table and left out: ${show(cells[first])}.`);
  }
  const left = rows.reduce((least, { first }) => Math.min(least, first), MOST_COLUMNS);
  const width = (rows[0]?.cells.length ?? 0) - left;
  const reason = noRoom(rows.length, Math.max(0, width), size);
  if (reason !== undefined) throw workbook.refuse(reason, `sheet ${show(name)}`);
  const found = await collect(options, { code: "BAD_XLSX" }, (table) => {
    for (const { row, cells } of rows) {
      const given = Array.from({ length: Math.max(width, cells.length - left) }, (_, j) => cells[left + j] ?? null);
      table.add(given, row);
    }
  });
  return { ...found, warnings: [...warnings, ...found.warnings] };
}

/** Takes the elements of a sheet's XML, and keeps its rows. */
class SheetReader {
  readonly rows: SheetRow[] = [];
  readonly #texts: readonly string[];
  readonly #dates: readonly boolean[];
  readonly #epoch: number;
  readonly #refuse: (reason: string, row: number) => Error;
  #row = 0;
  #cells: Cell[] = [];
  #first = -1;
  #filled = 0;
  #column = -1;
  #kind = "n";
  #date = false;
  #value: string[] = [];
  #reading = false; // whether text belongs to a value

  constructor(
    texts: readonly string[],
    dates: readonly boolean[],
    epoch: number,
    refuse: (reason: string, row: number) => Error,
  ) {
    this.#texts = texts;
    this.#dates = dates;
    this.#epoch = epoch;
    this.#refuse = refuse;
  }

  readonly open = (name: string, attributes: () => XmlAttributes): void => {
    if (name === "row") {
      const given = attributes().r;
      const row = given === undefined ? this.#row + 1 : Number(given);
      if (!(Number.isInteger(row) && row > this.#row))
        throw this.#refuse(`rows must follow one another, got ${show(given)}.`, this.#row);
      this.#row = row;
      this.#cells = [];
      this.#filled = 0;
      this.#column = -1;
    } else if (name === "c") {
      const { r, t = "n", s = "" } = attributes();
      const column = r === undefined ? this.#column + 1 : columnOf(r);
      if (!(column > this.#column && column < MOST_COLUMNS))
        throw this.#refuse(`cells must follow one another up to column XFD, got ${show(r)}.`, this.#row);
      this.#column = column;
      this.#kind = t;
      this.#date = this.#dates[Number(s)] ?? false;
      this.#value = [];
    } else if (name === "v" || name === "t") this.#reading = true;
    else if (name === "rPh") this.#reading = false;
  };

  readonly text = (text: string): void => {
    if (this.#reading) this.#value.push(text);
  };

  readonly close = (name: string): void => {
    if (name === "v" || name === "t") this.#reading = false;
    else if (name === "c") this.#put(this.#cell(this.#value.join("")));
    else if (name === "row" && this.#cells.length > 0)
      this.rows.push({ row: this.#row, cells: this.#cells, first: this.#first, filled: this.#filled });
  };

  /** Holes before the cell stay holes: a cell far to the right costs nothing. */
  #put(cell: Cell): void {
    if (cell === null || cell === "") return;
    if (this.#filled++ === 0) this.#first = this.#column;
    this.#cells[this.#column] = cell;
  }

  #cell(text: string): Cell {
    if (text === "" || this.#kind === "e") return null;
    if (this.#kind === "s") {
      const found = this.#texts[Number(text)];
      if (found === undefined) throw this.#refuse(`there is no shared text ${show(text)}.`, this.#row);
      return found;
    }
    if (this.#kind === "b") return text === "1" || text === "true";
    if (this.#kind !== "n") return text; // str, inlineStr, d
    const number = Number(text);
    if (Number.isNaN(number)) throw this.#refuse(`a cell's number must be one, got ${show(text)}.`, this.#row);
    return this.#date ? isoText(new Date(this.#epoch + Math.round(number * DAY))) : number;
  }
}

/** The column, from 0, of a reference such as AB12; −1 for none. */
function columnOf(reference: string): number {
  const letters = /^([A-Z]{1,3})[0-9]+$/.exec(reference)?.[1] ?? "";
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
