// An array of a file, as every format of arrays gives it.

/** An array in row-major order; as many values as the product of `shape`. */
export type LabelArray = {
  /** The size of each dimension, first to last. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
  /** Of text: its different values; `values` are places among these. */
  readonly names?: readonly string[] | undefined;
  /** "bool" tells Uint8Array of truth values from bytes. */
  readonly dtype?: string | undefined;
};
