// The pages of one column chunk: inflated, their levels read, their values checked but not decoded.
// Source: Apache Parquet, parquet.thrift (PageHeader) and Encodings.md.
import { crc32 } from "./crc32.ts";
import { decompress, NAMES } from "./parquet-codecs.ts";
import type { Chunk } from "./parquet-file.ts";
import { badParquet, parse, reader, type ThriftReader } from "./parquet-structs.ts";
import {
  checkPlain,
  checkRuns,
  checkValues,
  PLAIN,
  PLAIN_DICTIONARY,
  type RefusePage,
  RLE,
  type ValuePage,
  widthOf,
} from "./parquet-values.ts";
import type { Struct } from "./thrift.ts";

const DATA = 0;
const INDEX = 1;
const DICTIONARY = 2;
const DATA_V2 = 3;
const FREE = 2 ** 25; //    bytes that the pages of any column may inflate to
const RATIO = 128; //       above that, bytes out for each byte in
const MOST_ENTRIES = 2 ** 24; // of a dictionary

/** What a chunk's pages hold. Levels are there where values can be missing, and repetitions in lists. */
export type ColumnPages = {
  readonly dictionary: { readonly count: number; readonly bytes: Uint8Array } | undefined;
  readonly pages: readonly ValuePage[];
  readonly levels: Uint8Array | undefined;
  readonly repetitions: Uint8Array | undefined;
};

/** Read a chunk's pages. Raises InvalidInput BAD_PARQUET naming the byte. */
export async function readPages(bytes: Uint8Array, chunk: Chunk, file?: string): Promise<ColumnPages> {
  const { column, values, rows, start, end } = chunk;
  const levels = column.present > 0 ? new Uint8Array(values) : undefined;
  const repetitions = column.listed > 0 ? new Uint8Array(values) : undefined;
  const room = Math.max(FREE, RATIO * (end - start), values * (widthOf(column) + 2));
  const pages: ValuePage[] = [];
  let dictionary: ColumnPages["dictionary"];
  let [seen, inflated, at] = [0, 0, start];
  while (at < end) {
    const here = at;
    const refuse: RefusePage = (reason, cause) => {
      throw badParquet(file, `byte ${here}`, `${reason} (a page of column ${column.name})`, cause);
    };
    const { struct: header, end: data } = parse(bytes, at, end, file);
    const get = reader(file, `byte ${here}`);
    const type = get.whole(header, 1, "a page's type");
    const packed = get.whole(header, 3, "compressed_page_size");
    const size = get.whole(header, 2, "uncompressed_page_size");
    if (packed > end - data) refuse(`compressed_page_size must be at most ${end - data}, got ${packed}.`);
    inflated += size;
    if (inflated > room && chunk.codec !== "UNCOMPRESSED")
      refuse(`${room} bytes are enough for ${values} values; ${inflated} come out.`);
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
      const count = get.whole(head, 1, "the dictionary's num_values");
      if (count > MOST_ENTRIES) refuse(`a dictionary has at most ${MOST_ENTRIES} values, got ${count}.`);
      const plain = await unpack(body, size, chunk, refuse);
      checkPlain(plain, column, count, refuse);
      dictionary = { count, bytes: plain };
    } else if (type === DATA || type === DATA_V2) {
      const room2 = values - seen;
      const page = await (type === DATA ? dataPage : dataPageV2)({
        header,
        body,
        size,
        chunk,
        get,
        refuse,
        left: room2,
      });
      if (page.count === 0) refuse("a page must hold at least one value.");
      levels?.set(page.levels ?? [], seen);
      repetitions?.set(page.repetitions ?? [], seen);
      seen += page.count;
      const inside = { count: page.present, encoding: page.encoding, bytes: page.bytes };
      if (page.present > 0) {
        checkValues(inside, column, dictionary?.count ?? -1, refuse);
        pages.push(inside);
      }
    } else if (type !== INDEX) refuse(`a page's type must be 0, 2 or 3, got ${type}.`);
    at = data + packed;
  }
  const refuse = (reason: string) => badParquet(file, `byte ${start}`, `the pages of column ${column.name} ${reason}`);
  if (seen !== values) throw refuse(`hold ${seen} values, its header says ${values}.`);
  if (repetitions) {
    const begun = repetitions.reduce((count, level) => count + (level === 0 ? 1 : 0), 0);
    if (begun !== rows || (values > 0 && repetitions[0] !== 0))
      throw refuse(`hold ${begun} lists, there are ${rows} rows.`);
  }
  return { dictionary, pages, levels, repetitions };
}

type Given = {
  readonly header: Struct;
  readonly body: Uint8Array;
  readonly size: number;
  readonly chunk: Chunk;
  readonly get: ThriftReader;
  readonly refuse: RefusePage;
  readonly left: number;
};

type Page = {
  readonly count: number;
  readonly present: number;
  readonly encoding: number;
  readonly bytes: Uint8Array;
  readonly levels: Uint8Array | undefined;
  readonly repetitions: Uint8Array | undefined;
};

async function dataPage({ header, body, size, chunk, get, refuse, left }: Given): Promise<Page> {
  const { present, listed } = chunk.column;
  const head = get.struct(header, 5, "data_page_header");
  const count = get.whole(head, 1, "num_values");
  const encoding = get.whole(head, 2, "encoding");
  if (count > left) refuse(`num_values must be at most ${left}, got ${count}.`);
  const bytes = await unpack(body, size, chunk, refuse);
  let at = 0;
  const take = (most: number, field: number, what: string): Uint8Array | undefined => {
    if (most === 0) return undefined;
    if (get.whole(head, field, `${what}_level_encoding`) !== RLE) refuse(`${what} levels must be run-length encoded.`);
    if (bytes.length - at < 4) refuse(`the page is too short for its ${what} levels.`);
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
    if (length > bytes.length - at - 4) refuse(`the ${what} levels take ${length} bytes of ${bytes.length - at - 4}.`);
    const levels = readLevels(bytes.subarray(at + 4, at + 4 + length), most, count, refuse);
    at += 4 + length;
    return levels;
  };
  const repetitions = take(listed > 0 ? 1 : 0, 4, "repetition");
  const levels = take(present, 3, "definition");
  return { count, present: countOf(levels, present, count), encoding, bytes: bytes.subarray(at), levels, repetitions };
}

async function dataPageV2({ header, body, size, chunk, get, refuse, left }: Given): Promise<Page> {
  const { present, listed } = chunk.column;
  const head = get.struct(header, 8, "data_page_header_v2");
  const count = get.whole(head, 1, "num_values");
  const nulls = get.whole(head, 2, "num_nulls");
  const encoding = get.whole(head, 4, "encoding");
  const defined = get.whole(head, 5, "definition_levels_byte_length");
  const repeated = get.whole(head, 6, "repetition_levels_byte_length");
  if (count > left) refuse(`num_values must be at most ${left}, got ${count}.`);
  if (listed === 0 && get.whole(head, 3, "num_rows") !== count)
    refuse("num_rows and num_values must agree in a flat column.");
  if (listed === 0 && repeated !== 0) refuse("a flat column has no repetition levels.");
  if (defined + repeated > body.length || (count > 0 && (defined > 0 !== present > 0 || repeated > 0 !== listed > 0)))
    refuse(`the levels take ${repeated} and ${defined} bytes of ${body.length}.`);
  const repetitions = listed > 0 ? readLevels(body.subarray(0, repeated), 1, count, refuse) : undefined;
  const levels =
    present > 0 ? readLevels(body.subarray(repeated, repeated + defined), present, count, refuse) : undefined;
  const there = countOf(levels, present, count);
  if (there !== count - nulls) refuse(`num_nulls is ${nulls}, the definition levels say ${count - there}.`);
  const rest = body.subarray(repeated + defined);
  const inner = size - repeated - defined;
  const bytes = head.get(7) === false ? exactly(rest, inner, refuse) : await unpack(rest, inner, chunk, refuse);
  return { count, present: there, encoding, bytes, levels, repetitions };
}

function readLevels(bytes: Uint8Array, most: number, count: number, refuse: RefusePage): Uint8Array {
  const levels = new Uint8Array(count);
  const largest = checkRuns(bytes, 0, 32 - Math.clz32(most), count, refuse, levels);
  if (largest > most) refuse(`a level must be at most ${most}, got ${largest}.`);
  return levels;
}

function countOf(levels: Uint8Array | undefined, present: number, count: number): number {
  if (!levels) return count;
  let there = 0;
  for (const level of levels) if (level === present) there++;
  return there;
}

/** The page as the codec leaves it; exactly as long as its header says. */
async function unpack(body: Uint8Array, size: number, { codec }: Chunk, refuse: RefusePage): Promise<Uint8Array> {
  if (codec === "UNCOMPRESSED") return exactly(body, size, refuse);
  if (codec === "LZO") return refuse("LZO is not read.");
  if (size === 0 && body.length === 0) return body;
  try {
    return await decompress(codec, body, size);
  } catch (cause) {
    const { message } = cause as Error;
    return refuse(
      /header says/.test(message) ? `${message}.` : `the ${NAMES[codec]} data are damaged: ${message}.`,
      cause,
    );
  }
}

function exactly(bytes: Uint8Array, size: number, refuse: RefusePage): Uint8Array {
  return bytes.length === size ? bytes : refuse(`the page has ${bytes.length} bytes, its header says ${size}.`);
}
