// Text that comes in pieces, cut into whole lines: \n, \r\n and \r all end one. Each character is met once, however the
// text is cut.
import { InvalidInput, type InvalidInputCode } from "../../errors.ts";

export const MOST_LINE = 2 ** 24; // characters

/** Cuts off the whole lines, and keeps the rest for the next piece. */
export class LineCutter {
  #parts: string[] = []; // of the line that has not ended
  #open = 0; // their characters
  #held = false; // whether a \r is kept back: \n may follow it

  /** The lines that have ended, with their ends. */
  take(given: string): string {
    const piece = (this.#held ? "\r" : "") + given;
    this.#held = piece.endsWith("\r");
    const until = this.#held ? piece.length - 1 : piece.length;
    const cut = until === 0 ? 0 : 1 + Math.max(piece.lastIndexOf("\n", until - 1), piece.lastIndexOf("\r", until - 1));
    let whole = "";
    if (cut > 0) {
      whole = [...this.#parts, piece.slice(0, cut)].join("");
      this.#parts = [];
      this.#open = 0;
    }
    if (cut < until) this.#parts.push(piece.slice(cut, until));
    this.#open += until - cut;
    return whole;
  }

  /** Whether the line that has not ended is longer than any that is read. */
  get tooLong(): boolean {
    return this.#open > MOST_LINE;
  }

  /** What has not ended, taken out. */
  rest(): string {
    const rest = this.#parts.join("") + (this.#held ? "\r" : "");
    this.#parts = [];
    this.#open = 0;
    this.#held = false;
    return rest;
  }
}

/** The lines of a text that ends with one. */
export function splitLines(text: string): string[] {
  const lines = text.includes("\r") ? text.split(/\r\n|\n|\r/) : text.split("\n");
  if (/[\r\n]/.test(text.slice(-1))) lines.pop();
  return lines;
}

export function lineTooLong(row: number, code: InvalidInputCode, file: string | undefined, remedy = ""): InvalidInput {
  return new InvalidInput(code, `the row is longer than ${MOST_LINE} characters.${remedy}`, { file, at: `row ${row}` });
}

/** All lines of a text, many at a time; `row` is the number of the first, from 1. */
export async function* lineBlocks(
  text: AsyncIterable<string>,
  code: InvalidInputCode,
  file: string | undefined,
): AsyncGenerator<{ readonly lines: readonly string[]; readonly row: number }> {
  const cutter = new LineCutter();
  let row = 1;
  const block = (whole: string) => {
    const found = { lines: splitLines(whole), row };
    row += found.lines.length;
    const long = found.lines.findIndex((line) => line.length > MOST_LINE);
    if (long >= 0) throw lineTooLong(found.row + long, code, file);
    return found;
  };
  for await (const piece of text) {
    const whole = cutter.take(piece);
    if (cutter.tooLong) throw lineTooLong(row, code, file);
    if (whole !== "") yield block(whole);
  }
  const rest = cutter.rest();
  if (rest !== "") yield block(rest);
}
