// Writes IDX files for tests, from the format's description. Shares nothing with the reader.

const SIZES: Record<number, number> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };

/** An IDX file of element type `code` (8 = unsigned byte) and the given shape. */
export function writeIdx(code: number, shape: readonly number[], values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const size = SIZES[code] as number;
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length * size);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, code, shape.length]);
  shape.forEach((extent, d) => {
    view.setUint32(4 + 4 * d, extent);
  });
  for (let k = 0; k < values.length; k++) {
    const at = 4 + 4 * shape.length + k * size;
    const value = values[k] as number;
    if (code === 11) view.setInt16(at, value);
    else if (code === 12) view.setInt32(at, value);
    else if (code === 13) view.setFloat32(at, value);
    else if (code === 14) view.setFloat64(at, value);
    else view.setUint8(at, value);
  }
  return bytes;
}
