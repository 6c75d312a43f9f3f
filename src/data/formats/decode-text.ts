// From a text file's bytes to its text: UTF-8, UTF-16 with or without a byte order mark, or an encoding given by name.
// Source: WHATWG Encoding Standard, for the names and for Windows-1252.
import { InvalidInput, type InvalidInputCode, must } from "../../errors.ts";

/** Bytes of a file, in pieces of any size. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type TextOptions = {
  readonly file?: string | undefined;
  /** An encoding's name; by default UTF-8, or UTF-16 where the bytes say so. */
  readonly encoding?: string | undefined;
  /** Of the errors. */
  readonly code: InvalidInputCode;
  /** The number of line ends in the text that was handed out, for the place of a bad byte. */
  readonly lines?: (() => number) | undefined;
};

const SNIFFED = 512; // bytes

/** What other files begin with, and what to do with one that has the wrong name. */
const OTHERS: readonly (readonly [start: string, what: string])[] = [
  ["\x1f\x8b", "compressed by gzip. Let its name end in .gz"],
  ["PK\x03\x04", "a ZIP archive or an Excel workbook. Let its name end in .zip or .xlsx"],
  ["PAR1", "a Parquet file. Let its name end in .parquet"],
  ["ARROW1", "an Arrow file. Let its name end in .arrow"],
  ["\xd0\xcf\x11\xe0", "an old Excel workbook (.xls). Save it as .xlsx or .csv"],
  ["\x28\xb5\x2f\xfd", "compressed by zstd. Decompress it first"],
  ["BZh", "compressed by bzip2. Decompress it first"],
  ["\xfd7zXZ", "compressed by xz. Decompress it first"],
];

/** The text of the chunks, without a byte order mark. Raises InvalidInput naming the byte and the row. */
export async function* decodeText(chunks: Chunks, options: TextOptions): AsyncGenerator<string> {
  const { file, code, lines = () => 0 } = options;
  let decoder: TextDecoder | undefined;
  let before: Uint8Array = new Uint8Array(0); // the last chunk, in which a character may have begun
  let start = 0;
  const refuse = (reason: string, at: string, cause?: unknown) =>
    new InvalidInput(code, reason, { file, at }, { cause });
  for await (const chunk of gathered(chunks)) {
    if (decoder === undefined) {
      refuseOthers(chunk, options);
      decoder = decoderFor(chunk, options);
    }
    const wide = decoder.encoding.startsWith("utf-16");
    const nul = wide ? -1 : chunk.indexOf(0);
    if (nul >= 0) {
      const reason = "the file holds a zero byte, so it is not a text, or it is UTF-16 with other bytes between.";
      throw refuse(reason, `byte ${start + nul}`);
    }
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (cause) {
      if (decoder.encoding !== "utf-8") {
        const reason = `the file is not ${decoder.encoding.toUpperCase()} text: ${(cause as Error).message}`;
        throw refuse(reason, `after byte ${start}`, cause);
      }
      const open = unfinished(before);
      const both = new Uint8Array([...before.subarray(before.length - open), ...chunk]);
      const bad = firstBadByte(both);
      const row = lines() + lineEnds(both.subarray(0, bad)) + 1;
      throw refuse(notUtf8(both[bad]!), `row ${row} byte ${start - open + bad}`, cause);
    }
    yield text;
    start += chunk.length;
    before = chunk;
  }
  try {
    const rest = decoder?.decode() ?? "";
    if (rest !== "") yield rest;
  } catch (cause) {
    const open = unfinished(before);
    if (decoder!.encoding !== "utf-8") throw refuse("the file ends within a character.", `byte ${start}`, cause);
    throw refuse(notUtf8(before.at(-open)!), `row ${lines() + 1} byte ${start - open}`, cause);
  }
}

/** The chunks, the first with at least SNIFFED bytes unless there are fewer. */
async function* gathered(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const first: Uint8Array[] = [];
  let size = 0;
  let done = false;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (done) yield chunk;
    else {
      first.push(chunk);
      size += chunk.length;
      if (size < SNIFFED) continue;
      done = true;
      yield first.length === 1 ? chunk : concat(first, size);
    }
  }
  if (!done && size > 0) yield concat(first, size);
}

function concat(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function refuseOthers(head: Uint8Array, { file, code }: TextOptions): void {
  const start = String.fromCharCode(...head.subarray(0, 8));
  const other = OTHERS.find(([magic]) => start.startsWith(magic));
  if (other) throw new InvalidInput(code, `the file is no text, it is ${other[1]}.`, { file, at: "byte 0" });
}

function decoderFor(head: Uint8Array, { encoding }: TextOptions): TextDecoder {
  const [a, b] = head;
  if (encoding === undefined)
    return new TextDecoder(
      (a === 0xff && b === 0xfe) || isWide(head, 1)
        ? "utf-16le"
        : (a === 0xfe && b === 0xff) || isWide(head, 0)
          ? "utf-16be"
          : "utf-8",
      { fatal: true },
    );
  let decoder: TextDecoder | undefined;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {}
  const expected = "the name of an encoding, such as utf-8, utf-16le or windows-1252";
  must(decoder !== undefined, "--encoding", expected, encoding);
  return decoder;
}

/** Whether most characters have a zero byte in this place of their two, and none in the other: UTF-16 of plain text. */
function isWide(head: Uint8Array, zeroAt: 0 | 1): boolean {
  const units = Math.min(head.length, SNIFFED) >>> 1;
  let zeros = 0;
  for (let k = 0; k < units; k++) {
    if (head[2 * k + zeroAt] === 0) zeros++;
    if (head[2 * k + 1 - zeroAt] === 0) return false;
  }
  return units >= 2 && zeros > units * 0.7;
}

function notUtf8(byte: number): string {
  const shown = new TextDecoder("windows-1252").decode(Uint8Array.of(byte));
  const hex = `0x${byte.toString(16)}`;
  return `the byte ${hex} is not UTF-8; in Windows-1252 it is ${JSON.stringify(shown)}. If the text comes from Excel or Windows, read it with --encoding windows-1252, or convert it: iconv -f CP1252 -t UTF-8.`;
}

/** How many bytes at the end begin a character that goes on in the next chunk. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequence(byte) > back ? back : 0;
  }
  return 0;
}

/** Bytes of a character by its first byte; 0 where that begins none. */
const sequence = (byte: number): number =>
  byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;

/** The first byte of the first sequence that is no UTF-8; one that ends with the bytes is taken for whole. */
function firstBadByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const length = sequence(first);
    if (length === 0) return at;
    const second = bytes[at + 1];
    // overlong forms, surrogates, and what lies above U+10FFFF (Unicode 15, table 3-7)
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (length > 1 && second !== undefined && (second < low || second > high)) return at;
    for (let k = 2; k < length; k++) if (((bytes[at + k] ?? 0x80) & 0xc0) !== 0x80) return at;
    at += length;
  }
  return Math.max(0, bytes.length - 1);
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let k = 0; k < bytes.length; k++) if (bytes[k] === 10 || (bytes[k] === 13 && bytes[k + 1] !== 10)) count++;
  return count;
}
