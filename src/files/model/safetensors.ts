// The safetensors format: bytes to named tensors and back, every byte accounted for. No file access, no models.
// Format: github.com/huggingface/safetensors, README. Stricter than its reference reader: a duplicate key is refused.
import { InvalidInput, must, show } from "../../errors.ts";
import { fromHalf } from "../export/float16.ts";
import { duplicateKey, looseNumber } from "./json.ts";

const ARRAYS = { F64: Float64Array, I64: BigInt64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
export type Dtype = keyof typeof ARRAYS;

/** Types that are read only, widened to float32 without loss: the number that 16 bits stand for. */
const HALVES: Readonly<Record<"F16" | "BF16", (bits: number) => number>> = {
  F16: fromHalf,
  BF16(bits) {
    view.setUint32(0, bits * 2 ** 16);
    return view.getFloat32(0);
  },
};
const view = new DataView(new ArrayBuffer(4));
const isHalf = (dtype: Dtype | keyof typeof HALVES): dtype is keyof typeof HALVES => Object.hasOwn(HALVES, dtype);

/** Values of the types F64, I64, F32, I32 and U8. */
export type TensorValues = Float64Array | BigInt64Array | Float32Array | Int32Array | Uint8Array;

/** Values in row-major order; the product of `shape` of them, 1 for the empty shape. */
export type Tensor = {
  /** The size of each dimension, first to last. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: TensorValues;
  /** Of a tensor that was widened to float32: its type in the file. */
  readonly widened?: "F16" | "BF16" | undefined;
};

/** What a safetensors file holds. */
export type Tensors = {
  /** By name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Texts by name; may be empty. */
  readonly metadata: ReadonlyMap<string, string>;
};

const HEADER_LIMIT = 100_000_000; // bytes, as in the reference implementation
const LENGTH_BYTES = 8;

/** Tensors as one file. */
export function encodeSafetensors(content: Tensors): Uint8Array<ArrayBuffer> {
  must(content?.tensors instanceof Map, "tensors", "a Map of tensors by name", content?.tensors);
  return joined(safetensorsPieces(content));
}

/**
 * The same file in pieces, to be written one after another: the header, then the bytes of each tensor where they lie.
 * Wider elements come first, so that every tensor is aligned to its own size.
 */
export function safetensorsPieces({ tensors, metadata }: Tensors): [header: Uint8Array<ArrayBuffer>, ...Uint8Array[]] {
  const entries = [...tensors].sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  let end = 0;
  const described = entries.map(([name, { shape, values }]) => {
    const begin = end;
    end += values.byteLength;
    return [name, { dtype: dtypeOf(values), shape, data_offsets: [begin, end] }] as const;
  });
  const head = metadata.size > 0 ? [["__metadata__", Object.fromEntries(metadata)] as const] : [];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...head, ...described])));
  const header = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + header).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header), true);
  bytes.set(json, LENGTH_BYTES);
  return [
    bytes,
    ...entries.map(([, { values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
}

/** Pieces as one array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The header of a whole file, padding included; a view. */
export function headerBytes(bytes: Uint8Array): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  return bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

/** The header's length, from the first bytes of a file of `size` bytes. Raises InvalidInput if it cannot be right. */
export function checkHead(head: Uint8Array, size: number, file?: string): number {
  const refuse = (reason: string, at = "byte 0"): never => {
    throw new InvalidInput("BAD_SAFETENSORS", reason, { file, at });
  };
  if (size < LENGTH_BYTES) refuse(`a safetensors file has at least 8 bytes, this one has ${size}.`);
  const length = Number(new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuse(`the header's length must be at most ${HEADER_LIMIT}, got ${length}.`);
  if (length > size - LENGTH_BYTES)
    refuse(`the header should have ${length} bytes, but the file ends after ${size - LENGTH_BYTES}.`);
  return length;
}

/** The tensors of a whole file; `file` names it in errors. Raises InvalidInput unless every byte is accounted for. */
export function decodeSafetensors(bytes: Uint8Array, file?: string): Tensors {
  must(ArrayBuffer.isView(bytes), "bytes", "the bytes of a file", bytes, "", { file });
  const refuse = (reason: string, at?: string): never => {
    throw new InvalidInput("BAD_SAFETENSORS", reason, { file, at });
  };
  const length = checkHead(bytes, bytes.length, file);
  const header = readHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length), refuse);
  const data = bytes.subarray(LENGTH_BYTES + length);
  const metadata = new Map<string, string>();
  const found: { name: string; dtype: Dtype | keyof typeof HALVES; shape: number[]; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      if (!isRecord(entry)) return refuse("it must be an object of strings.", "__metadata__");
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") return refuse(`${show(key)} must be a string.`, "__metadata__");
        metadata.set(key, value);
      }
    } else found.push({ name, ...readEntry(entry, (reason) => refuse(reason, show(name))) });
  }
  found.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of found) {
    if (begin !== at)
      refuse(
        `tensors must follow each other without holes or overlaps; expected begin ${at}, got ${begin}.`,
        show(name),
      );
    if (end > data.length) refuse(`the data end at ${data.length}, before this tensor's end ${end}.`, show(name));
    const copy = new Uint8Array(data.subarray(begin, end)); // aligned; a Buffer's slice need not be
    if (isHalf(dtype))
      tensors.set(name, {
        shape,
        values: Float32Array.from(new Uint16Array(copy.buffer), HALVES[dtype]),
        widened: dtype,
      });
    else tensors.set(name, { shape, values: new ARRAYS[dtype](copy.buffer) });
    at = end;
  }
  if (at !== data.length)
    refuse(`${data.length - at} bytes follow the last tensor.`, `byte ${bytes.length - data.length + at}`);
  return { tensors, metadata };
}

type Refuse = (reason: string, at?: string) => never;

function readHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let text = "";
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    refuse(`the header must be JSON in UTF-8: ${(error as Error).message}.`, "byte 8");
  }
  if (!text.startsWith("{") || !isRecord(header)) return refuse("the header must begin with {.", "byte 8");
  const twice = duplicateKey(text);
  const loose = looseNumber(text); // JSON.parse takes 8.0e1 for 80, the reference reader refuses it
  if (loose !== undefined)
    refuse(`the header's numbers must be written as plain integers, got ${show(loose)}.`, "byte 8");
  if (twice !== undefined) refuse(`the header has the key ${show(twice)} twice.`, "byte 8");
  return header;
}

function readEntry(
  entry: unknown,
  refuse: Refuse,
): { dtype: Dtype | keyof typeof HALVES; shape: number[]; begin: number; end: number } {
  if (!isRecord(entry)) return refuse("a tensor's entry must be an object.");
  const { dtype, shape, data_offsets: offsets } = entry;
  const types = { ...ARRAYS, ...HALVES };
  if (typeof dtype !== "string" || !Object.hasOwn(types, dtype))
    return refuse(`dtype must be one of ${Object.keys(types).join(", ")}, got ${show(dtype)}.`);
  const known = dtype as keyof typeof types;
  if (!isSizes(shape)) return refuse("shape must be a list of integers ≥ 0.");
  if (!isSizes(offsets) || offsets.length !== 2) return refuse("data_offsets must be two integers ≥ 0.");
  const [begin, end] = offsets as [number, number];
  const width = BigInt(isHalf(known) ? 2 : ARRAYS[known].BYTES_PER_ELEMENT);
  const expected = shape.reduce((product, size) => product * BigInt(size), width);
  if (BigInt(end - begin) !== expected)
    refuse(`${dtype} ${show(shape)} takes ${expected} bytes, but data_offsets span ${end - begin}.`);
  return { dtype: known, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0 && !Object.is(size, -0));
}

function dtypeOf(values: TensorValues): Dtype {
  return (Object.keys(ARRAYS) as Dtype[]).find((dtype) => values instanceof ARRAYS[dtype])!;
}
