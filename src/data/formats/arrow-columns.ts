// The columns of an Arrow batch, value by value: buffers are inflated and held against the lengths that use them before
// a value is asked for. Source: Apache Arrow, columnar format 1.5, "Physical Memory Layout".
import type { InvalidInput } from "../../errors.ts";
import { type ArrowBatch, type ArrowField, TYPE } from "./arrow-messages.ts";
import { decompress } from "./parquet-codecs.ts";
import { decimal, float16, isoText, moment } from "./typed-values.ts";

const FREE = 2 ** 26; // bytes that any batch may inflate to
const RATIO = 128; //    above that, bytes out for each byte in
const UNITS = [1n, 1000n, 1_000_000n, 1_000_000_000n] as const;

export type ArrowValue = string | number | boolean | null | readonly ArrowValue[];
export type ArrowColumn = { readonly name: string; readonly length: number; readonly at: (row: number) => ArrowValue };
export type Dictionaries = ReadonlyMap<number, ArrowColumn>;

type Refuse = (reason: string, cause?: unknown) => InvalidInput;

/** The buffers of a batch, inflated. */
export async function inflateBuffers({ buffers, codec }: ArrowBatch, refuse: Refuse): Promise<readonly Uint8Array[]> {
  if (!codec) return buffers;
  const packed = buffers.reduce((sum, { length }) => sum + length, 0);
  const most = Math.max(FREE, RATIO * packed);
  let inflated = 0;
  const out: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (buffer.length === 0) {
      out.push(buffer);
      continue;
    }
    if (buffer.length < 8) throw refuse("a compressed buffer has no size.");
    const size = new DataView(buffer.buffer, buffer.byteOffset).getBigInt64(0, true);
    const body = buffer.subarray(8);
    if (size === -1n) {
      out.push(body);
      continue;
    }
    inflated += Number(size);
    if (size < 0n || inflated > most) throw refuse(`more than ${most} bytes come out of ${packed}.`);
    try {
      out.push(await decompress(codec, body, Number(size)));
    } catch (cause) {
      throw refuse(`a buffer is damaged: ${(cause as Error).message}.`, cause);
    }
  }
  return out;
}

/** Takes the nodes and buffers of a batch one after the other, as the fields want them. */
export class BatchReader {
  readonly #batch: ArrowBatch;
  readonly #buffers: readonly Uint8Array[];
  readonly #dictionaries: Dictionaries;
  readonly #refuse: Refuse;
  #node = 0;
  #buffer = 0;
  #variadic = 0;

  constructor(batch: ArrowBatch, buffers: readonly Uint8Array[], dictionaries: Dictionaries, refuse: Refuse) {
    this.#batch = batch;
    this.#buffers = buffers;
    this.#dictionaries = dictionaries;
    this.#refuse = refuse;
  }

  /** The columns of a field: one, or those of a struct's fields. */
  columns(field: ArrowField, length = this.#batch.length): readonly ArrowColumn[] {
    if (field.type !== TYPE.struct || field.dictionary) return [this.column(field, length)];
    const valid = this.#validity(field, this.#length(field, length));
    return field.children.flatMap((child) =>
      this.columns(child, length).map((column) => ({
        name: `${field.name}.${column.name}`,
        length,
        at: valid ? (row: number) => (valid(row) ? column.at(row) : null) : column.at,
      })),
    );
  }

  /** A field's values; `least` of them must be there. */
  column(field: ArrowField, least: number): ArrowColumn {
    const length = this.#length(field, least);
    if (field.type === TYPE.null) return { name: field.name, length, at: () => null };
    const valid = this.#validity(field, length);
    const value = field.dictionary ? this.#index(field, length) : this.#values(field, length);
    return { name: field.name, length, at: valid ? (row) => (valid(row) ? value(row) : null) : value };
  }

  #length({ name }: ArrowField, least: number): number {
    const length = this.#batch.nodes[2 * this.#node++];
    if (length !== undefined && length >= least && length <= this.#most()) return length;
    throw this.#refuse(`column ${JSON.stringify(name)} must have ${least} values, got ${length}.`);
  }

  /** More values than bits there are cannot be in a batch, but where all are null. */
  #most(): number {
    return Math.max(this.#batch.length, 8 * this.#buffers.reduce((sum, buffer) => sum + buffer.length, 0));
  }

  #take({ name }: ArrowField, least: number): DataView {
    const buffer = this.#buffers[this.#buffer++];
    if (!buffer || buffer.length < least)
      throw this.#refuse(`a buffer of column ${JSON.stringify(name)} must have ${least} bytes, got ${buffer?.length}.`);
    return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  #validity(field: ArrowField, length: number): ((row: number) => boolean) | undefined {
    const nulls = this.#batch.nodes[2 * this.#node - 1]!;
    const bits = this.#take(field, nulls > 0 ? Math.ceil(length / 8) : 0);
    return nulls > 0 ? (row) => (bits.getUint8(row >> 3) & (1 << (row & 7))) !== 0 : undefined;
  }

  #index(field: ArrowField, length: number): (row: number) => ArrowValue {
    const { id, width, signed } = field.dictionary!;
    const index = this.#integers({ ...field, width, signed }, length);
    const values = this.#dictionaries.get(id);
    if (!values) throw this.#refuse(`column ${JSON.stringify(field.name)} has no dictionary.`);
    return (row) => {
      const at = Number(index(row));
      if (at >= 0 && at < values.length) return values.at(at);
      throw this.#refuse(`an index of column ${JSON.stringify(field.name)} must be below ${values.length}, got ${at}.`);
    };
  }

  #integers(field: ArrowField, length: number): (row: number) => number | bigint {
    const { width, signed } = field;
    const view = this.#take(field, (length * width) / 8);
    if (width === 8) return signed ? (row) => view.getInt8(row) : (row) => view.getUint8(row);
    if (width === 16) return signed ? (row) => view.getInt16(2 * row, true) : (row) => view.getUint16(2 * row, true);
    if (width === 32) return signed ? (row) => view.getInt32(4 * row, true) : (row) => view.getUint32(4 * row, true);
    return signed ? (row) => view.getBigInt64(8 * row, true) : (row) => view.getBigUint64(8 * row, true);
  }

  #values(field: ArrowField, length: number): (row: number) => ArrowValue {
    const { type, unit, scale, width } = field;
    const longs = () => this.#integers({ ...field, width: 64, signed: true }, length);
    switch (type) {
      case TYPE.int: {
        const integer = this.#integers(field, length);
        return (row) => safe(integer(row));
      }
      case TYPE.float: {
        const view = this.#take(field, length * [2, 4, 8][unit]!);
        if (unit === 2) return (row) => view.getFloat64(8 * row, true);
        if (unit === 1) return (row) => view.getFloat32(4 * row, true);
        return (row) => float16(new Uint8Array(view.buffer, view.byteOffset + 2 * row, 2));
      }
      case TYPE.bool: {
        const view = this.#take(field, Math.ceil(length / 8));
        return (row) => (view.getUint8(row >> 3) & (1 << (row & 7))) !== 0;
      }
      case TYPE.decimal: {
        const bytes = width / 8;
        const view = this.#take(field, length * bytes);
        return (row) =>
          decimal(new Uint8Array(view.buffer, view.byteOffset + bytes * row, bytes).slice().reverse(), scale);
      }
      case TYPE.date: {
        const day = unit === 0;
        const count = this.#integers({ ...field, width: day ? 32 : 64, signed: true }, length);
        return (row) => isoText(new Date(Number(count(row)) * (day ? 86_400_000 : 1)));
      }
      case TYPE.timestamp: {
        const count = longs();
        return (row) => moment(count(row) as bigint, UNITS[unit]!);
      }
      case TYPE.time: {
        const count = this.#integers({ ...field, signed: true }, length);
        return (row) => moment(BigInt(count(row)), UNITS[unit]!)?.replace(/^1970-01-01T?/, "") || "00:00:00";
      }
      case TYPE.duration: {
        const count = longs();
        return (row) => safe(count(row));
      }
      case TYPE.utf8View:
        return this.#textViews(field, length);
      case TYPE.list:
      case TYPE.largeList:
        return this.#lists(field, length);
      case TYPE.fixedSizeList: {
        const values = this.column(field.children[0]!, length * width);
        return (row) => Array.from({ length: width }, (_, k) => values.at(row * width + k));
      }
      case TYPE.struct:
        throw this.#refuse(`column ${JSON.stringify(field.name)} is nested deeper than a list or a struct of values.`);
      default:
        return this.#texts(field, length);
    }
  }

  /** Where value `row` begins and ends among `most` others. */
  #ranges(field: ArrowField, length: number, wide: boolean): (row: number, most: number) => [number, number] {
    const width = wide ? 8 : 4;
    const view = this.#take(field, length === 0 ? 0 : (length + 1) * width);
    const at = (k: number) => (wide ? Number(view.getBigInt64(8 * k, true)) : view.getInt32(4 * k, true));
    return (row, most) => {
      const [start, end] = [at(row), at(row + 1)];
      if (start >= 0 && start <= end && end <= most) return [start, end];
      throw this.#refuse(
        `offsets of column ${JSON.stringify(field.name)} must grow up to ${most}, got ${start} and ${end}.`,
      );
    };
  }

  #texts(field: ArrowField, length: number): (row: number) => string {
    const range = this.#ranges(field, length, field.type === TYPE.largeUtf8);
    const view = this.#take(field, 0);
    return (row) => {
      const [start, end] = range(row, view.byteLength);
      return UTF8.decode(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
    };
  }

  #textViews(field: ArrowField, length: number): (row: number) => string {
    const views = this.#take(field, 16 * length);
    const count = this.#batch.variadic[this.#variadic++] ?? 0;
    if (count > this.#buffers.length - this.#buffer)
      throw this.#refuse(
        `column ${JSON.stringify(field.name)} must have ${count} buffers of text, and they are not there.`,
      );
    const data = Array.from({ length: count }, () => this.#take(field, 0));
    return (row) => {
      const size = views.getInt32(16 * row, true);
      if (size >= 0 && size <= 12)
        return UTF8.decode(new Uint8Array(views.buffer, views.byteOffset + 16 * row + 4, size));
      const from = data[views.getInt32(16 * row + 8, true)];
      const offset = views.getInt32(16 * row + 12, true);
      if (!from || size < 0 || offset < 0 || offset + size > from.byteLength)
        throw this.#refuse(`a text of column ${JSON.stringify(field.name)} lies outside its buffer.`);
      return UTF8.decode(new Uint8Array(from.buffer, from.byteOffset + offset, size));
    };
  }

  #lists(field: ArrowField, length: number): (row: number) => readonly ArrowValue[] {
    const range = this.#ranges(field, length, field.type === TYPE.largeList);
    const values = this.column(field.children[0]!, 0);
    return (row) => {
      const [start, end] = range(row, values.length);
      return Array.from({ length: end - start }, (_, k) => values.at(start + k));
    };
  }
}

const UTF8 = new TextDecoder();

const safe = (value: number | bigint): number | string =>
  typeof value === "number" || Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
