// Where rows go that memory has no room for.
import { MemorySpace, type Space } from "./space.ts";

/** What a reader of files is told of memory. */
export interface Keeping {
  /** Most bytes of a data set's rows in memory. */
  readonly memory: number;
  /** A new space on a disk for the rows of a data set. */
  rows(): Space;
  /** A new space on a disk for what is dropped once the files are read. */
  scratch(): Space & { close(): void };
}

/** What readers are told beside their options. */
export type WithKeeping = {
  /** Where rows go that memory has no room for. Default: all are in memory. */
  readonly keeping?: Keeping | undefined;
};

/** Blocks in memory, and on a disk from the one on that is too many. */
export class OverflowSpace implements Space {
  readonly #keeping: Keeping;
  readonly #memory = new MemorySpace();
  #room: number;
  #inMemory = 0;
  #disk: (Space & { close(): void }) | undefined;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    this.#room = keeping.memory;
  }

  get overflowed(): boolean {
    return this.#disk !== undefined;
  }

  put(length: number, write: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#room -= length;
    if (this.#room < 0) this.#disk ??= this.#keeping.scratch();
    if (this.#disk) this.#disk.put(length, write);
    else {
      this.#memory.put(length, write);
      this.#inMemory++;
    }
  }

  get(k: number, from?: number, to?: number): Uint8Array<ArrayBuffer> {
    return k < this.#inMemory ? this.#memory.get(k, from, to) : this.#disk!.get(k - this.#inMemory, from, to);
  }

  drop(k: number): void {
    if (k < this.#inMemory) this.#memory.drop(k);
  }

  close(): void {
    this.#disk?.close();
  }
}
