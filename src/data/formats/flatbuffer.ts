// FlatBuffers as Arrow's metadata use them: every offset, table and vector held against the bytes that are there.
// Source: FlatBuffers' internals, https://flatbuffers.dev/internals/

const MOST_DEPTH = 16; // tables within tables

/** Why the bytes are not a flatbuffer, and at which of them. */
export class FlatbufferError extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

/** A table: fields by their slots, 4, 6, 8, … as the generated code has them. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #slots: number; // where they begin
  readonly #size: number; // of the vtable
  readonly #depth: number;

  /** The root of a buffer. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, follow(view, 0), 0);
  }

  private constructor(view: DataView, at: number, depth: number) {
    if (depth > MOST_DEPTH) throw new FlatbufferError(at, `the metadata are nested deeper than ${MOST_DEPTH}.`);
    inside(view, at, 4);
    this.#view = view;
    this.#at = at;
    this.#depth = depth;
    this.#slots = at - view.getInt32(at, true);
    inside(view, this.#slots, 4);
    this.#size = view.getUint16(this.#slots, true);
    inside(view, this.#slots, this.#size);
  }

  /** Where a field's `width` bytes are; −1 where it is left out. */
  #field(slot: number, width: number): number {
    if (slot + 2 > this.#size) return -1;
    const offset = this.#view.getUint16(this.#slots + slot, true);
    if (offset === 0) return -1;
    inside(this.#view, this.#at + offset, width);
    return this.#at + offset;
  }

  byte(slot: number, otherwise = 0): number {
    const at = this.#field(slot, 1);
    return at < 0 ? otherwise : this.#view.getUint8(at);
  }

  short(slot: number, otherwise = 0): number {
    const at = this.#field(slot, 2);
    return at < 0 ? otherwise : this.#view.getInt16(at, true);
  }

  int(slot: number, otherwise = 0): number {
    const at = this.#field(slot, 4);
    return at < 0 ? otherwise : this.#view.getInt32(at, true);
  }

  /** A 64-bit integer in [0, 2^53). */
  long(slot: number): number {
    const at = this.#field(slot, 8);
    return at < 0 ? 0 : whole(this.#view, at);
  }

  text(slot: number): string {
    const found = this.#vector(slot, 1);
    if (!found) return "";
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + found.at, found.count);
    return new TextDecoder().decode(bytes);
  }

  table(slot: number): FlatTable | undefined {
    const at = this.#field(slot, 4);
    return at < 0 ? undefined : new FlatTable(this.#view, follow(this.#view, at), this.#depth + 1);
  }

  tables(slot: number): FlatTable[] {
    const found = this.#vector(slot, 4);
    if (!found) return [];
    return Array.from(
      { length: found.count },
      (_, k) => new FlatTable(this.#view, follow(this.#view, found.at + 4 * k), this.#depth + 1),
    );
  }

  /** Structs of `width` 64-bit integers each, one after the other. */
  longs(slot: number, width: number): number[] {
    const found = this.#vector(slot, 8 * width);
    if (!found) return [];
    return Array.from({ length: found.count * width }, (_, k) => whole(this.#view, found.at + 8 * k));
  }

  #vector(slot: number, width: number): { at: number; count: number } | undefined {
    const field = this.#field(slot, 4);
    if (field < 0) return undefined;
    const start = follow(this.#view, field);
    inside(this.#view, start, 4);
    const count = this.#view.getUint32(start, true);
    inside(this.#view, start + 4, count * width);
    return { at: start + 4, count };
  }
}

function inside(view: DataView, at: number, width: number): void {
  if (at >= 0 && at + width <= view.byteLength) return;
  throw new FlatbufferError(Math.max(0, Math.min(at, view.byteLength)), "the metadata point outside their bytes.");
}

function follow(view: DataView, at: number): number {
  inside(view, at, 4);
  return at + view.getUint32(at, true);
}

function whole(view: DataView, at: number): number {
  const value = view.getBigInt64(at, true);
  if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new FlatbufferError(at, `an integer of the metadata must be in [0, 2^53), got ${value}.`);
}
