// The inputs of an inference request: each tensor's values in row order, from JSON or from the binary data behind
// it. Shapes are held against limits before anything is taken for them.
import { must, show } from "../errors.ts";
import { DATATYPES, type Datatype, ELEMENT_BYTES, holds, readNumbers, readTexts } from "./tensor-types.ts";

/** A tensor of a request as JSON has it. */
export type GivenTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly data?: unknown;
};

export type RequestTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  /** Numbers, texts, booleans, and null for a missing value. */
  readonly values: ArrayLike<unknown>;
};

/** How messages call an input: made where one is needed, as requests are many. */
const called = (name: string) => `input ${show(name)}`;

/** The values of every tensor; `tail` holds the binary ones, one after another. Raises InvalidInput. */
export function readTensors(given: readonly GivenTensor[], tail: Uint8Array, most: number): RequestTensor[] {
  let at = 0;
  const tensors = given.map((tensor) => {
    const { name, shape, parameters, data } = tensor;
    const datatype = tensor.datatype as Datatype;
    if (!DATATYPES.includes(datatype))
      must(false, `the datatype of ${called(name)}`, `one of ${DATATYPES.join(", ")}`, datatype);
    const count = elements(shape, most, name);
    const size = parameters?.binary_data_size;
    if (size === undefined) return { name, shape, values: fromJson(data, shape, count, datatype, name) };
    const what = called(name);
    must(data === undefined, `the data of ${what}`, "left out beside binary_data_size", data);
    const left = tail.length - at;
    const fits = Number.isInteger(size) && (size as number) >= 0 && (size as number) <= left;
    must(fits, `binary_data_size of ${what}`, `an integer up to ${left}, the bytes that are left`, size);
    const bytes = tail.subarray(at, at + (size as number));
    at += size as number;
    return { name, shape, values: fromBinary(bytes, count, datatype, what) };
  });
  if (at !== tail.length) must(false, "the inputs", `tensors for all ${tail.length} bytes behind the JSON`, at);
  return tensors;
}

const MOST_DIMENSIONS = 8;

function elements(shape: readonly number[], most: number, name: string): number {
  let count = shape.length >= 1 && shape.length <= MOST_DIMENSIONS ? 1 : Number.NaN;
  for (const n of shape) count *= Number.isInteger(n) && n > 0 ? n : Number.NaN;
  if (Number.isNaN(count)) must(false, `the shape of ${called(name)}`, `1 to ${MOST_DIMENSIONS} integers ≥ 1`, shape);
  if (count > most)
    must(false, `the shape of ${called(name)}`, `at most ${most} elements`, shape, "Send fewer rows at once.");
  return count;
}

function fromJson(
  data: unknown,
  shape: readonly number[],
  count: number,
  datatype: Datatype,
  name: string,
): ArrayLike<unknown> {
  const plain = data instanceof Float64Array; // as parseWithNumbers leaves it
  if (!plain && !Array.isArray(data)) must(false, `the data of ${called(name)}`, "an array", data);
  const given = data as Float64Array | readonly unknown[];
  const flat = !plain && Array.isArray(given[0]) ? nested(given as readonly unknown[], shape, called(name)) : given;
  if (flat.length !== count)
    must(false, `the data of ${called(name)}`, `the ${count} elements of its shape`, flat.length);
  if (plain && datatype === "FP64") return data;
  if (plain && datatype === "FP32") return Float32Array.from(data); // as in binary
  const bad = firstOther(flat, datatype);
  if (bad >= 0) must(false, `element ${bad + 1} of ${called(name)}`, `a value of ${datatype}`, flat[bad]);
  if (datatype !== "FP32") return flat;
  return Array.from(flat, (value) => (typeof value === "number" ? Math.fround(value) : value)); // as in binary
}

/** The place of the first that is no element of this type; −1: none. */
function firstOther(values: ArrayLike<unknown>, datatype: Datatype): number {
  if (datatype === "FP64" || datatype === "FP32") {
    for (let i = 0; i < values.length; i++) if (typeof values[i] !== "number" && values[i] !== null) return i;
    return -1;
  }
  for (let i = 0; i < values.length; i++) if (!holds(datatype, values[i])) return i;
  return -1;
}

function nested(data: readonly unknown[], shape: readonly number[], what: string): unknown[] {
  const flat: unknown[] = [];
  const walk = (part: unknown, depth: number): void => {
    if (depth === shape.length) {
      flat.push(part);
      return;
    }
    const ok = Array.isArray(part) && part.length === shape[depth];
    must(ok, `the data of ${what}`, `arrays of its shape, ${shape[depth]} long at depth ${depth + 1}`, part);
    for (const inner of part) walk(inner, depth + 1);
  };
  walk(data, 0);
  return flat;
}

function fromBinary(bytes: Uint8Array, count: number, datatype: Datatype, what: string): ArrayLike<unknown> {
  if (datatype === "BYTES") {
    const texts = readTexts(bytes, count);
    must(texts !== undefined, `the bytes of ${what}`, `${count} texts in UTF-8, each behind its length`, bytes);
    return texts;
  }
  const size = count * ELEMENT_BYTES[datatype];
  must(bytes.length === size, `binary_data_size of ${what}`, `${size} for its shape and datatype`, bytes.length);
  const values = readNumbers(datatype, bytes);
  if (datatype !== "BOOL") return values;
  const bad = Array.prototype.find.call(values, (bit: number) => bit > 1);
  must(bad === undefined, `the bytes of ${what}`, "0 or 1 each", bad);
  return values;
}
