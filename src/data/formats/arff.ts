// Weka's ARFF: columns declared with their kinds, then rows of text, dense or {index value} for what is not the first
// value. Not read: relational attributes, weights of rows.
// Source: Weka's ARFF (stable version), https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
import { InvalidInput, show } from "../../errors.ts";
import { collect } from "./collect.ts";
import { type Chunks, decodeText } from "./decode-text.ts";
import { lineBlocks } from "./line-blocks.ts";
import { noRoom } from "./room.ts";
import type { Cell, Table, TableOptions, TableResult } from "./table.ts";

const CODE = "BAD_ARFF";
const MOST_COLUMNS = 100_000;
const WORD = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'"{},%]+))/;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

type Attribute = {
  readonly name: string;
  /** What a sparse row leaves out. */
  readonly absent: Cell;
  /** The order of a date's parts, where they are not as in ISO 8601. */
  readonly date?: readonly string[] | undefined;
};

export type ArffOptions = TableOptions & { readonly name: string; readonly encoding?: string | undefined };

/** Read an ARFF table. Raises InvalidInput BAD_ARFF naming the row of the file. */
export async function readArff(chunks: Chunks, options: ArffOptions): Promise<TableResult> {
  const { file, encoding } = options;
  return collect(options, { code: CODE, header: true }, async (table) => {
    const reader = new ArffReader(table, file);
    const text = decodeText(chunks, { file, encoding, code: CODE, lines: () => reader.rows });
    for await (const { lines, row } of lineBlocks(text, CODE, file))
      lines.forEach((line, k) => {
        reader.line(line, row + k);
      });
    reader.end();
  });
}

class ArffReader {
  readonly #table: Table;
  readonly #file: string | undefined;
  readonly #attributes: Attribute[] = [];
  #data = false;
  #size = 0; // characters
  #sparseRows = 0;
  rows = 0;

  constructor(table: Table, file: string | undefined) {
    this.#table = table;
    this.#file = file;
  }

  line(line: string, row: number): void {
    this.rows = row;
    this.#size += line.length;
    const text = line.trim();
    if (text === "" || text.startsWith("%")) return;
    if (this.#data) this.#table.add(text.startsWith("{") ? this.#sparse(text) : this.#dense(text), row);
    else this.#declare(text);
  }

  end(): void {
    if (!this.#data) throw this.#refuse("the file has no @data.");
  }

  #refuse(reason: string): InvalidInput {
    return new InvalidInput(CODE, reason, { file: this.#file, at: `row ${Math.max(1, this.rows)}` });
  }

  #declare(text: string): void {
    const keyword = /^@[a-z]+/i.exec(text)?.[0].toLowerCase();
    if (keyword === "@relation") return;
    if (keyword === "@data") {
      if (this.#attributes.length === 0) throw this.#refuse("the file declares no @attribute.");
      this.#data = true;
      this.#table.add(
        this.#attributes.map(({ name }) => name),
        0,
      );
      return;
    }
    if (keyword !== "@attribute")
      throw this.#refuse(`a line before @data must be @relation or @attribute, got ${show(text)}.`);
    if (this.#attributes.length === MOST_COLUMNS) throw this.#refuse(`at most ${MOST_COLUMNS} columns are read.`);
    const rest = text.slice(keyword.length).trimStart();
    const word = WORD.exec(rest);
    if (!word) throw this.#refuse("@attribute needs a name.");
    const kind = rest.slice(word[0].length).trim();
    this.#attributes.push({ name: wordOf(word), ...this.#kind(kind) });
  }

  #kind(kind: string): Omit<Attribute, "name"> {
    if (/^(?:numeric|real|integer)\b/i.test(kind)) return { absent: 0 };
    if (/^string\b/i.test(kind)) return { absent: null };
    if (kind.startsWith("{") && kind.endsWith("}")) return { absent: this.#split(kind.slice(1, -1))[0] ?? null };
    const date = /^date\b\s*(.*)$/i.exec(kind);
    if (!date)
      throw this.#refuse(`an attribute is numeric, nominal {a, b}, string or date, got ${show(kind)}. Convert it.`);
    const format = date[1]!.replace(/^["']|["']$/g, "");
    const parts = format.match(/yyyy|MM|dd|HH|mm|ss/g) ?? [];
    const iso = format === "" || /^yyyy-MM(?:-dd(?:(?:'?T'?| )HH:mm(?::ss)?)?)?$/.test(format);
    return { absent: null, date: iso ? undefined : parts };
  }

  #dense(text: string): Cell[] {
    const cells: Cell[] =
      text.includes("'") || text.includes('"') || text.includes("\\") ? this.#split(text) : plain(text);
    if (cells.length !== this.#attributes.length) {
      const weights = String(cells.at(-1)).startsWith("{") ? " Weights of rows are not read." : "";
      throw this.#refuse(`the row has ${cells.length} cells; ${this.#attributes.length} are declared.${weights}`);
    }
    for (let j = 0; j < cells.length; j++) if (this.#attributes[j]!.date) cells[j] = this.#date(cells[j]!, j);
    return cells;
  }

  #sparse(text: string): Cell[] {
    if (!text.endsWith("}")) throw this.#refuse("a sparse row begins with { and ends with }.");
    const width = this.#attributes.length;
    const reason = noRoom(++this.#sparseRows, width, this.#size);
    if (reason !== undefined) throw this.#refuse(reason);
    const cells = this.#attributes.map(({ absent }) => absent);
    let before = -1;
    for (const pair of this.#pieces(text.slice(1, -1))) {
      const found = /^([0-9]{1,9})\s+(.+)$/s.exec(pair);
      const at = Number(found?.[1] ?? -1);
      if (!found || at <= before || at >= width)
        throw this.#refuse(`a sparse row has pairs of a growing index below ${width} and a value, got ${show(pair)}.`);
      before = at;
      const [cell = null] = this.#split(found[2]!);
      cells[at] = this.#attributes[at]!.date ? this.#date(cell, at) : cell;
    }
    return cells;
  }

  /** Cells that may be quoted; a bare ? is missing. */
  #split(text: string): Cell[] {
    return this.#pieces(text).map((piece) => {
      const word = WORD.exec(piece);
      const quoted = word && word[3] === undefined;
      if (quoted && word[0].length !== piece.length)
        throw this.#refuse(`after a closing quote must come a comma, got ${show(piece)}.`);
      if (!quoted && /^['"]/.test(piece)) throw this.#refuse(`a quote opens and is never closed: ${show(piece)}.`);
      return quoted ? wordOf(word) : piece === "?" ? null : piece;
    });
  }

  /** Text between commas or tabs outside quotes, trimmed. */
  #pieces(text: string): string[] {
    if (text.trim() === "") return [];
    const pieces: string[] = [];
    let start = 0;
    let quote = "";
    for (let at = 0; at < text.length; at++) {
      const c = text[at]!;
      if (c === "\\") at++;
      else if (quote !== "") quote = c === quote ? "" : quote;
      else if (c === "'" || c === '"') quote = c;
      else if (c === "," || c === "\t") {
        pieces.push(text.slice(start, at).trim());
        start = at + 1;
      }
    }
    return [...pieces, text.slice(start).trim()];
  }

  /** A date in ISO 8601. */
  #date(cell: Cell, column: number): Cell {
    if (cell === null) return null;
    const { name, date } = this.#attributes[column]!;
    const numbers = String(cell).match(/[0-9]+/g) ?? [];
    if (numbers.length !== date!.length) throw this.#refuse(`${show(cell)} is no date of column ${show(name)}.`);
    const part = (token: string) => numbers[date!.indexOf(token)]?.padStart(token.length, "0");
    const day = [part("yyyy"), part("MM"), part("dd")].filter((text) => text !== undefined).join("-");
    const time = [part("HH"), part("mm"), part("ss")].filter((text) => text !== undefined).join(":");
    return time === "" ? day : `${day}T${time}`;
  }
}

function plain(text: string): Cell[] {
  return text.split(text.includes(",") ? "," : "\t").map((cell) => {
    const trimmed = cell.trim();
    return trimmed === "?" ? null : trimmed;
  });
}

function wordOf([, single, double, bare]: RegExpExecArray): string {
  const quoted = single ?? double;
  return quoted === undefined ? bare! : quoted.replace(/\\(.)/gs, (_, c: string) => ESCAPED[c] ?? c);
}
