// From files to a data set, the same on a disk and on a page: which format they are, which of a folder belong together,
// then reading.
import { InvalidInput, must, show } from "../errors.ts";
import type { Source } from "./dataset.ts";
import { baseOf, type FileSet, HEAD, within } from "./file-set.ts";
import type { LabelArray } from "./formats/arrays.ts";
import { ARROW, WORKBOOK } from "./formats/binary-formats.ts";
import { CSV } from "./formats/csv-format.ts";
import { begin, type Format, type ReadOptions, refuse } from "./formats/format.ts";
import { IDX } from "./formats/idx-format.ts";
import { IMAGES, readImageFolder, readListedPictures } from "./formats/image-folder.ts";
import { NPY } from "./formats/npy-format.ts";
import { NPZ } from "./formats/npz-format.ts";
import { gzipFormat, zipFormat } from "./formats/packed-format.ts";
import { PARQUET } from "./formats/parquet-format.ts";
import { ARFF, JSON_TABLE, LIBSVM } from "./formats/text-formats.ts";
import { PICTURE_ENDING } from "./pictures/header.ts";

const TABLES: readonly Format[] = [CSV, PARQUET, WORKBOOK, ARROW, JSON_TABLE, ARFF, LIBSVM];
const GZIP = gzipFormat(TABLES);

/** Names are looked up in this order: IDX last, as it takes every name with idx or ubyte in it. */
const FORMATS: readonly Format[] = [...TABLES, GZIP, zipFormat(TABLES), NPY, NPZ, IMAGES, IDX];

/** Sets that a folder holds by their names, in this order. */
const LAYOUTS: readonly Format[] = [IDX, ...TABLES, GZIP];

export type ReadFilesOptions = Omit<ReadOptions, "name"> & {
  /** What the caller reads besides data sets, for the refusal of an unknown file. */
  readonly others?: string | undefined;
};

/**
 * The data set in `paths`, which are one file or the files of its parts; without `paths` in the whole folder: an IDX
 * set or tables by their names, images in folders named by their class, or files of one format. Raises InvalidInput.
 */
export async function readSource(
  files: FileSet,
  paths: readonly string[] | undefined,
  options: ReadFilesOptions = {},
): Promise<Source> {
  try {
    return await (paths ? readFiles(files, paths, options) : readFolder(files, options));
  } catch (error) {
    if (!(error instanceof InvalidInput) || error.file !== undefined) throw error;
    const place = { file: files.shown(paths?.[0] ?? ""), at: error.at };
    throw new InvalidInput(error.code, error.reason, place, { cause: error });
  }
}

/** The array in a file, for prediction; undefined for a table and for a file of no known format. */
export async function readFeatures(
  files: FileSet,
  path: string,
  { pictures, arrays }: Pick<ReadOptions, "pictures" | "arrays"> = {},
): Promise<LabelArray | undefined> {
  const format = formatOf(path);
  if (!format?.readFeatures) return undefined;
  const limits = format.code && begin(files, path, format.code);
  return format.readFeatures(await files.bytes(path, limits), files.shown(path), pictures, arrays);
}

const formatOf = (path: string) => FORMATS.find(({ matches }) => matches(baseOf(path)));

async function readFiles(
  files: FileSet,
  paths: readonly string[],
  options: ReadOptions & ReadFilesOptions,
): Promise<Source> {
  const formats = paths.map((path) => {
    const format = formatOf(path);
    if (format) return format;
    const known = [...FORMATS.map(({ title }) => title), options.others ?? []].flat().join("; ");
    throw refuse(files, path, "UNKNOWN_FORMAT", `this kind of file is not read. What is read: ${known}.`);
  });
  const [format] = formats as [Format];
  const odd = paths[formats.findIndex((other) => other !== format)];
  if (odd !== undefined) {
    const reason = `files of one kind are read together: this one is not of the kind of ${show(baseOf(paths[0]!))}.`;
    throw refuse(files, odd, "UNKNOWN_FORMAT", reason);
  }
  const { label, classes } = options;
  const listed = format === CSV && paths.length === 1 ? await listedIn(files, paths[0]!, options) : undefined;
  if (listed) return listed;
  const named = classes !== undefined && label === classes.join(","); // a model's targets, which are no columns here
  if (format.readFeatures)
    must(!label || named, "--label", "left out for this kind of file", label, "", { file: files.shown(paths[0]!) });
  return format.read(files, paths, options);
}

/** The pictures that a table lists, where its first rows name any. */
async function listedIn(files: FileSet, path: string, options: ReadOptions): Promise<Source | undefined> {
  const head = new TextDecoder().decode(await firstBytes(files, path));
  const cells = head.split(/[\r\n]+/, 6).flatMap((line) => line.split(/[,;\t]/));
  const named = cells.some((cell) => PICTURE_ENDING.test(cell.replace(/^"|"$/g, "").trim()));
  // a copy of theirs would be held against the table alone
  return named ? readListedPictures(files, { ...options, keeping: undefined }, path) : undefined;
}

async function firstBytes(files: FileSet, path: string): Promise<Uint8Array> {
  for await (const chunk of files.chunks(path)) return chunk.subarray(0, HEAD);
  return new Uint8Array(0);
}

async function readFolder(files: FileSet, options: ReadFilesOptions): Promise<Source> {
  const { folders, paths } = await filesIn(files);
  const named = { ...options, name: files.name };
  if (folders.length > 0 || paths.some((path) => PICTURE_ENDING.test(path))) {
    const listed = await readListedPictures(files, options);
    if (listed) return listed;
  }
  for (const format of LAYOUTS) {
    const found = format.find?.(files, paths);
    if (found) return format.read(files, found, named);
  }
  if (folders.length > 0) {
    must(!options.label, "--label", "left out for a folder of images", options.label, "", { file: files.shown("") });
    return readImageFolder(files, options);
  }
  if (paths.length > 0) return readFiles(files, paths, named);
  const reason =
    "the folder holds neither train-images-idx3-ubyte (or .gz), train.csv or another table of that name (.tsv, .parquet, .jsonl, .arff, or .gz), nor folders of pictures, one a class.";
  throw refuse(files, "", "DATA_NOT_FOUND", reason);
}

/**
 * What lies in the root. Where that is nothing but one or two folders of files that are no images, such as raw/ or
 * train/ and test/, these files are taken for its own.
 */
async function filesIn(files: FileSet): Promise<{ folders: readonly string[]; paths: readonly string[] }> {
  const look = async (folder: string) => {
    const { folder: folders = [], file: paths = [] } = Object.groupBy(await files.list(folder), ({ kind }) =>
      kind === "folder" ? kind : "file",
    );
    return { folders: folders.map(({ name }) => name), paths: paths.map(({ name }) => within(folder, name)) };
  };
  const root = await look("");
  if (root.paths.length > 0 || root.folders.length > 2) return root;
  const inner = await Promise.all(root.folders.map(look));
  const paths = inner.flatMap((each) => each.paths);
  const plain = inner.every((each) => each.folders.length === 0 && each.paths.length > 0);
  return plain && !paths.some((path) => formatOf(path) === IMAGES) ? { folders: [], paths } : root;
}
