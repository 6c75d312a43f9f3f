// Writes NPY files for tests, from NumPy's description of the format. Shares nothing with the reader.

type Options = { fortran?: boolean; big?: boolean; version?: 1 | 2 | 3; header?: string };

/**
 * An NPY file of `values` as `dtype` ('f4', 'f8', 'u1', 'i4', 'i8'); values are given in the order they lie in the
 * file.
 */
export function writeNpy(
  dtype: "f4" | "f8" | "u1" | "i4" | "i8",
  shape: readonly number[],
  values: ArrayLike<number>,
  { fortran = false, big = false, version = 1, header }: Options = {},
): Uint8Array<ArrayBuffer> {
  const size = Number(dtype[1]);
  const order = dtype === "u1" ? "|" : big ? ">" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary =
    header ?? `{'descr': '${order}${dtype}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${tuple}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = `${dictionary.padEnd(Math.ceil((start + dictionary.length + 1) / 64) * 64 - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + values.length * size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...Buffer.from("NUMPY"), version, 0]);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(Buffer.from(padded, "latin1"), start);
  for (let k = 0; k < values.length; k++) {
    const at = start + padded.length + k * size;
    const value = values[k] as number;
    if (dtype === "f4") view.setFloat32(at, value, !big);
    else if (dtype === "f8") view.setFloat64(at, value, !big);
    else if (dtype === "u1") view.setUint8(at, value);
    else if (dtype === "i4") view.setInt32(at, value, !big);
    else view.setBigInt64(at, BigInt(value), !big);
  }
  return bytes;
}

/** An NPY file of any dtype from the bytes of its values. */
export function writeNpyOf(descr: string, shape: readonly number[], data: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const empty = writeNpy("u1", [0], [], { header });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(Buffer.concat([empty, bytes]));
}

/** Texts as NumPy's <U: four bytes a character, filled up with zeros. */
export function writeNpyTexts(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const length = Math.max(...texts.map((text) => [...text].length));
  const points = Uint32Array.from(
    texts.flatMap((text) => Array.from({ length }, (_, k) => [...text][k]?.codePointAt(0) ?? 0)),
  );
  return writeNpyOf(`<U${length}`, [texts.length], points);
}
