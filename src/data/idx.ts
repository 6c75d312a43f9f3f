// The IDX format of MNIST: a magic number, the sizes, then the values, all big-endian. Bytes in, arrays out; no file access.
// Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section "File formats".
import { must } from "../errors.ts";
import { checkDataset, type Dataset } from "./dataset.ts";
import { gunzip, isGzip } from "./gzip.ts";

type Values = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Element types by their code, the third byte of a file. */
const TYPES = new Map<number, { name: string; size: number; read: (view: DataView, at: number) => number }>([
  [0x08, { name: "unsigned byte", size: 1, read: (view, at) => view.getUint8(at) }],
  [0x09, { name: "signed byte", size: 1, read: (view, at) => view.getInt8(at) }],
  [0x0b, { name: "16-bit integer", size: 2, read: (view, at) => view.getInt16(at) }],
  [0x0c, { name: "32-bit integer", size: 4, read: (view, at) => view.getInt32(at) }],
  [0x0d, { name: "float32", size: 4, read: (view, at) => view.getFloat32(at) }],
  [0x0e, { name: "float64", size: 8, read: (view, at) => view.getFloat64(at) }],
]);
const ARRAYS = new Map<number, new (n: number) => Values>([
  [0x08, Uint8Array],
  [0x09, Int8Array],
  [0x0b, Int16Array],
  [0x0c, Int32Array],
  [0x0d, Float32Array],
  [0x0e, Float64Array],
]);

const MOST_BYTES = 2 ** 32; // what one file may hold
const MOST_DIMENSIONS = 8;
const MOST_CLASSES = 65_536;

/** One IDX file: values in row-major order, product of `shape` of them. */
export type Idx = { readonly shape: readonly number[]; readonly values: Values };

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
 * Read one IDX file, also gzipped. Raises InvalidInput BAD_IDX or BAD_GZIP, naming the byte, unless magic number, sizes and
 * length agree exactly.
 */
export async function readIdx(bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Idx> {
  if (isGzip(bytes))
    return parseIdx(await gunzip(bytes, 4 + 4 * MOST_DIMENSIONS, (first) => header(first, file).bytes, file), file);
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
  const values = new (ARRAYS.get(code) as new (n: number) => Values)((whole - start) / size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let k = 0; k < values.length; k++) values[k] = read(view, start + k * size);
  return { shape, values };
}

/** Names and files for a pair of IDX arrays; `classes`, where known, bounds the labels. */
export type IdxNames = {
  readonly name: string;
  readonly imagesFile?: string;
  readonly labelsFile?: string;
  readonly classes?: readonly string[];
};

/**
 * Images [N×…] and labels [N] as one dataset. Without `classes` there are as many as the largest label says, named "0",
 * "1", …. Raises InvalidInput BAD_IDX for counts that differ, labels that are not integers, and labels out of range.
 */
export function pairIdx(images: Idx, labels: Idx, { name, imagesFile, labelsFile, classes }: IdxNames): Dataset {
  const [rows, ...rest] = images.shape as [number, ...number[]];
  check(rest.length >= 1, "images", "an array of 2 or more dimensions", rest.length + 1, imagesFile, "byte 3");
  check(labels.shape.length === 1, "labels", "an array of 1 dimension", labels.shape.length, labelsFile, "byte 3");
  const remedy = `${imagesFile ?? "The images"} has ${rows} rows: do the two files belong together?`;
  check(labels.values.length === rows, "labels", `${rows} values`, labels.values.length, labelsFile, "byte 4", remedy);
  const count = classes?.length ?? MOST_CLASSES;
  let largest = 0;
  labels.values.forEach((label, i) => {
    const ok = Number.isInteger(label) && label >= 0 && label < count;
    if (!ok) check(false, `labels[${i}]`, `a class in [0, ${count})`, label, labelsFile, `label ${i}`);
    if (label > largest) largest = label;
  });
  const { values } = images;
  const keep = values instanceof Uint8Array || values instanceof Float32Array || values instanceof Float64Array;
  return checkDataset({
    name,
    features: keep ? values : Float64Array.from(values),
    rows,
    cols: values.length / rows,
    labels: Int32Array.from(labels.values),
    classes: classes ?? Array.from({ length: largest + 1 }, (_, c) => String(c)),
    ...(rest.length === 2 && { image: { height: rest[0] as number, width: rest[1] as number } }),
  });
}
