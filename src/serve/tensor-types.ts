// The datatypes of the Open Inference Protocol's tensors: what each holds as JSON, and how it lies in binary data,
// little-endian and row by row.
import { fromHalf } from "../files/export/float16.ts";

export const DATATYPES = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;
export type Datatype = (typeof DATATYPES)[number];

/** Bytes of an element; those of BYTES each say their own. */
export const ELEMENT_BYTES: Readonly<Record<Exclude<Datatype, "BYTES">, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
};

type Integers = Exclude<Datatype, "BOOL" | "BYTES" | `FP${number}`>;

/** Least and largest of the integers; 64 bits as far as a JSON number is exact. */
const RANGES: Readonly<Record<Integers, readonly [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 2 ** 32 - 1],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** Whether JSON's `value` is an element of this type; null is a missing value of any. */
export function holds(datatype: Datatype, value: unknown): boolean {
  if (value === null) return true;
  if (datatype === "FP64" || datatype === "FP32" || datatype === "FP16") return typeof value === "number";
  if (datatype === "BYTES") return typeof value === "string";
  if (datatype === "BOOL") return typeof value === "boolean" || value === 0 || value === 1;
  const range = RANGES[datatype];
  return Number.isInteger(value) && (value as number) >= range[0] && (value as number) <= range[1];
}

type Numbers = Exclude<Datatype, "BYTES">;

const READERS: Readonly<Record<Numbers, (aligned: ArrayBuffer) => ArrayLike<number>>> = {
  BOOL: (bytes) => new Uint8Array(bytes),
  UINT8: (bytes) => new Uint8Array(bytes),
  UINT16: (bytes) => new Uint16Array(bytes),
  UINT32: (bytes) => new Uint32Array(bytes),
  UINT64: (bytes) => Float64Array.from(new BigUint64Array(bytes), Number),
  INT8: (bytes) => new Int8Array(bytes),
  INT16: (bytes) => new Int16Array(bytes),
  INT32: (bytes) => new Int32Array(bytes),
  INT64: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number),
  FP16: (bytes) => Float64Array.from(new Uint16Array(bytes), halfValue),
  FP32: (bytes) => new Float32Array(bytes),
  FP64: (bytes) => new Float64Array(bytes),
};

/** Infinities and NaNs of float16 are refused as those of float32 are: as numbers that are not finite. */
const halfValue = (bits: number) => ((bits & 0x7c00) === 0x7c00 ? Number.NaN : fromHalf(bits));

/** The numbers in `bytes`, whose length is a multiple of an element's. */
export function readNumbers(datatype: Numbers, bytes: Uint8Array): ArrayLike<number> {
  if (datatype === "UINT8") return bytes;
  return READERS[datatype](new Uint8Array(bytes).buffer); // a copy lies at a multiple of 8
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `count` texts, each behind its length in four bytes; undefined where the bytes are not exactly these. */
export function readTexts(bytes: Uint8Array, count: number): string[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  while (texts.length < count) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return undefined;
    try {
      texts.push(UTF8.decode(bytes.subarray(at + 4, end)));
    } catch {
      return undefined;
    }
    at = end;
  }
  return at === bytes.length ? texts : undefined;
}

/** Texts as binary data. */
export function writeTexts(texts: readonly string[]): Buffer {
  const parts = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}
