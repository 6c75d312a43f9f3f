// Node only. Finding and reading the four IDX files of an MNIST-like set in a folder.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InvalidInput } from "../../errors.ts";
import type { Dataset, Source } from "../dataset.ts";
import { dataWarnings } from "../table-warnings.ts";
import { datasetFromArrays, shareClasses } from "./arrays.ts";
import { type Idx, readIdx } from "./idx.ts";

/** Paths of images and labels of one part. */
export type Pair = { readonly images: string; readonly labels: string };
export type IdxSet = { readonly train: Pair; readonly test?: Pair };

/** The published names without `.gz`; some copies have a dot where these have the dash before `idx`. */
const NAMES = {
  train: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
  test: ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
} as const;

/** The IDX files in a folder, gzipped or not; undefined if there is none. Raises InvalidInput if one of a pair is missing. */
export async function findIdxSet(folder: string): Promise<IdxSet | undefined> {
  const present = new Set(await readdir(folder));
  const find = (name: string) =>
    [name, `${name}.gz`, name.replace("-idx", ".idx"), `${name.replace("-idx", ".idx")}.gz`].find((n) =>
      present.has(n),
    );
  const pair = ([images, labels]: readonly [string, string]): Pair | undefined => {
    const found = [find(images), find(labels)] as const;
    if (!found[0] && !found[1]) return undefined;
    if (!found[0] || !found[1]) {
      const reason = `${found[0] ? labels : images} (or .gz) is missing beside ${found[0] ?? found[1]}.`;
      throw new InvalidInput("DATA_NOT_FOUND", reason, { file: folder });
    }
    return { images: join(folder, found[0]), labels: join(folder, found[1]) };
  };
  const train = pair(NAMES.train);
  const test = pair(NAMES.test);
  if (test && !train)
    throw new InvalidInput("DATA_NOT_FOUND", `${NAMES.train[0]} (or .gz) is missing.`, { file: folder });
  return train && { train, ...(test && { test }) };
}

/** The labels file that belongs to an images file, by name, e.g. `a-labels-idx1-ubyte` beside `a-images-idx3-ubyte.gz`. */
export async function findLabels(images: string): Promise<string> {
  const name = basename(images, ".gz");
  const labels = name.replace(/images/i, "labels").replace("idx3", "idx1");
  const found = (await readdir(dirname(images))).find(
    (n) => n !== basename(images) && [labels, `${labels}.gz`].includes(n),
  );
  if (found !== undefined && labels !== name) return join(dirname(images), found);
  const expected =
    labels === name ? "a name with `images` in it, so that its labels can be found" : `${labels} (or .gz) beside it`;
  throw new InvalidInput("DATA_NOT_FOUND", `an IDX file of images needs ${expected}.`, { file: images });
}

/** Read the parts of an IDX set. Without `classes` the largest label of either part says how many there are. */
export async function readIdxSet(name: string, { train, test }: IdxSet, classes?: readonly string[]): Promise<Source> {
  const hash = createHash("sha256");
  const started: Promise<Idx>[] = []; // all files are inflated at once, on threads of the platform's own
  for (const file of [train, test].flatMap((pair) => (pair ? [pair.images, pair.labels] : []))) {
    const bytes = await readBytes(file);
    const read = readIdx(bytes, file);
    read.catch(() => {}); // awaited below, in order: of several bad files the first is named
    started.push(read);
    hash.update(bytes);
  }
  const [images, labels, testImages, testLabels] = started as [
    Promise<Idx>,
    Promise<Idx>,
    Promise<Idx>?,
    Promise<Idx>?,
  ];
  const first = pairFiles(`${name} train`, train, await images, await labels, classes);
  const second = test && pairFiles(`${name} test`, test, (await testImages)!, (await testLabels)!, classes);
  return { name, ...shareClasses(first, second), sha256: hash.digest("hex"), warnings: dataWarnings(first) };
}

function pairFiles(name: string, files: Pair, images: Idx, labels: Idx, classes?: readonly string[]): Dataset {
  const names = { name, code: "BAD_IDX", featuresFile: files.images, labelsFile: files.labels };
  return datasetFromArrays(images, labels, { ...names, classes });
}

const MOST_BYTES = 2 ** 31; // what Node reads into one buffer

/**
 * All bytes of a plain file of fewer than `most` bytes. A pipe or device in its place is refused and never waited for; with
 * `follow` false so is a link. Raises InvalidInput DATA_NOT_FOUND or DATA_UNREADABLE.
 */
export async function readBytes(file: string, most = MOST_BYTES, follow = true): Promise<Uint8Array<ArrayBuffer>> {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants; // Windows has but the first
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
    const found = await handle.stat();
    const reason = !found.isFile()
      ? "it is not a plain file."
      : `it has ${found.size} bytes; fewer than ${most} are read.`;
    if (!found.isFile() || found.size >= most) throw new InvalidInput("DATA_UNREADABLE", reason, { file });
    const read = await handle.readFile();
    return new Uint8Array(read.buffer, read.byteOffset, read.length); // the same memory, but not a Buffer
  } catch (error) {
    throw error instanceof InvalidInput ? error : unreadable(file, error);
  } finally {
    await handle?.close();
  }
}

/** The InvalidInput for a file that the system would not give us. */
export function unreadable(file: string, cause: unknown): InvalidInput {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOENT"
    ? new InvalidInput("DATA_NOT_FOUND", "there is no such file.", { file }, { cause: cause as Error })
    : new InvalidInput("DATA_UNREADABLE", `the file cannot be read (${code}).`, { file }, { cause: cause as Error });
}
