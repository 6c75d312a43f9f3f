// NumPy's NPZ: a ZIP archive of NPY files, as np.savez and Keras write data sets. Reads no array it does not need, so
// pickled ones beside them do no harm.
import { InvalidInput, show } from "../../errors.ts";
import type { Dataset, Source } from "../dataset.ts";
import type { PictureOptions } from "../pictures/picture-form.ts";
import { type PairNames, pairOf, shareClasses } from "./arrays.ts";
import { type Npy, readNpy } from "./npy.ts";
import { findPairs, type Pair } from "./npz-names.ts";
import { type Entry, readZip } from "./zip.ts";

export type NpzOptions = {
  readonly name: string;
  readonly file?: string | undefined;
  readonly classes?: readonly string[] | undefined; // where known, these bound the labels
  readonly pictures?: PictureOptions | undefined;
  /** Features and labels by their names, then perhaps those of the test part. */
  readonly arrays?: readonly string[] | undefined;
  /** What the labels are. */
  readonly task?: PairNames["task"];
};

export type NpzParts = Pick<Source, "train" | "test" | "validation" | "warnings"> & {
  readonly notes: readonly string[];
};

/**
 * The data set in an archive: features and labels by the names that people give them, alone or as training, test and
 * validation part. Raises InvalidInput BAD_ZIP, BAD_NPY or BAD_NPZ.
 */
export async function readNpz(
  bytes: Uint8Array<ArrayBuffer>,
  { name, file, classes, pictures = {}, arrays, task: asked }: NpzOptions,
): Promise<NpzParts> {
  const entries = readZip(bytes, file);
  const pairs = findPairs(namesOf(entries), arrays, file);
  const part = async ([x, y]: Pair, label: string, task: NpzOptions["task"]) => {
    const { color, invert } = pictures;
    const [featuresFile, labelsFile] = [inside(x, file), inside(y, file)];
    const names: PairNames = { name: label, code: "BAD_NPZ", featuresFile, labelsFile, classes, color, invert, task };
    return pairOf(await readArray(entries, x, file), await readArray(entries, y, file), names);
  };
  const several = pairs.test !== undefined || pairs.validation !== undefined;
  const first = await part(pairs.train, several ? `${name} train` : name, asked);
  const same = asked && (first.data.task ?? "classify"); // as was found in the first
  const second = pairs.test && (await part(pairs.test, `${name} test`, same));
  const third = pairs.validation && (await part(pairs.validation, `${name} validation`, same));
  const used = new Set([...pairs.train, ...(pairs.test ?? []), ...(pairs.validation ?? [])]);
  const others = [...entries.keys()].filter((key) => !used.has(key.replace(/\.npy$/, "")));
  const warnings = others.length === 0 ? [] : [`Other arrays of the archive are not read: ${show(others)}.`];
  const held: { test?: Dataset | undefined; validation?: Dataset | undefined } = second
    ? { test: second.data, validation: third?.data }
    : { test: third?.data };
  const judged = !second && third ? ["There is no test part: the validation part is the test."] : [];
  const shared = shareClasses(first.data, held.test, held.validation);
  return { ...shared, notes: [...first.notes, ...judged], warnings };
}

/** The rows of a feature array alone, for prediction: the test part's where there is one, else the only part's. */
export async function readNpzFeatures(
  bytes: Uint8Array<ArrayBuffer>,
  file?: string,
  arrays?: readonly string[],
): Promise<Npy> {
  const entries = readZip(bytes, file);
  const names = namesOf(entries);
  if (names.length === 1) return readArray(entries, names[0]!, file);
  if (arrays?.length === 1) return readArray(entries, arrays[0]!, file);
  const { train, test } = findPairs(names, arrays, file);
  return readArray(entries, (test ?? train)[0], file);
}

const namesOf = (entries: ReadonlyMap<string, Entry>) => [...entries.keys()].map((key) => key.replace(/\.npy$/, ""));

async function readArray(entries: ReadonlyMap<string, Entry>, key: string, file: string | undefined): Promise<Npy> {
  const entry = entries.get(`${key}.npy`);
  if (!entry) throw new InvalidInput("BAD_NPZ", `it holds no array ${show(key)}.`, { file, at: "directory" });
  return readNpy(await entry.read(), inside(key, file));
}

const inside = (key: string, file: string | undefined) => `${file ?? "archive"}/${key}.npy`;
