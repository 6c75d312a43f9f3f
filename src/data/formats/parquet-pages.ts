// The pages of one column chunk, checked before a library decodes them: every size, count and run length, so that none
// of them can ask for memory or time that the file does not pay for. Returns nothing but that all is well.
// Source: Apache Parquet, parquet.thrift (PageHeader) and Encodings.md.
import { snappyUncompress } from "hyparquet";
import { crc32 } from "./crc32.ts";
import { badParquet, type Chunk, type ParquetColumn, parse, reader } from "./parquet-file.ts";
import type { Struct } from "./thrift.ts";

const MOST_PAGE = 2 ** 30; //      bytes, inflated
const SNAPPY_RATIO = 22; //        a copy of 64 bytes takes 3
const WIDEST_INDEX = 24; //        bits of an index into a dictionary
const WIDTHS = new Map<ParquetColumn["type"], number>([
  ["INT32", 4],
  ["INT64", 8],
  ["FLOAT", 4],
  ["DOUBLE", 8],
]);

const DATA = 0;
const DICTIONARY = 2;
const DATA_V2 = 3;
const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

type Refuse = (reason: string, cause?: unknown) => never;

/**
 * Check a chunk. `firstRow` is the first row's number; `c` the column's index. Raises InvalidInput BAD_PARQUET, also
 * for a null.
 */
export function checkPages(bytes: Uint8Array, chunk: Chunk, firstRow: number, c: number, file?: string): void {
  const { column, values, start, end } = chunk;
  let dictionary = -1; // its size; −1 for none
  let rows = 0;
  let missing = 0;
  let firstMissing = -1;
  let at = start;
  while (at < end) {
    const here = at;
    const refuse: Refuse = (reason, cause) => {
      throw badParquet(file, `byte ${here}`, `${reason} (a page of column ${column.name})`, cause);
    };
    const { struct: header, end: data } = parse(bytes, at, end, file);
    const get = reader(file, `byte ${here}`);
    const type = get.whole(header, 1, "a page's type");
    const packed = get.whole(header, 3, "compressed_page_size");
    if (packed > end - data) refuse(`compressed_page_size must be at most ${end - data}, got ${packed}.`);
    const body = bytes.subarray(data, data + packed);
    const sum = header.get(4);
    if (typeof sum === "bigint" && BigInt.asUintN(32, sum) !== BigInt(crc32(body)))
      refuse("the page's CRC-32 is wrong: it is damaged.");
    if (type === DICTIONARY) {
      const head = get.struct(header, 7, "dictionary_page_header");
      if (at !== start) refuse("a dictionary must be the first page of its column.");
      const encoding = get.whole(head, 2, "the dictionary's encoding");
      if (encoding !== PLAIN && encoding !== PLAIN_DICTIONARY)
        refuse(`a dictionary's encoding must be 0 or 2, got ${encoding}.`);
      dictionary = get.whole(head, 1, "the dictionary's num_values");
      checkPlain(unpack(body, header, chunk, get, refuse), 0, column.type, dictionary, refuse);
    } else if (type === DATA || type === DATA_V2) {
      const page =
        type === DATA ? dataPage(header, body, chunk, get, refuse) : dataPageV2(header, body, chunk, get, refuse);
      const nulls = page.count - page.present;
      if (nulls > 0 && missing === 0) firstMissing = rows + page.gap;
      missing += nulls;
      rows += page.count;
      if (page.count === 0) refuse("a page must hold at least one value.");
      if (rows > values) refuse(`the pages hold more than the ${values} values of the column.`);
      if (nulls === 0) checkValues(page, column.type, dictionary, refuse);
    } else refuse(`a page's type must be 0, 2 or 3, got ${type}.`);
    at = data + packed;
  }
  if (missing > 0) {
    const place = `row ${firstRow + firstMissing} column ${c + 1} (${column.name})`;
    const all = `${missing} of the column's ${values} values ${firstRow > 1 ? "in this row group " : ""}are missing.`;
    throw badParquet(
      file,
      place,
      `the value is missing (null). ${all} Fill them in, or remove the rows or the column.`,
    );
  }
  if (rows !== values)
    throw badParquet(
      file,
      `byte ${start}`,
      `the pages of column ${column.name} hold ${rows} values, its header says ${values}.`,
    );
}

type Page = {
  readonly count: number;
  readonly present: number;
  readonly gap: number; //     the first value that is missing, if any
  readonly encoding: number;
  readonly bytes: Uint8Array;
  readonly at: number;
};
type Get = ReturnType<typeof reader>;

function dataPage(header: Struct, body: Uint8Array, chunk: Chunk, get: Get, refuse: Refuse): Page {
  const head = get.struct(header, 5, "data_page_header");
  const count = get.whole(head, 1, "num_values");
  const encoding = get.whole(head, 2, "encoding");
  if (count > chunk.values) refuse(`num_values must be at most ${chunk.values}, got ${count}.`);
  const bytes = unpack(body, header, chunk, get, refuse);
  if (!chunk.column.optional) return { count, present: count, gap: -1, encoding, bytes, at: 0 };
  if (get.whole(head, 3, "definition_level_encoding") !== RLE) refuse("definition levels must be run-length encoded.");
  if (bytes.length < 4) refuse("the page is too short for its definition levels.");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length > bytes.length - 4) refuse(`the definition levels take ${length} bytes of ${bytes.length - 4}.`);
  const { ones, gap } = checkRuns(bytes.subarray(0, 4 + length), 4, 1, count, refuse);
  return { count, present: ones, gap, encoding, bytes, at: 4 + length };
}

function dataPageV2(header: Struct, body: Uint8Array, chunk: Chunk, get: Get, refuse: Refuse): Page {
  const head = get.struct(header, 8, "data_page_header_v2");
  const count = get.whole(head, 1, "num_values");
  const nulls = get.whole(head, 2, "num_nulls");
  const encoding = get.whole(head, 4, "encoding");
  const levels = get.whole(head, 5, "definition_levels_byte_length");
  if (count > chunk.values) refuse(`num_values must be at most ${chunk.values}, got ${count}.`);
  if (get.whole(head, 3, "num_rows") !== count) refuse("num_rows and num_values must agree in a flat column.");
  if (get.whole(head, 6, "repetition_levels_byte_length") !== 0) refuse("a flat column has no repetition levels.");
  if (levels > body.length || levels > 0 !== chunk.column.optional)
    refuse(`the definition levels take ${levels} bytes of ${body.length}.`);
  const runs = levels > 0 ? checkRuns(body.subarray(0, levels), 0, 1, count, refuse) : { ones: count, gap: -1 };
  const present = runs.ones;
  if (present !== count - nulls) refuse(`num_nulls is ${nulls}, the definition levels say ${count - present}.`);
  const rest = body.subarray(levels);
  const bytes =
    head.get(7) === false
      ? exactly(rest, get.whole(header, 2, "uncompressed_page_size") - levels, refuse)
      : unpack(rest, header, chunk, get, refuse, levels);
  return { count, present, gap: runs.gap, encoding, bytes, at: 0 };
}

/** The page as the codec leaves it; exactly as long as its header says. */
function unpack(body: Uint8Array, header: Struct, { codec }: Chunk, get: Get, refuse: Refuse, levels = 0): Uint8Array {
  const size = get.whole(header, 2, "uncompressed_page_size") - levels;
  if (codec === "UNCOMPRESSED") return exactly(body, size, refuse);
  if (size < 0 || size > MOST_PAGE || size > SNAPPY_RATIO * body.length)
    refuse(`${body.length} bytes of Snappy cannot hold the ${size} bytes that the header says.`);
  const out = new Uint8Array(size);
  try {
    snappyUncompress(body, out);
  } catch (cause) {
    refuse(`the Snappy data are damaged: ${(cause as Error).message}.`, cause);
  }
  return out;
}

function exactly(bytes: Uint8Array, size: number, refuse: Refuse): Uint8Array {
  return bytes.length === size ? bytes : refuse(`the page has ${bytes.length} bytes, its header says ${size}.`);
}

function checkValues(
  { count, encoding, bytes, at }: Page,
  type: ParquetColumn["type"],
  dictionary: number,
  refuse: Refuse,
): void {
  const rest = bytes.length - at;
  if (encoding === PLAIN) checkPlain(bytes, at, type, count, refuse);
  else if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) {
    const width = bytes[at] ?? refuse("the page has no index width.");
    if (dictionary < 0) refuse("the page needs a dictionary, and the column has none.");
    if (type === "BOOLEAN" || width > WIDEST_INDEX)
      refuse(`indices into a dictionary have at most ${WIDEST_INDEX} bits, got ${width}.`);
    const { largest } = checkRuns(bytes, at + 1, width, count, refuse);
    if (largest >= dictionary) refuse(`index ${largest} is outside its dictionary of ${dictionary}.`);
  } else if (encoding === RLE && type === "BOOLEAN") {
    const length = rest < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
    if (length !== rest - 4) refuse(`the runs must take the ${rest - 4} bytes that are left, got ${length}.`);
    checkRuns(bytes, at + 4, 1, count, refuse);
  } else if (encoding === BYTE_STREAM_SPLIT && WIDTHS.has(type)) {
    if (rest !== count * WIDTHS.get(type)!) refuse(`${count} values cannot take ${rest} bytes.`);
  } else refuse(`encoding ${encoding} of ${type} is not read. Write plain or dictionary pages.`);
}

function checkPlain(bytes: Uint8Array, from: number, type: ParquetColumn["type"], count: number, refuse: Refuse): void {
  let at = from;
  const width = WIDTHS.get(type);
  if (type === "BYTE_ARRAY") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let k = 0; k < count; k++) {
      if (bytes.length - at < 4) refuse(`the page ends after ${k} of ${count} texts.`);
      at += 4 + view.getUint32(at, true);
      if (at > bytes.length) refuse(`text ${k + 1} of ${count} ends outside its page.`);
    }
  } else at += width === undefined ? Math.ceil(count / 8) : count * width;
  if (at !== bytes.length)
    refuse(`${count} values of ${type} take ${at - from} bytes, the page has ${bytes.length - from}.`);
}

/** The largest value, how many are 1, and which is the first that is not. */
type Runs = { largest: number; ones: number; gap: number };

/** Walk `count` values of `width` bits in runs, repeated or bit-packed; none may be longer than what is left. */
function checkRuns(bytes: Uint8Array, from: number, width: number, count: number, refuse: Refuse): Runs {
  let at = from;
  let seen = 0;
  let largest = 0;
  let ones = 0;
  let gap = -1;
  const meet = (value: number, times: number) => {
    if (value > largest) largest = value;
    if (value === 1) ones += times;
    else if (gap < 0) gap = seen;
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
  return { largest, ones, gap };
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
