// Rows of bytes, such as pictures, some to a block, in memory or on a disk.
import type { Steps } from "../../engines/turns.ts";
import type { RowStore } from "./row-store.ts";
import type { Space } from "./space.ts";

const BLOCK = 2 ** 18; // bytes
const FEW = 4; //         a block is read whole where more than one row in so many is wanted

export class ByteRows implements RowStore {
  readonly form = "bytes";
  readonly cols: number;
  readonly space: Space;
  readonly #each: number; // rows of a block
  #rows: number;
  #open: Uint8Array<ArrayBuffer>; // rows that are not in the space yet
  #filled = 0;

  constructor(cols: number, space: Space, rows = 0) {
    this.cols = cols;
    this.space = space;
    this.#rows = rows;
    this.#each = Math.max(1, Math.floor(BLOCK / cols));
    this.#open = new Uint8Array(rows > 0 ? 0 : this.#each * cols);
  }

  get rows(): number {
    return this.#rows;
  }

  add(row: Uint8Array): void {
    this.#open.set(row, this.#filled * this.cols);
    this.#rows++;
    if (++this.#filled === this.#each) this.end();
  }

  /** No more rows follow. */
  end(): void {
    if (this.#filled === 0) return;
    const bytes = this.#open.subarray(0, this.#filled * this.cols);
    this.space.put(bytes.length, (to) => to.set(bytes));
    this.#filled = 0;
  }

  *gathering(rows: Uint32Array): Steps<Uint8Array<ArrayBuffer>> {
    const { cols } = this;
    const out = new Uint8Array(rows.length * cols);
    const blockOf = (row: number) => Math.floor(row / this.#each);
    const places = Uint32Array.from(rows.keys()).sort((a, b) => rows[a]! - rows[b]!);
    for (let from = 0, to = 0; from < places.length; from = to) {
      const k = blockOf(rows[places[from]!]!);
      while (to < places.length && blockOf(rows[places[to]!]!) === k) to++;
      const whole = FEW * (to - from) > this.#each ? this.space.get(k) : undefined;
      for (let i = from; i < to; i++) {
        const at = (rows[places[i]!]! - k * this.#each) * cols;
        const bytes = whole ? whole.subarray(at, at + cols) : this.space.get(k, at, at + cols);
        out.set(bytes, places[i]! * cols);
      }
      yield;
    }
    return out;
  }

  all(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.rows * this.cols);
    for (let k = 0; k * this.#each < this.rows; k++) out.set(this.space.get(k), k * this.#each * this.cols);
    return out;
  }
}
