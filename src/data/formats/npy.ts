// NumPy's NPY format, versions 1 to 3: plain numbers, booleans and text of fixed length. Bytes in, arrays out; the
// header is read by a grammar of its own, never evaluated, and pickled objects are refused. Source: NumPy Enhancement
// Proposal 1 and numpy.lib.format.
import { must } from "../../errors.ts";
import { sortClasses } from "./class-order.ts";

/** The values of an NPY file. */
export type NpyValues = Uint8Array | Int32Array | Float32Array | Float64Array;

/**
 * An array in C (row-major) order, whatever order the file had. `dtype` is the file's; integers of 32 bits without a
 * sign and of 64 bits are held as float64, which is exact because values beyond ±2⁵³ are refused. Of text the values
 * are places in `names`.
 */
export type Npy = {
  /** The type in the file. */
  readonly dtype:
    | "bool"
    | "int8"
    | "uint8"
    | "int16"
    | "uint16"
    | "int32"
    | "uint32"
    | "int64"
    | "uint64"
    | "float16"
    | "float32"
    | "float64"
    | "text";
  /** The size of each dimension, first to last. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: NpyValues;
  /** Of text: its different values, in the order of classes. */
  readonly names?: readonly string[] | undefined;
};

type Type = {
  readonly dtype: Npy["dtype"];
  readonly size: number;
  readonly array: new (n: number) => NpyValues;
  readonly read: (view: DataView, at: number, little: boolean) => number;
};

const type = (dtype: Npy["dtype"], size: number, array: Type["array"], read: Type["read"]): Type => ({
  dtype,
  size,
  array,
  read,
});

const TYPES = new Map<string, Type>([
  ["b1", type("bool", 1, Uint8Array, (view, at) => Number(view.getUint8(at) !== 0))],
  ["i1", type("int8", 1, Int32Array, (view, at) => view.getInt8(at))],
  ["u1", type("uint8", 1, Uint8Array, (view, at) => view.getUint8(at))],
  ["i2", type("int16", 2, Int32Array, (view, at, little) => view.getInt16(at, little))],
  ["u2", type("uint16", 2, Int32Array, (view, at, little) => view.getUint16(at, little))],
  ["i4", type("int32", 4, Int32Array, (view, at, little) => view.getInt32(at, little))],
  ["u4", type("uint32", 4, Float64Array, (view, at, little) => view.getUint32(at, little))],
  ["i8", type("int64", 8, Float64Array, (view, at, little) => Number(view.getBigInt64(at, little)))],
  ["u8", type("uint64", 8, Float64Array, (view, at, little) => Number(view.getBigUint64(at, little)))],
  ["f2", type("float16", 2, Float32Array, (view, at, little) => half(view.getUint16(at, little)))],
  ["f4", type("float32", 4, Float32Array, (view, at, little) => view.getFloat32(at, little))],
  ["f8", type("float64", 8, Float64Array, (view, at, little) => view.getFloat64(at, little))],
]);

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const MOST_HEADER = 10_000; // NumPy's own limit
const MOST_DIMENSIONS = 8;

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

function check(ok: boolean, what: string, expected: string, got: unknown, file?: string, at?: string, remedy = "") {
  must(ok, what, expected, got, remedy, { file, at }, "BAD_NPY");
}

/**
 * Read one NPY file: numbers, booleans or text, either byte order, C or Fortran order. Raises InvalidInput BAD_NPY
 * unless the header is exactly a dictionary of descr, fortran_order and shape, and the data end
 * where the file ends.
 */
export function readNpy(bytes: Uint8Array, file?: string): Npy {
  must(ArrayBuffer.isView(bytes), "bytes", "the bytes of a file", bytes, "", { file });
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
  const header = String.fromCharCode(...bytes.subarray(start, start + length));
  const { descr, fortran, shape } = parseHeader(header, start, file);
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
  const text = TEXT.exec(descr);
  const type = text ? textType(text[1]!, Number(text[2])) : TYPES.get(descr.slice(1));
  const known = type !== undefined && ("<>".includes(order) || (order === "|" && (type.size === 1 || text !== null)));
  const wanted = "booleans, integers, floats of 16 to 64 bits (such as '<f4'), or text ('<U10', '|S10')";
  check(known, "its dtype", wanted, descr, file, `byte ${start}`, "Convert it with x.astype('float64').");
  const { dtype, size, array, read } = type as Type;
  let bigCount = 1n;
  for (const extent of shape) bigCount *= BigInt(extent);
  const begin = start + length;
  const whole = BigInt(begin) + bigCount * BigInt(size);
  const sizes = `${whole} bytes, as the shape (${shape.join(", ")}) of ${dtype} says`;
  const remedy = whole > bytes.length ? "It is cut short." : "Other bytes follow.";
  check(whole === BigInt(bytes.length), "the file", sizes, bytes.length, file, `byte ${begin}`, remedy);
  const count = Number(bigCount);
  const place = fortran ? fortranPlaces(shape) : (k: number) => k;
  if (text)
    return { dtype, shape, ...readTexts(view, text[1]!, size, count, (k) => begin + place(k) * size, order !== ">") };
  const values = new array(count);
  for (let k = 0; k < count; k++) values[k] = read(view, begin + place(k) * size, order !== ">");
  const inexact =
    dtype === "int64" || dtype === "uint64" ? values.findIndex((value) => !Number.isSafeInteger(value)) : -1;
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

const TEXT = /^[<>|]([US])([1-9]\d{0,5})$/;

/** Fixed text: `length` characters of 32 bits, or bytes. */
function textType(kind: string, length: number): Type {
  return type("text", length * (kind === "U" ? 4 : 1), Int32Array, () => 0);
}

/** Texts without the zeros that fill them up, as their different values and each one's place among these. */
function readTexts(
  view: DataView,
  kind: string,
  size: number,
  count: number,
  at: (k: number) => number,
  little: boolean,
): Pick<Npy, "values" | "names"> {
  const utf8 = new TextDecoder();
  const places = new Map<string, number>();
  const first = Int32Array.from({ length: count }, (_, k) => {
    const begin = at(k);
    let text = "";
    if (kind === "S") text = utf8.decode(new Uint8Array(view.buffer, view.byteOffset + begin, size));
    else
      for (let c = begin; c < begin + size; c += 4) {
        const point = view.getUint32(c, little);
        text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
      }
    text = text.replace(/\0+$/, "");
    const known = places.get(text) ?? places.size;
    places.set(text, known);
    return known;
  });
  const names = sortClasses([...places.keys()]);
  const sorted = new Map(names.map((name, c) => [name, c]));
  const order = [...places.keys()].map((name) => sorted.get(name)!);
  return { values: first.map((k) => order[k]!), names };
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
