// The messages of an Arrow file or stream: the schema, and batches whose buffers lie in their bodies. Decodes no
// values. Source: Apache Arrow, columnar format 1.5, and its Schema.fbs and Message.fbs.
import { InvalidInput, show } from "../../errors.ts";
import { FlatbufferError, FlatTable } from "./flatbuffer.ts";

const MOST_METADATA = 2 ** 26; // bytes
const MOST_FIELDS = 100_000;
const MAGIC = "ARROW1";
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;

export const TYPE = {
  null: 1,
  int: 2,
  float: 3,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixedSizeList: 16,
  duration: 18,
  largeUtf8: 20,
  largeList: 21,
  utf8View: 24,
} as const;

/** What is not read, by its number. */
const OTHERS: Readonly<Record<number, string>> = {
  4: "binary data",
  11: "an interval",
  14: "a union",
  15: "binary data",
  17: "a map",
  19: "binary data",
  22: "run-end encoded",
  23: "binary data",
  25: "a list view",
  26: "a list view",
};

export type ArrowField = {
  readonly name: string;
  readonly type: number;
  /** Bits of integers, decimals and times; values of a list of fixed size. */
  readonly width: number;
  readonly signed: boolean;
  /** Units of a second, the precision of floats (0, 1, 2), the unit of dates (0 for days). */
  readonly unit: number;
  readonly scale: number;
  readonly children: readonly ArrowField[];
  /** The number of the dictionary of which the values are indices of these bits. */
  readonly dictionary: { readonly id: number; readonly width: number; readonly signed: boolean } | undefined;
};

export type ArrowBatch = {
  /** The dictionary's number; undefined for rows. */
  readonly id: number | undefined;
  readonly delta: boolean;
  readonly length: number;
  /** Length and number of nulls, one after the other, of each node. */
  readonly nodes: readonly number[];
  readonly buffers: readonly Uint8Array[];
  readonly codec: "LZ4_FRAME" | "ZSTD" | undefined;
  readonly variadic: readonly number[];
  /** The byte of the file where its message begins. */
  readonly at: number;
};

export type ArrowFile = { readonly fields: readonly ArrowField[]; readonly batches: readonly ArrowBatch[] };

export function badArrow(file: string | undefined, at: string, reason: string, cause?: unknown): InvalidInput {
  return new InvalidInput("BAD_ARROW", reason, { file, at }, { cause });
}

/**
 * The schema and the batches. A file is read by the stream that is in it; its footer gives the schema alone, which some
 * writers leave out of the stream. Raises InvalidInput BAD_ARROW naming the byte.
 */
export function readMessages(bytes: Uint8Array, file: string | undefined): ArrowFile {
  const isFile = String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footer = isFile ? readFooter(bytes, file) : undefined;
  const end = footer?.begin ?? bytes.length;
  let at = isFile ? 8 : 0;
  let fields = footer?.fields;
  const batches: ArrowBatch[] = [];
  while (at < end || !fields) {
    const start = at;
    const refuse: Refuse = (reason, cause) => badArrow(file, `byte ${start}`, reason, cause);
    const int = () => {
      if (at + 4 > end) throw refuse("it is cut short: a message or the end of the stream should begin here.");
      at += 4;
      return view.getInt32(at - 4, true);
    };
    let length = int();
    if (length === -1) length = int();
    if (length === 0) break;
    if (length < 0 || length > MOST_METADATA || length > end - at) {
      const most = Math.min(MOST_METADATA, end - at);
      throw refuse(
        `a message's metadata must have at most ${most} bytes, got ${length}. It is no Arrow file, or cut short.`,
      );
    }
    const begin = at;
    at += length;
    guarded(begin, file, () => {
      const message = FlatTable.root(bytes.subarray(begin, at));
      const [version, kind, header, size] = [message.short(4), message.byte(6), message.table(8), message.long(10)];
      if (version < 3) throw refuse("it was written before Arrow 0.8, in a format that is not read.");
      if (!header) throw refuse("a message has no header.");
      if (size > end - at)
        throw refuse(`a message's body must have at most ${end - at} bytes, got ${size}. It is cut short.`);
      const body = bytes.subarray(at, at + size);
      at += size;
      if (kind === SCHEMA) {
        fields ??= fieldsOf(header, refuse);
        return;
      }
      if (!fields) throw refuse("the schema must come first.");
      const dictionary = kind === DICTIONARY_BATCH;
      if (!dictionary && kind !== RECORD_BATCH)
        throw refuse(`a message must be a schema or a batch, got kind ${kind}.`);
      const data = dictionary ? header.table(6) : header;
      if (!data) throw refuse("a dictionary has no values.");
      const batch = batchOf(data, body, start, refuse);
      batches.push(dictionary ? { ...batch, id: header.long(4), delta: header.byte(8) !== 0 } : batch);
    });
  }
  if (!fields) throw badArrow(file, "byte 0", "it holds no schema, so it is no Arrow file.");
  return { fields, batches };
}

/** The schema of a file's footer, and where that begins. */
function readFooter(bytes: Uint8Array, file: string | undefined): { fields: ArrowField[]; begin: number } {
  const tail = bytes.length - 10;
  const refuse: Refuse = (reason, cause) => badArrow(file, `byte ${Math.max(0, tail)}`, reason, cause);
  if (tail < 8 || String.fromCharCode(...bytes.subarray(-6)) !== MAGIC)
    throw refuse("an Arrow file ends with ARROW1. It is cut short, or other bytes follow.");
  const length = new DataView(bytes.buffer, bytes.byteOffset + tail).getInt32(0, true);
  const begin = tail - length;
  if (length < 0 || length > MOST_METADATA || begin < 8)
    throw refuse(`the footer's length must be at most ${Math.min(MOST_METADATA, tail - 8)}, got ${length}.`);
  return guarded(begin, file, () => {
    const schema = FlatTable.root(bytes.subarray(begin, tail)).table(6);
    if (!schema) throw refuse("the footer has no schema.");
    return { fields: fieldsOf(schema, refuse), begin };
  });
}

/** What `read` returns; what the metadata from byte `begin` on have wrong is named by its byte. */
function guarded<T>(begin: number, file: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof FlatbufferError)) throw cause;
    throw badArrow(file, `byte ${begin + cause.at}`, cause.message, cause);
  }
}

function fieldsOf(schema: FlatTable, refuse: Refuse): ArrowField[] {
  if (schema.short(4) !== 0) throw refuse("its numbers are big-endian, which are not read.");
  let count = 0;
  return schema.tables(6).map((field) => fieldOf(field, () => ++count, refuse));
}

type Refuse = (reason: string, cause?: unknown) => InvalidInput;

function batchOf(table: FlatTable, body: Uint8Array, at: number, refuse: Refuse): ArrowBatch {
  const regions = table.longs(8, 2);
  const buffers = Array.from({ length: regions.length / 2 }, (_, k) => {
    const [offset, length] = [regions[2 * k]!, regions[2 * k + 1]!];
    if (offset + length > body.length) throw refuse(`buffer ${k + 1} lies outside its body of ${body.length} bytes.`);
    return body.subarray(offset, offset + length);
  });
  const compression = table.table(10);
  const codec = compression && (["LZ4_FRAME", "ZSTD"] as const)[compression.byte(4)];
  if (compression && (!codec || compression.byte(6) !== 0)) throw refuse("its compression is none of LZ4 and zstd.");
  return {
    id: undefined,
    delta: false,
    length: table.long(4),
    nodes: table.longs(6, 2),
    buffers,
    codec,
    variadic: table.longs(12, 1),
    at,
  };
}

const BITS: readonly number[] = [8, 16, 32, 64];

function fieldOf(field: FlatTable, count: () => number, refuse: Refuse): ArrowField {
  if (count() > MOST_FIELDS) throw refuse(`the schema has more than ${MOST_FIELDS} fields.`);
  const name = field.text(4);
  const type = field.byte(8);
  const details = field.table(10);
  const encoding = field.table(12);
  const children = field.tables(14).map((child) => fieldOf(child, count, refuse));
  const known = (Object.values(TYPE) as number[]).includes(type);
  if (!known || !details)
    throw refuse(
      `column ${show(name)} is ${OTHERS[type] ?? `of type ${type}`}, which is not read. Convert it, or leave it out.`,
    );
  const bad = () => refuse(`the type of column ${show(name)} is damaged.`);
  const plain = { name, type, width: 0, signed: true, unit: 0, scale: 0, children };
  const dictionary = encoding && dictionaryOf(encoding, bad);
  const made = (more: Partial<ArrowField>): ArrowField => ({ ...plain, dictionary, ...more });
  const bits = (slot: number, otherwise: number, allowed: readonly number[]) => {
    const found = details.int(slot, otherwise);
    if (!allowed.includes(found)) throw bad();
    return found;
  };
  const unit = (otherwise: number) => {
    const found = details.short(4, otherwise);
    if (found < 0 || found > 3) throw bad();
    return found;
  };
  const only = (ok: boolean) => {
    if (!ok) throw bad();
  };
  switch (type) {
    case TYPE.int:
      return made({ width: bits(4, 0, BITS), signed: details.byte(6) !== 0 });
    case TYPE.float:
      only(details.short(4) >= 0 && details.short(4) <= 2);
      return made({ unit: details.short(4) });
    case TYPE.decimal:
      only(details.int(6) >= 0 && details.int(6) <= 100);
      return made({ scale: details.int(6), width: bits(8, 128, [32, 64, 128, 256]) });
    case TYPE.date:
      return made({ unit: unit(1) });
    case TYPE.time:
      return made({ unit: unit(1), width: bits(6, 32, [32, 64]) });
    case TYPE.timestamp:
      return made({ unit: unit(0) });
    case TYPE.list:
    case TYPE.largeList:
      only(children.length === 1);
      return made({});
    case TYPE.fixedSizeList:
      only(children.length === 1 && details.int(4) >= 0);
      return made({ width: details.int(4) });
    default:
      return made({});
  }
}

function dictionaryOf(encoding: FlatTable, bad: () => InvalidInput): NonNullable<ArrowField["dictionary"]> {
  const index = encoding.table(6);
  const width = index ? index.int(4) : 32;
  if (!BITS.includes(width)) throw bad();
  return { id: encoding.long(4), width, signed: index ? index.byte(6) !== 0 : true };
}
