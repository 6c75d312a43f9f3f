// Thrift's compact protocol, as Parquet's footer and page headers use it: every length held against the bytes that are
// left before anything is read or kept. Fields stay numbers; what they mean is in parquet-file.ts.
// Source: Apache Thrift, thrift-compact-protocol.md.

export type ThriftValue = boolean | bigint | number | Uint8Array | readonly ThriftValue[] | Struct;
export type Struct = ReadonlyMap<number, ThriftValue>;

const MOST_DEPTH = 64;
const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Why the bytes are not Thrift, and at which of them. */
export class ThriftError extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

/** The struct that begins at byte `at`, and the byte after it. Raises ThriftError. */
export function readStruct(bytes: Uint8Array, at: number): { struct: Struct; end: number } {
  const reader = new Reader(bytes, at);
  const struct = reader.struct(0);
  return { struct, end: reader.at };
}

class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  struct(depth: number): Struct {
    if (depth > MOST_DEPTH) throw new ThriftError(this.at, `the header is nested deeper than ${MOST_DEPTH}.`);
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const start = this.at;
      const byte = this.#byte();
      const type = byte & 15;
      if (byte === STOP) return fields;
      id = byte >> 4 === 0 ? Number(this.#zigzag()) : id + (byte >> 4);
      if (fields.has(id)) throw new ThriftError(start, `field ${id} of the header is there twice.`);
      if (id < 1 || id > 32_767) throw new ThriftError(start, `the header has a field ${id}.`);
      fields.set(id, this.#value(type, depth, start));
    }
  }

  #value(type: number, depth: number, start: number): ThriftValue {
    if (type === TRUE || type === FALSE) return type === TRUE;
    if (type === BYTE) return (this.#byte() << 24) >> 24;
    if (type > BYTE && type < DOUBLE) return this.#zigzag();
    if (type === DOUBLE) return new DataView(this.#take(8).slice().buffer).getFloat64(0, true);
    if (type === BINARY) return this.#take(this.#varint());
    if (type === STRUCT) return this.struct(depth + 1);
    if (type === LIST) return this.#list(depth);
    throw new ThriftError(start, `the header has a value of type ${type}, which Parquet does not use.`);
  }

  #list(depth: number): ThriftValue[] {
    if (depth >= MOST_DEPTH) throw new ThriftError(this.at, `the header is nested deeper than ${MOST_DEPTH}.`);
    const start = this.at;
    const byte = this.#byte();
    const type = byte & 15;
    const count = byte >> 4 === 15 ? this.#varint() : BigInt(byte >> 4);
    const left = this.#bytes.length - this.at; // every element takes at least a byte
    if (count > BigInt(left))
      throw new ThriftError(start, `the header has a list of ${count} in the ${left} bytes that are left.`);
    const flag = type === TRUE || type === FALSE;
    return Array.from({ length: Number(count) }, () =>
      flag ? this.#byte() === 1 : this.#value(type, depth + 1, start),
    );
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new ThriftError(this.at, "the header is cut short.");
    this.at++;
    return byte;
  }

  #take(length: bigint | number): Uint8Array {
    const left = this.#bytes.length - this.at;
    if (length > left) throw new ThriftError(this.at, `the header has ${length} bytes of text where ${left} are left.`);
    const taken = this.#bytes.subarray(this.at, this.at + Number(length));
    this.at += Number(length);
    return taken;
  }

  #varint(): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128 && value < 2n ** 64n) return value;
    }
    throw new ThriftError(start, "the header has an integer of more than 64 bits.");
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }
}
