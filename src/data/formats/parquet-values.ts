// The values of a page, checked before a library decodes them: every size, count and run length, so that none of them
// can ask for memory or time that the file does not pay for. Source: Apache Parquet, Encodings.md.
import type { ParquetColumn } from "./parquet-schema.ts";

export const PLAIN = 0;
export const PLAIN_DICTIONARY = 2;
export const RLE = 3;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;
const WIDEST_INDEX = 24; // bits of an index into a dictionary

/** Raises the error of the page, at its byte. */
export type RefusePage = (reason: string, cause?: unknown) => never;

/** Values that are there, without levels. */
/** Encodings of the format that are not read. */
const UNREAD: Readonly<Record<number, string>> = {
  3: "RLE",
  4: "BIT_PACKED",
  5: "DELTA_BINARY_PACKED",
  6: "DELTA_LENGTH_BYTE_ARRAY",
  7: "DELTA_BYTE_ARRAY",
  9: "BYTE_STREAM_SPLIT",
};

export type ValuePage = { readonly count: number; readonly encoding: number; readonly bytes: Uint8Array };

/** Bytes of a plain value; 0 for bits and for what has no fixed width. */
export function widthOf({ type, width }: ParquetColumn): number {
  if (type === "FIXED_LEN_BYTE_ARRAY") return width;
  return { BOOLEAN: 0, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 0 }[type];
}

/** Check a page's values, `bytes`; `dictionary` is the size of the column's dictionary, −1 for none. */
export function checkValues(
  { count, encoding, bytes }: ValuePage,
  column: ParquetColumn,
  dictionary: number,
  refuse: RefusePage,
): void {
  const { type } = column;
  const rest = bytes.length;
  if (encoding === PLAIN) checkPlain(bytes, column, count, refuse);
  else if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) {
    const width = bytes[0] ?? refuse("the page has no index width.");
    if (dictionary < 0) refuse("the page needs a dictionary, and the column has none.");
    if (type === "BOOLEAN" || width > WIDEST_INDEX)
      refuse(`indices into a dictionary have at most ${WIDEST_INDEX} bits, got ${width}.`);
    const largest = checkRuns(bytes, 1, width, count, refuse);
    if (largest >= dictionary) refuse(`index ${largest} is outside its dictionary of ${dictionary}.`);
  } else if (encoding === RLE && type === "BOOLEAN") {
    const length = rest < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (length !== rest - 4) refuse(`the runs must take the ${rest - 4} bytes that are left, got ${length}.`);
    checkRuns(bytes, 4, 1, count, refuse);
  } else if (encoding === BYTE_STREAM_SPLIT && widthOf(column) > 0 && type !== "INT96") {
    if (rest !== count * widthOf(column)) refuse(`${count} values cannot take ${rest} bytes.`);
  } else {
    const named = UNREAD[encoding] ?? `a way that Parquet does not name (${encoding})`;
    refuse(`numbers or texts stored as ${named} are not read. Write with column_encoding='PLAIN', or no encoding.`);
  }
}

export function checkPlain(bytes: Uint8Array, column: ParquetColumn, count: number, refuse: RefusePage): void {
  const { type } = column;
  const from = 0;
  let at = from;
  const width = widthOf(column);
  if (type === "BYTE_ARRAY") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let k = 0; k < count; k++) {
      if (bytes.length - at < 4) refuse(`the page ends after ${k} of ${count} texts.`);
      at += 4 + view.getUint32(at, true);
      if (at > bytes.length) refuse(`text ${k + 1} of ${count} ends outside its page.`);
    }
  } else at += width === 0 ? Math.ceil(count / 8) : count * width;
  if (at !== bytes.length)
    refuse(`${count} values of ${type} take ${at - from} bytes, the page has ${bytes.length - from}.`);
}

/**
 * Walk `count` values of `width` bits in runs, repeated or bit-packed; none may be longer than what is left. Returns
 * the largest, and writes them to `out`.
 */
export function checkRuns(
  bytes: Uint8Array,
  from: number,
  width: number,
  count: number,
  refuse: RefusePage,
  out?: Uint8Array,
): number {
  let at = from;
  let seen = 0;
  let largest = 0;
  const meet = (value: number, times: number) => {
    if (value > largest) largest = value;
    out?.fill(value, seen, seen + times);
    seen += times;
  };
  while (seen < count) {
    let run = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++] ?? refuse(`the runs end after ${seen} of ${count} values.`);
      run += (byte & 127) * shift;
      if (byte < 128) break;
      if (shift > 2 ** 21) refuse("a run is longer than 2^28.");
    }
    const left = count - seen;
    if (run % 2 === 1) {
      const groups = (run - 1) / 2;
      if (groups < 1 || groups > Math.ceil(left / 8))
        refuse(`a run holds ${8 * groups} values where ${left} are left.`);
      if (groups * width > bytes.length - at) refuse("a run ends outside its page.");
      for (let k = 0; k < Math.min(left, 8 * groups); k++) meet(bitsAt(bytes, at * 8 + k * width, width), 1);
      at += groups * width;
    } else {
      if (run < 2 || run / 2 > left) refuse(`a run holds ${run / 2} values where ${left} are left.`);
      const size = Math.ceil(width / 8);
      if (size > bytes.length - at) refuse("a run ends outside its page.");
      let value = 0;
      for (let k = 0; k < size; k++) value += bytes[at + k]! * 256 ** k;
      if (value >= 2 ** width) refuse(`a run's value ${value} has more than ${width} bits.`);
      meet(value, run / 2);
      at += size;
    }
  }
  return largest;
}

/** `width` ≤ 24 bits from bit `from` on, lowest first. */
function bitsAt(bytes: Uint8Array, from: number, width: number): number {
  const first = from >>> 3;
  const four =
    (bytes[first] ?? 0) +
    (bytes[first + 1] ?? 0) * 2 ** 8 +
    (bytes[first + 2] ?? 0) * 2 ** 16 +
    (bytes[first + 3] ?? 0) * 2 ** 24;
  return Math.floor(four / 2 ** (from & 7)) % 2 ** width;
}
