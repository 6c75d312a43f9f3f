// The progress of reading data as one live line of a terminal, from the second on in which reading takes long.
import { basename } from "node:path";
import type { ReadProgress } from "../data/source.ts";
import { printable } from "../errors.ts";
import { clip, percent } from "./tables.ts";

export type Terminal = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write">;

const PATIENCE_MS = 1000;
const REDRAW_MS = 100;
const LOOKED_AT = 2 ** 20; // bytes that are read to see what a file is
const CLEAR = "\r\x1b[2K";

/** Shows bytes as they are read; `end` erases the line. A pipe or a dumb terminal gets nothing. */
export class ReadingLine {
  readonly #stream: Terminal;
  readonly #now: () => number;
  readonly #began: number;
  #drawn = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(stream: Terminal, now = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#began = now();
  }

  show({ what, data, bytes, total }: ReadProgress): void {
    const now = this.#now();
    if (!this.#stream.isTTY || process.env.TERM === "dumb") return;
    if (now - this.#began < PATIENCE_MS || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const again = bytes > total + LOOKED_AT; // pictures are read twice where there are many
    const share = total > 0 ? Math.min(1, (again ? bytes % total : bytes) / total) : 0;
    const line = `${what} ${printable(basename(data))}  ${percent(share)} of ${megabytes(total)}`;
    this.#stream.write(CLEAR + clip(line, (this.#stream.columns || 80) - 1));
    this.#open = true;
  }

  end(): void {
    if (this.#open) this.#stream.write(CLEAR);
    this.#open = false;
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
