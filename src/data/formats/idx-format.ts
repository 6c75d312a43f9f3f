// IDX files as a format of data sets: the four of an MNIST-like set, or images with their labels; gzipped or not.
import type { Source } from "../dataset.ts";
import { baseOf, type FileSet, folderOf } from "../file-set.ts";
import type { PictureOptions } from "../pictures/picture-form.ts";
import type { LabelArray } from "./arrays.ts";
import { refuse } from "./format.ts";
import { pairFormat, readPairs, type Turned } from "./pair-format.ts";

const CODE = "BAD_IDX";

async function decode(bytes: Uint8Array<ArrayBuffer>, file: string) {
  const { readIdx } = await import("./idx.ts");
  return readIdx(bytes, file);
}

const withGz = (base: string) => [base, `${base}.gz`];

export const IDX = pairFormat({
  title: "images …images-idx3-ubyte and their labels …labels-idx1-ubyte (or .gz)",
  code: CODE,
  matches: (base) => /idx|ubyte/i.test(base),
  find: findIdxSet,
  features: /images|idx3/i,
  labelsOf(base) {
    const images = base.replace(/\.gz$/, "");
    const labels = images.replace("images", "labels").replace("idx3", "idx1");
    return labels === images ? undefined : withGz(labels);
  },
  misnamed: "an IDX file of images needs a name with `images` in it, so that its labels can be found.",
  testOf(base) {
    const images = base.replace(/\.gz$/, "");
    if (!/train/.test(images)) return [];
    return ["test", "t10k"].flatMap((part) => withGz(images.replace("train", part)));
  },
  decode,
  turn,
});

/** EMNIST's images are stored with rows and columns exchanged, as its readers in MATLAB wanted them. */
function turn(base: string, features: LabelArray, { transpose }: PictureOptions): Turned {
  const known = /emnist/i.test(base);
  if (features.shape.length !== 3 || !(transpose ?? known)) return { features, notes: [] };
  const why = known ? "as EMNIST's files hold them transposed; --no-transpose leaves them" : "as chosen";
  return { features: transposed(features), notes: [`Rows and columns of the pictures are exchanged, ${why}.`] };
}

/** [N×H×W] as [N×W×H]. */
function transposed({ shape, values }: LabelArray): LabelArray {
  const [rows, height, width] = shape as [number, number, number];
  const out = new (values.constructor as new (n: number) => typeof values)(values.length);
  for (let i = 0, from = 0; i < rows; i++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, from++) out[(i * width + x) * height + y] = values[from]!;
  return { shape: [rows, width, height], values: out };
}

/** The published names without `.gz`; some copies have a dot where these have the dash before `idx`. */
const NAME = /^(?:(.+)[-_.])?(train|t10k|test)[-_](images|labels)[-_.](idx[13])[-_]ubyte(?:\.gz)?$/;
const PLACES = ["train images", "train labels", "test images", "test labels"];

/**
 * Files with the published names, in the order of PLACES; undefined if there are none. Names may begin with that of the
 * set, as EMNIST's do. Raises InvalidInput if one of a pair is missing, and for a folder of several sets.
 */
export function findIdxSet(files: FileSet, paths: readonly string[]): readonly string[] | undefined {
  const sets = new Map<string, (string | undefined)[]>();
  for (const path of [...paths].sort((a, b) => Number(/\.gz$/.test(a)) - Number(/\.gz$/.test(b)))) {
    const [, prefix = "", part, kind] = NAME.exec(baseOf(path)) ?? [];
    if (part === undefined) continue;
    const found = sets.get(prefix) ?? [undefined, undefined, undefined, undefined];
    sets.set(prefix, found);
    found[PLACES.indexOf(`${part === "t10k" ? "test" : part} ${kind}`)] ??= path;
  }
  if (sets.size === 0) return undefined;
  const prefix = sets.size === 1 ? [...sets.keys()][0]! : "";
  const found = sets.get(prefix);
  if (!found) {
    const images = [...sets.values()].map((set) => set[0]).find((path) => path !== undefined);
    const reason = `the folder holds several sets: ${[...sets.keys()].sort().join(", ")}. Give the training images of one, such as ${baseOf(images ?? "")}.`;
    throw refuse(files, "", "DATA_NOT_FOUND", reason);
  }
  const dashed = prefix === "" ? "" : `${prefix}-`;
  const name = (k: number) =>
    `${dashed}${k < 2 ? "train" : prefix === "" ? "t10k" : "test"}-${k % 2 === 0 ? "images-idx3" : "labels-idx1"}-ubyte`;
  for (const k of PLACES.keys()) {
    // of its pair; and no test part without training part
    const other = found[k ^ 1] ?? (k === 0 ? found[2] : undefined);
    if (found[k] !== undefined || other === undefined) continue;
    const reason = `${name(k)} (or .gz) is missing beside ${baseOf(other)}.`;
    throw refuse(files, folderOf(other), "DATA_NOT_FOUND", reason);
  }
  return found.filter((path) => path !== undefined);
}

/** The set in `paths`: images and labels of the training part, then those of the test part. */
export function readIdxSet(
  files: FileSet,
  paths: readonly string[],
  name: string,
  classes?: readonly string[],
): Promise<Source> {
  return readPairs({ code: CODE, decode, turn }, files, paths, name, classes);
}
