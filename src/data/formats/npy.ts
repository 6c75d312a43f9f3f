// NumPy's NPY format, versions 1 to 3: plain numeric arrays only. Bytes in, arrays out; the header is read by a grammar
// of its own, never evaluated, and pickled objects are refused. Source: NumPy Enhancement Proposal 1 and
// numpy.lib.format.
import { must } from "../../errors.ts";

/** The values of an NPY file. */
export type NpyValues = Uint8Array | Int32Array | Float32Array | Float64Array;

/**
 * An array in C (row-major) order, whatever order the file had. `dtype` is the file's; int64 values are held as
 * float64, which is exact because values beyond ±2⁵³ are refused.
 */
export type Npy = {
  /** The type in the file. */
  readonly dtype: "uint8" | "int32" | "int64" | "float32" | "float64";
  /** The size of each dimension, first to last. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: NpyValues;
};

type Type = {
  readonly dtype: Npy["dtype"];
  readonly size: number;
  readonly array: new (n: number) => NpyValues;
  readonly read: (view: DataView, at: number, little: boolean) => number;
};

const TYPES = new Map<string, Type>([
  ["u1", { dtype: "uint8", size: 1, array: Uint8Array, read: (view, at) => view.getUint8(at) }],
  ["i4", { dtype: "int32", size: 4, array: Int32Array, read: (view, at, little) => view.getInt32(at, little) }],
  [
    "i8",
    { dtype: "int64", size: 8, array: Float64Array, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  ],
  ["f4", { dtype: "float32", size: 4, array: Float32Array, read: (view, at, little) => view.getFloat32(at, little) }],
  ["f8", { dtype: "float64", size: 8, array: Float64Array, read: (view, at, little) => view.getFloat64(at, little) }],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const MOST_HEADER = 10_000; // NumPy's own limit
const MOST_DIMENSIONS = 8;

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

function check(ok: boolean, what: string, expected: string, got: unknown, file?: string, at?: string, remedy = "") {
  must(ok, what, expected, got, remedy, { file, at }, "BAD_NPY");
}

/**
 * Read one NPY file: float32, float64, uint8, int32 or int64, either byte order, C or Fortran order. Raises
 * InvalidInput BAD_NPY unless the header is exactly a dictionary of descr, fortran_order and shape, and the data end
 * where the file ends.
 */
export function readNpy(bytes: Uint8Array, file?: string): Npy {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = MAGIC.every((byte, k) => bytes[k] === byte);
  check(magic, "the file", "NPY: it must begin with \\x93NUMPY", hex(bytes.subarray(0, 6)), file, "byte 0");
  check(bytes.length >= 12, "the file", "at least 12 bytes long", bytes.length, file, `byte ${bytes.length}`);
  const major = bytes[6] as number;
  const version = `${major}.${bytes[7]}`;
  check(["1.0", "2.0", "3.0"].includes(version), "the version", "1.0, 2.0 or 3.0", version, file, "byte 6");
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = major === 1 ? 10 : 12;
  check(length <= MOST_HEADER, "the header", `at most ${MOST_HEADER} bytes long`, length, file, "byte 8");
  check(start + length <= bytes.length, "the header", "inside the file", start + length, file, "byte 8");
  const text = String.fromCharCode(...bytes.subarray(start, start + length));
  const { descr, fortran, shape } = parseHeader(text, start, file);
  const order = descr[0] as string;
  check(
    !descr.includes("O"),
    "its dtype",
    "a numeric type",
    descr,
    file,
    `byte ${start}`,
    "Pickled objects are never read.",
  );
  const type = TYPES.get(descr.slice(1));
  const known = type !== undefined && ("<>".includes(order) || (order === "|" && type.size === 1));
  const names = "float32, float64, uint8, int32 or int64 (such as '<f4')";
  check(known, "its dtype", names, descr, file, `byte ${start}`, "Convert it with x.astype('float32').");
  const { dtype, size, array, read } = type as Type;
  let bigCount = 1n;
  for (const extent of shape) bigCount *= BigInt(extent);
  const begin = start + length;
  const whole = BigInt(begin) + bigCount * BigInt(size);
  const sizes = `${whole} bytes, as the shape (${shape.join(", ")}) of ${dtype} says`;
  const remedy = whole > bytes.length ? "It is cut short." : "Other bytes follow.";
  check(whole === BigInt(bytes.length), "the file", sizes, bytes.length, file, `byte ${begin}`, remedy);
  const count = Number(bigCount);
  const values = new array(count);
  const place = fortran ? fortranPlaces(shape) : (k: number) => k;
  for (let k = 0; k < count; k++) values[k] = read(view, begin + place(k) * size, order !== ">");
  const inexact = dtype === "int64" ? values.findIndex((value) => !Number.isSafeInteger(value)) : -1;
  check(inexact < 0, `element ${inexact}`, "an integer within ±(2^53 − 1)", values[inexact], file, `byte ${begin}`);
  return { dtype, shape, values };
}

/** From an element's place in C order to its place in Fortran order. */
function fortranPlaces(shape: readonly number[]): (k: number) => number {
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((a, b) => a * b, 1));
  return (k) => {
    let rest = k;
    let place = 0;
    for (let d = shape.length - 1; d >= 0; d--) {
      const extent = shape[d] as number;
      place += (rest % extent) * strides[d]!;
      rest = Math.floor(rest / extent);
    }
    return place;
  };
}

const STRING = /(?:'([^'"\\]*)'|"([^'"\\]*)")/y;
const SHAPE = /\(\s*((?:(?:0|[1-9]\d{0,14})\s*,\s*)*(?:0|[1-9]\d{0,14})?)\s*\)/y;
const BOOLEAN = /(True|False)/y;

/**
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, its keys in any order, spaces and a newline after it.
 */
function parseHeader(text: string, start: number, file?: string) {
  let at = 0;
  const take = (pattern: RegExp, expected: string): string => {
    while (/\s/.test(text[at] ?? "")) at++;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    check(found !== null, "the header", expected, text.slice(at, at + 40), file, `byte ${start + at}`);
    at = pattern.lastIndex;
    return found?.slice(1).find((group) => group !== undefined) ?? "";
  };
  const fields = new Map<string, string>();
  take(/\{/y, "a dictionary {…}");
  for (let k = 0; k < 3; k++) {
    const key = take(STRING, "a dictionary of 'descr', 'fortran_order' and 'shape'");
    const place = at - key.length - 2;
    const fresh = ["descr", "fortran_order", "shape"].includes(key) && !fields.has(key);
    check(fresh, "a key", "one of 'descr', 'fortran_order' and 'shape', each once", key, file, `byte ${start + place}`);
    take(/:/y, "a colon after the key");
    if (key === "descr") fields.set(key, take(STRING, "a plain dtype such as '<f4' (structured types are not read)"));
    else if (key === "shape") fields.set(key, take(SHAPE, "a shape such as (2, 3)"));
    else fields.set(key, take(BOOLEAN, "True or False"));
    if (k < 2) take(/,/y, "a comma");
  }
  take(/,?\s*\}[ \t]*\n?$/y, "its end } after the three keys");
  const list = fields.get("shape") as string;
  const commas = list.split(",").length - 1;
  const shape = list.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  check(shape.length !== 1 || commas === 1, "shape", "a tuple such as (3,)", `(${list})`, file, `byte ${start}`);
  const range = `at most ${MOST_DIMENSIONS}`;
  check(shape.length <= MOST_DIMENSIONS, "the number of dimensions", range, shape.length, file, `byte ${start}`);
  return { descr: fields.get("descr") as string, fortran: fields.get("fortran_order") === "True", shape };
}
