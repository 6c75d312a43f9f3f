// Matrices and spans of a memory as values, and the allocator that lays them out.

/** A matrix inside a typed array: element (i, j) at offset + i·stride + j. The offset counts elements, not bytes. */
export type View = { readonly offset: number; readonly rows: number; readonly cols: number; readonly stride: number };

/** Consecutive elements. */
export type Span = { readonly offset: number; readonly length: number };

export const PAD = 16; //           elements: one cache line of float32
const RESERVED = 4096; //           bytes at address 0 for an engine's constants
const LINE = 64; //                 bytes of a cache line

export const padded = (n: number): number => Math.ceil(n / PAD) * PAD;

/** A bump allocator of offsets: each array starts at the cache line after the one before. */
export class Arena {
  readonly #floatBytes: 4 | 8;
  #bytes = RESERVED;

  constructor(floatBytes: 4 | 8) {
    this.#floatBytes = floatBytes;
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Room for `count` elements of `bytes` bytes each: its offset in such elements. */
  take(count: number, bytes: number): number {
    const at = this.#bytes;
    this.#bytes = Math.ceil((at + count * bytes) / LINE) * LINE;
    return at / bytes;
  }

  span(length: number, bytes: number): Span {
    return { offset: this.take(length, bytes), length };
  }

  floats(length: number): Span {
    return this.span(length, this.#floatBytes);
  }

  /** A matrix of floats, its rows padded. */
  matrix(rows: number, cols: number): View {
    const stride = padded(cols);
    return { offset: this.take(rows * stride, this.#floatBytes), rows, cols, stride };
  }

  /** A column of elements of `bytes` bytes each, without padding. */
  column(rows: number, bytes: number): View {
    return { offset: this.take(rows, bytes), rows, cols: 1, stride: 1 };
  }
}
