// The IDX format of MNIST: a magic number, the sizes, then the values, all big-endian. Bytes in, arrays out; no file
// access.
// Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section "File formats".
import { must } from "../../errors.ts";
import { inflate, isGzip } from "./inflate.ts";

/** The values of an IDX file, in the narrowest array that holds them. */
export type IdxValues = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Element types by their code, the third byte of a file. */
const TYPES = new Map<number, { name: string; size: number; read: (view: DataView, at: number) => number }>([
  [0x08, { name: "unsigned byte", size: 1, read: (view, at) => view.getUint8(at) }],
  [0x09, { name: "signed byte", size: 1, read: (view, at) => view.getInt8(at) }],
  [0x0b, { name: "16-bit integer", size: 2, read: (view, at) => view.getInt16(at) }],
  [0x0c, { name: "32-bit integer", size: 4, read: (view, at) => view.getInt32(at) }],
  [0x0d, { name: "float32", size: 4, read: (view, at) => view.getFloat32(at) }],
  [0x0e, { name: "float64", size: 8, read: (view, at) => view.getFloat64(at) }],
]);
const ARRAYS = new Map<number, new (n: number) => IdxValues>([
  [0x08, Uint8Array],
  [0x09, Int8Array],
  [0x0b, Int16Array],
  [0x0c, Int32Array],
  [0x0d, Float32Array],
  [0x0e, Float64Array],
]);

const MOST_BYTES = 2 ** 32; // what one file may hold
const MOST_DIMENSIONS = 8;

/** One IDX file: values in row-major order, product of `shape` of them. */
export type Idx = {
  /** The size of each dimension, first to last. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: IdxValues;
};

type Header = { readonly code: number; readonly shape: number[]; readonly start: number; readonly bytes: number };

function check(ok: boolean, what: string, expected: string, got: unknown, file?: string, at?: string, remedy = "") {
  must(ok, what, expected, got, remedy, { file, at }, "BAD_IDX");
}

/** The header, and from it the exact size of the whole file in bytes; nothing is allocated on its word. */
function header(first: Uint8Array, file?: string): Header {
  check(first.length >= 4, "the file", "at least 4 bytes long", first.length, file, "byte 0");
  const [zero, zero2, code, dimensions] = first as unknown as [number, number, number, number];
  const hex = [...first.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const type = TYPES.get(code);
  check(
    zero === 0 && zero2 === 0 && type !== undefined,
    "the magic number",
    "00 00, a type code 08, 09 or 0b to 0e, and the number of dimensions",
    hex,
    file,
    "byte 0",
    "Is this an IDX file?",
  );
  const range = `1 to ${MOST_DIMENSIONS}`;
  check(
    dimensions >= 1 && dimensions <= MOST_DIMENSIONS,
    "the number of dimensions",
    range,
    dimensions,
    file,
    "byte 3",
  );
  const start = 4 + 4 * dimensions;
  check(first.length >= start, "the file", `at least ${start} bytes long`, first.length, file, "byte 4");
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const shape = Array.from({ length: dimensions }, (_, d) => view.getUint32(4 + 4 * d));
  let bytes = BigInt((type as { size: number }).size);
  shape.forEach((size, d) => {
    check(size >= 1, `size ${d + 1}`, "at least 1", size, file, `byte ${4 + 4 * d}`);
    bytes *= BigInt(size);
  });
  const whole = bytes + BigInt(start);
  check(
    whole <= BigInt(MOST_BYTES),
    `the size ${shape.join(" × ")}`,
    `at most ${MOST_BYTES} bytes`,
    whole,
    file,
    "byte 4",
  );
  return { code, shape, start, bytes: Number(whole) };
}

/**
 * Read one IDX file, also gzipped. Raises InvalidInput BAD_IDX or BAD_GZIP, naming the byte, unless magic number, sizes
 * and length agree exactly.
 */
export async function readIdx(bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Idx> {
  must(ArrayBuffer.isView(bytes), "bytes", "the bytes of a file", bytes, "", { file });
  if (isGzip(bytes)) {
    const stream = { format: "gzip", bytes, code: "BAD_GZIP", file } as const;
    return parseIdx(await inflate(stream, 4 + 4 * MOST_DIMENSIONS, (first) => header(first, file).bytes), file);
  }
  return parseIdx(bytes, file);
}

/** Read one IDX file that is not compressed. A file of bytes is not copied: the values share its memory. */
export function parseIdx(bytes: Uint8Array, file?: string): Idx {
  const { code, shape, start, bytes: whole } = header(bytes, file);
  const at = `byte ${Math.min(bytes.length, whole)}`;
  const sizes = `${whole} bytes, as its sizes ${shape.join(" × ")} say`;
  check(bytes.length >= whole, "the file", sizes, bytes.length, file, at, "It is cut short.");
  check(bytes.length <= whole, "the file", sizes, bytes.length, file, at, "Other bytes follow.");
  if (code === 0x08) return { shape, values: bytes.subarray(start) };
  const { size, read } = TYPES.get(code) as { size: number; read: (view: DataView, at: number) => number };
  const values = new (ARRAYS.get(code) as new (n: number) => IdxValues)((whole - start) / size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let k = 0; k < values.length; k++) values[k] = read(view, start + k * size);
  return { shape, values };
}
