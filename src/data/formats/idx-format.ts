// IDX files as a format of data sets: the four of an MNIST-like set, or images with their labels; gzipped or not.
import type { Source } from "../dataset.ts";
import { baseOf, type FileSet, folderOf } from "../file-set.ts";
import { refuse } from "./format.ts";
import { pairFormat, readPairs } from "./pair-format.ts";

const CODE = "BAD_IDX";

async function decode(bytes: Uint8Array<ArrayBuffer>, file: string) {
  const { readIdx } = await import("./idx.ts");
  return readIdx(bytes, file);
}

export const IDX = pairFormat({
  title: "images …images-idx3-ubyte and their labels …labels-idx1-ubyte (or .gz)",
  code: CODE,
  matches: (base) => /idx|ubyte/i.test(base),
  find: findIdxSet,
  features: /images|idx3/i,
  labelsOf(base) {
    const images = base.replace(/\.gz$/, "");
    const labels = images.replace("images", "labels").replace("idx3", "idx1");
    return labels === images ? undefined : [labels, `${labels}.gz`];
  },
  misnamed: "an IDX file of images needs a name with `images` in it, so that its labels can be found.",
  decode,
});

/** The published names without `.gz`; some copies have a dot where these have the dash before `idx`. */
const NAMES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

/**
 * Files with the published names, in this order; undefined if there are none. Raises InvalidInput if one of a pair is
 * missing.
 */
export function findIdxSet(files: FileSet, paths: readonly string[]): readonly string[] | undefined {
  const found = NAMES.map((name) => {
    const dotted = name.replace("-idx", ".idx");
    const bases = [name, `${name}.gz`, dotted, `${dotted}.gz`];
    return bases.flatMap((base) => paths.filter((path) => baseOf(path) === base))[0];
  });
  for (const [k, name] of NAMES.entries()) {
    // of its pair; and no test part without training part
    const other = found[k ^ 1] ?? (k === 0 ? found[2] : undefined);
    if (found[k] !== undefined || other === undefined) continue;
    const reason = `${name} (or .gz) is missing beside ${baseOf(other)}.`;
    throw refuse(files, folderOf(other), "DATA_NOT_FOUND", reason);
  }
  const set = found.filter((path) => path !== undefined);
  return set.length > 0 ? set : undefined;
}

/** The set in `paths`: images and labels of the training part, then those of the test part. */
export function readIdxSet(
  files: FileSet,
  paths: readonly string[],
  name: string,
  classes?: readonly string[],
): Promise<Source> {
  return readPairs({ code: CODE, decode }, files, paths, name, classes);
}
