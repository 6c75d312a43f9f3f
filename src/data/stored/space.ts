// Where blocks of bytes are kept: in memory here, on a disk in disk-space.ts.

/** Keeps blocks under numbers from 0 on, in the order of `put`. */
export interface Space {
  /** One more block of so many zeroed bytes, which `write` fills. */
  put(length: number, write: (bytes: Uint8Array<ArrayBuffer>) => void): void;
  /** Bytes [from, to) of block k, valid until the next call; all without them. */
  get(k: number, from?: number, to?: number): Uint8Array<ArrayBuffer>;
  /** Block k is not asked for again. Blocks are dropped in their order. */
  drop(k: number): void;
}

const FIRST_SLAB = 2 ** 16; // bytes
const SLAB = 2 ** 25; //       so large that the C library gives it back to the system once it is free

type Slab = { readonly bytes: Uint8Array<ArrayBuffer>; used: number; blocks: number };

/** Blocks in memory, many in one array: of small ones that are freed the system gets nothing back. */
export class MemorySpace implements Space {
  readonly #slabs: Slab[] = [];
  readonly #blocks: { readonly slab: Slab; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];

  put(wanted: number, write: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    let slab = this.#slabs.at(-1);
    if (slab === undefined || slab.used + wanted > slab.bytes.length) {
      const length = Math.max(wanted, Math.min(SLAB, Math.max(FIRST_SLAB, 2 * (slab?.bytes.length ?? 0))));
      slab = { bytes: new Uint8Array(length), used: 0, blocks: 0 };
      this.#slabs.push(slab);
    }
    const bytes = slab.bytes.subarray(slab.used, slab.used + wanted);
    write(bytes);
    this.#blocks.push({ slab, bytes });
    slab.used += wanted;
    slab.blocks++;
  }

  get(k: number, from = 0, to?: number): Uint8Array<ArrayBuffer> {
    return this.#blocks[k]!.bytes.subarray(from, to);
  }

  drop(k: number): void {
    const { slab } = this.#blocks[k]!;
    if (--slab.blocks === 0 && slab !== this.#slabs.at(-1)) slab.bytes.buffer.transfer(0);
  }
}
