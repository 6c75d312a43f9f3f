// What a nasty file is, for the tables of this folder: the files of one data set or model, and what the reader must
// say.

/**
 * `files` lie in one folder; `open` is handed to the reader ("" for the folder). Without `error` it is a valid twin and
 * must load.
 */
export type Case = {
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly open: string;
  readonly error?: readonly [code: string, at: string | RegExp, reason: string];
};

/** Makes a case of the one file of that name. */
export const oneFile =
  (file: string) =>
  (name: string, bytes: Uint8Array | string, error?: Case["error"]): Case => ({
    name,
    files: { [file]: bytes },
    open: file,
    ...(error && { error }),
  });

export const PICTURES = ["png", "jpeg", "webp", "gif", "bmp"] as const;
export const TABLES = ["csv", "arff", "libsvm", "json", "xlsx"] as const;
export const FORMATS = [
  "idx",
  "idx.gz",
  "npy",
  "npz",
  ...TABLES,
  ...PICTURES,
  "parquet",
  "arrow",
  "safetensors",
] as const;

export type Format = (typeof FORMATS)[number];

/** A copy with bytes replaced from `at` on. */
export function patched(bytes: Uint8Array, at: number, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy.set(values, at < 0 ? bytes.length + at : at);
  return copy;
}

export function joined(...parts: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
}
