// NumPy's NPZ: a ZIP archive of NPY files, as np.savez and Keras write data sets. Finds the pairs of features and
// labels by their names; reads no array it does not need, so pickled ones beside them do no harm.
import { InvalidInput, show } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import { datasetFromArrays, type PairNames, shareClasses } from "./arrays.ts";
import { type Npy, readNpy } from "./npy.ts";
import { type Entry, readZip } from "./zip.ts";

/** What people call features and labels, with or without a part: x_train, train_images, X. */
const PAIRS = [
  ["x", "y"],
  ["X", "y"],
  ["features", "labels"],
  ["images", "labels"],
  ["data", "labels"],
] as const;
const FORMS = (part: string) => [(name: string) => `${name}_${part}`, (name: string) => `${part}_${name}`];

export type NpzOptions = {
  readonly name: string;
  readonly file?: string | undefined;
  readonly classes?: readonly string[] | undefined; // where known, these bound the labels
};

/**
 * The data set in an archive: x and y (or X and y, features and labels, images and labels, data and labels), or these
 * as x_train, y_train and perhaps x_test, y_test. Raises InvalidInput BAD_ZIP, BAD_NPY or BAD_NPZ.
 */
export async function readNpz(
  bytes: Uint8Array<ArrayBuffer>,
  { name, file, classes }: NpzOptions,
): Promise<{ train: Dataset; test?: Dataset | undefined; warnings: string[] }> {
  const entries = readZip(bytes, file);
  const [train, test] = findPairs(entries, file);
  const part = async ([x, y]: Pair, label: string) => {
    const [featuresFile, labelsFile] = [inside(x, file), inside(y, file)];
    const names: PairNames = { name: label, code: "BAD_NPZ", featuresFile, labelsFile, classes };
    return datasetFromArrays(await readArray(entries, x, file), await readArray(entries, y, file), names);
  };
  const first = await part(train, test ? `${name} train` : name);
  const second = test && (await part(test, `${name} test`));
  const used = new Set([...train, ...(test ?? [])].map((key) => `${key}.npy`));
  const others = [...entries.keys()].filter((key) => !used.has(key));
  const warnings = others.length === 0 ? [] : [`Other arrays of the archive are not read: ${show(others)}.`];
  return { ...shareClasses(first, second), warnings };
}

/** The rows of a feature array alone, for prediction: the test part's where there is one, else the only part's. */
export async function readNpzFeatures(bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Npy> {
  const entries = readZip(bytes, file);
  const arrays = [...entries.keys()];
  if (arrays.length === 1) return readArray(entries, (arrays[0] as string).replace(/\.npy$/, ""), file);
  const [train, test] = findPairs(entries, file);
  return readArray(entries, (test ?? train)[0], file);
}

type Pair = readonly [features: string, labels: string];

function findPairs(entries: ReadonlyMap<string, Entry>, file: string | undefined): [train: Pair, test?: Pair] {
  const has = (pair: Pair) => pair.every((key) => entries.has(`${key}.npy`));
  const whole = PAIRS.filter(has);
  const parts = PAIRS.flatMap(([x, y]) =>
    FORMS("train").flatMap((form, f): [train: Pair, test?: Pair][] => {
      const train: Pair = [form(x), form(y)];
      const held = FORMS("test")[f] as (name: string) => string;
      const test: Pair = [held(x), held(y)];
      return has(train) ? [has(test) ? [train, test] : [train]] : [];
    }),
  );
  const found = [...parts, ...whole.map((pair): [train: Pair] => [pair])];
  if (found.length === 1) return found[0] as [train: Pair, test?: Pair];
  const names = [...entries.keys()].map((key) => key.replace(/\.npy$/, ""));
  const reason =
    found.length === 0
      ? `an archive of arrays needs x and y, features and labels, or x_train and y_train, got ${show(names)}.`
      : `the archive has more than one pair of features and labels: ${show(found.map(([pair]) => pair.join(" and ")))}.`;
  throw new InvalidInput("BAD_NPZ", reason, { file, at: "directory" });
}

async function readArray(entries: ReadonlyMap<string, Entry>, key: string, file: string | undefined): Promise<Npy> {
  const entry = entries.get(`${key}.npy`);
  if (!entry) throw new InvalidInput("BAD_NPZ", `it holds no array ${show(key)}.`, { file, at: "directory" });
  return readNpy(await entry.read(), inside(key, file));
}

const inside = (key: string, file: string | undefined) => `${file ?? "archive"}/${key}.npy`;
