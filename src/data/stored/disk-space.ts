// Node only. Blocks of bytes one after another in a file.
import { closeSync, openSync, readSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { EnvironmentFailure } from "../../errors.ts";
import type { Space } from "./space.ts";

export class DiskSpace implements Space {
  #path: string;
  #file: number | undefined;
  readonly #ends: number[];
  #scratch = new Uint8Array(0);

  /** A new file, or one with blocks that end at these bytes. */
  constructor(path: string, ends?: readonly number[]) {
    this.#path = path;
    this.#ends = [...(ends ?? [])];
    this.#file = this.#try(() => openSync(path, ends ? "r" : "wx+"));
  }

  /** Where each block ends. */
  get ends(): readonly number[] {
    return this.#ends;
  }

  get path(): string {
    return this.#path;
  }

  put(length: number, write: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    const bytes = this.#room(length).fill(0);
    write(bytes);
    const start = this.#ends.at(-1) ?? 0;
    for (let at = 0; at < length; ) at += this.#try(() => writeSync(this.#file!, bytes, at, length - at, start + at));
    this.#ends.push(start + length);
  }

  get(k: number, from = 0, to?: number): Uint8Array<ArrayBuffer> {
    const start = k === 0 ? 0 : this.#ends[k - 1]!;
    const length = (to ?? this.#ends[k]! - start) - from;
    const bytes = this.#room(length);
    this.#try(() => {
      for (let at = 0; at < length; ) {
        const read = readSync(this.#file!, bytes, at, length - at, start + from + at);
        if (read === 0) throw new Error("the file was cut while it was read");
        at += read;
      }
    });
    return bytes;
  }

  drop(): void {}

  /** Let the system remove the file once it is closed, also where this process is killed. */
  hide(): void {
    try {
      unlinkSync(this.#path);
    } catch {} // Windows keeps an open file
  }

  /** The file is written: it is read from another place from now on. */
  move(path: string): void {
    this.close();
    this.#try(() => renameSync(this.#path, path));
    this.#path = path;
    this.#file = this.#try(() => openSync(path, "r"));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #room(length: number): Uint8Array<ArrayBuffer> {
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(length);
    return this.#scratch.subarray(0, length);
  }

  #try<R>(work: () => R): R {
    try {
      return work();
    } catch (cause) {
      throw storeFailure(this.#path, cause);
    }
  }
}

/** The error for rows that cannot be stored in, or read from, `path`. */
export function storeFailure(path: string, cause: unknown): EnvironmentFailure {
  const full = ["ENOSPC", "EDQUOT"].includes((cause as NodeJS.ErrnoException).code ?? "");
  const what = full ? "the disk is full" : (cause as Error).message;
  const reason = `the rows that memory has no room for could not be stored: ${what}. --cache names another folder, --memory gives rows more memory.`;
  return new EnvironmentFailure("WRITE_FAILED", reason, { file: path }, { cause });
}
