// LZ4: blocks, and the three ways in which Parquet and Arrow put them into a file. Sums are not checked.
// Source: LZ4's block format and frame format; Apache Parquet's page on compression for Hadoop's framing.

const damaged = () => new Error("the LZ4 data are damaged");

/** One block of exactly `size` bytes; undefined if it holds more. Raises an Error for damaged data. */
export function lz4Block(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const out = new Uint8Array(size);
  const end = writeBlock(bytes, out, 0, 0);
  return end < 0 ? undefined : out.subarray(0, end);
}

/** Decodes behind `at` in `out`, copies from no earlier than `floor`; returns the end, or −1 where it has no room. */
function writeBlock(bytes: Uint8Array, out: Uint8Array, start: number, floor: number): number {
  let from = 0;
  let at = start;
  const extended = (length: number): number => {
    if (length < 15) return length;
    for (let sum = length; ; ) {
      const byte = bytes[from++];
      if (byte === undefined) throw damaged();
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  while (from < bytes.length) {
    const token = bytes[from++]!;
    const literals = extended(token >> 4);
    if (literals > bytes.length - from) throw damaged();
    if (literals > out.length - at) return -1;
    out.set(bytes.subarray(from, from + literals), at);
    from += literals;
    at += literals;
    if (from === bytes.length) return at; // the last sequence has no match
    if (from + 2 > bytes.length) throw damaged();
    const offset = bytes[from]! | (bytes[from + 1]! << 8);
    from += 2;
    const length = extended(token & 15) + 4;
    if (offset === 0 || offset > at - floor) throw damaged();
    if (length > out.length - at) return -1;
    for (let k = 0; k < length; k++, at++) out[at] = out[at - offset]!; // may overlap itself
  }
  return at;
}

/** Hadoop's frames, as Parquet's deprecated LZ4 has them: big-endian sizes before each block. undefined for others. */
export function lz4Hadoop(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(size);
  let [from, at] = [0, 0];
  while (from < bytes.length) {
    if (from + 8 > bytes.length) return undefined;
    const [whole, packed] = [view.getUint32(from), view.getUint32(from + 4)];
    from += 8;
    if (packed > bytes.length - from || whole > size - at) return undefined;
    try {
      const end = writeBlock(bytes.subarray(from, from + packed), out.subarray(0, at + whole), at, at);
      if (end !== at + whole) return undefined;
    } catch {
      return undefined;
    }
    from += packed;
    at += whole;
  }
  return at === size ? out : undefined;
}

/** LZ4 frames, as Arrow has them. undefined where they hold more than `size` bytes. */
export function lz4Frames(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(size);
  let [from, at] = [0, 0];
  const take = (count: number) => {
    const start = from;
    from += count;
    if (from > bytes.length) throw damaged();
    return start;
  };
  while (from < bytes.length) {
    if (view.getUint32(take(4), true) !== 0x184d2204) throw damaged();
    const flags = bytes[take(2)]!;
    if (flags >> 6 !== 1 || flags & 1) throw damaged(); // version 1, no dictionary
    take((flags & 8 ? 8 : 0) + 1); // content size, and the header's sum
    const begin = at;
    for (;;) {
      const head = view.getUint32(take(4), true);
      if (head === 0) break;
      const length = head & 0x7fffffff;
      const block = bytes.subarray(take(length), from);
      if (head >>> 31) {
        if (length > size - at) return undefined;
        out.set(block, at);
        at += length;
      } else {
        const end = writeBlock(block, out, at, flags & 0x20 ? at : begin);
        if (end < 0) return undefined;
        at = end;
      }
      if (flags & 0x10) take(4);
    }
    if (flags & 4) take(4);
  }
  return out.subarray(0, at);
}
