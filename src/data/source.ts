// Node only. From what a person types after `train` to a Source: a named set, a folder, or a file.
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { InvalidInput, must, show } from "../errors.ts";
import type { Dataset, Source } from "./dataset.ts";
import { drawDigits } from "./digits/digits.ts";
import { datasetFromArrays, shareClasses } from "./formats/arrays.ts";
import { type CsvOptions, readCsv } from "./formats/csv.ts";
import { findIdxSet, findLabels, readBytes, readIdxSet, unreadable } from "./formats/idx-files.ts";
import { readNpy } from "./formats/npy.ts";
import { readNpz } from "./formats/npz.ts";
import { CATALOGUE, type NamedOptions, readNamed } from "./named/catalogue.ts";
import { nearest } from "./nearest.ts";
import { sharedRowsWarning } from "./shared-rows.ts";
import { dataWarnings } from "./table-warnings.ts";

export type LoadOptions = Pick<NamedOptions, "dataDir" | "onProgress"> & {
  readonly label?: string | null | undefined; //       of a table, as in CsvOptions
  readonly classes?: readonly string[] | undefined; // of a table, as in CsvOptions
  readonly seed?: number | undefined; //               of the drawn digits, by default 1
};

const TABLES = [".csv", ".tsv", ".txt"];

/**
 * Read `data`: a named set (`digits`, `mnist`, `fashion-mnist`, `kmnist`); a folder with the IDX files of a set, with train.csv and
 * perhaps test.csv (also .tsv), or with PNG images in folders named by their class; or a file: a table (.csv, .tsv, .txt, .parquet),
 * IDX images with their labels beside them, X.npy with y.npy beside it (and X_test.npy, y_test.npy as a test part), or an .npz archive
 * of such arrays. `./mnist` is a folder even if a set has that name. Every refusal is an InvalidInput with its file; a failed download
 * is an EnvironmentFailure.
 */
export async function loadSource(data: string, options: LoadOptions = {}): Promise<Source> {
  const named = CATALOGUE.get(data);
  if (isNamed(data)) {
    must(!options.label, "--label", "left out for a named set", options.label);
    return named ? readNamed(data, named, options) : drawDigits({ seed: options.seed ?? 1 });
  }
  const found = await stat(data).catch((error: NodeJS.ErrnoException) => {
    throw /[/\\.]/.test(data) || error.code !== "ENOENT" ? unreadable(data, error) : unknownName(data);
  });
  if (!found.isDirectory() && !found.isFile())
    throw new InvalidInput("DATA_UNREADABLE", "it is neither a file nor a folder.", { file: data });
  try {
    const source = await (found.isDirectory() ? loadFolder(data, options) : loadFile(data, options));
    const { train, test, warnings } = source;
    return test && train.cols === test.cols
      ? { ...source, warnings: [...warnings, ...sharedRowsWarning(train, test)] }
      : source;
  } catch (error) {
    if (error instanceof InvalidInput && error.file === undefined)
      throw new InvalidInput(error.code, error.message, { file: data, at: error.at }, { cause: error });
    throw error;
  }
}

/** Whether `data` is a set's name and not a path. */
export function isNamed(data: string): boolean {
  return data === "digits" || CATALOGUE.has(data);
}

function unknownName(data: string): InvalidInput {
  const names = ["digits", ...CATALOGUE.keys()];
  const near = nearest(data, names);
  const remedy = near === undefined ? "" : ` Did you mean ${near}?`;
  const reason = `${show(data)} is neither a file or folder here nor one of ${names.join(", ")}.${remedy}`;
  return new InvalidInput("UNKNOWN_DATA", reason);
}

async function loadFolder(folder: string, options: LoadOptions): Promise<Source> {
  const name = basename(folder) || "data";
  const idx = await findIdxSet(folder);
  if (idx) return readIdxSet(name, idx, options.classes);
  const present = await readdir(folder);
  const extension = [".csv", ".tsv"].find((end) => present.includes(`train${end}`));
  if (extension === undefined) {
    must(!options.label, "--label", "left out for a folder of images", options.label, "", { file: folder });
    const { readPngFolder } = await import("./formats/png-folder.ts");
    const images = await readPngFolder(folder, name, options.classes);
    if (images) return images;
    const reason =
      "the folder holds neither train-images-idx3-ubyte (or .gz), train.csv or train.tsv, nor folders of PNG images, one a class.";
    throw new InvalidInput("DATA_NOT_FOUND", reason, { file: folder });
  }
  const hash = createHash("sha256");
  const first = await readTable(join(folder, `train${extension}`), `${name} train`, hash, options);
  if (!present.includes(`test${extension}`))
    return { name, train: first.data, sha256: hash.digest("hex"), warnings: first.warnings };
  const file = join(folder, `test${extension}`);
  const { classes, featureNames } = first.data;
  const second = await readTable(file, `${name} test`, hash, { ...options, classes });
  const columns = [featureNames, second.data.featureNames].map((names, k) =>
    JSON.stringify(names ?? [first, second][k]?.data.cols),
  );
  if (columns[0] !== columns[1]) {
    const reason = `the columns must be those of train${extension}, ${columns[0]}, got ${columns[1]}.`;
    throw new InvalidInput("BAD_CSV", reason, { file, at: "row 1" });
  }
  const warnings = [...first.warnings, ...second.warnings.map((warning) => `test${extension}: ${warning}`)];
  return { name, train: first.data, test: second.data, sha256: hash.digest("hex"), warnings };
}

async function loadFile(file: string, options: LoadOptions): Promise<Source> {
  const extension = extname(file).toLowerCase();
  const name = basename(file, extname(file));
  if (TABLES.includes(extension)) {
    const hash = createHash("sha256");
    const { data, warnings } = await readTable(file, name, hash, options);
    return { name, train: data, sha256: hash.digest("hex"), warnings };
  }
  if (extension === ".parquet") return loadParquet(file, name, options);
  must(!options.label, "--label", "left out for this kind of file", options.label, "", { file });
  if (extension === ".npy") return loadNpy(file, options);
  if (extension === ".npz") return loadNpz(file, name, options);
  if (/idx|ubyte/i.test(basename(file))) {
    const labels = await findLabels(file);
    return readIdxSet(name, { train: { images: file, labels } }, options.classes);
  }
  const reason = `this kind of file is not read. Tables end in ${TABLES.join(", ")} or .parquet, arrays in .npy or .npz, images in idx3-ubyte or idx3-ubyte.gz.`;
  throw new InvalidInput("UNKNOWN_FORMAT", reason, { file });
}

async function readTable(file: string, name: string, hash: Hash, { label, classes }: LoadOptions) {
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (!found.isFile()) throw new InvalidInput("DATA_UNREADABLE", "it is not a plain file.", { file });
  async function* chunks() {
    const stream = createReadStream(file, { highWaterMark: 1 << 18 });
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw error instanceof InvalidInput ? error : unreadable(file, error);
    }
  }
  const options: CsvOptions = { name, file, label, classes };
  return readCsv(chunks(), extname(file).toLowerCase() === ".tsv" ? { ...options, delimiter: "\t" } : options);
}

async function loadNpy(file: string, { classes }: LoadOptions): Promise<Source> {
  const name = basename(file, ".npy");
  if (!/^X/i.test(name)) {
    const reason = "an array of features must be called X….npy, so that its labels y….npy can be found beside it.";
    throw new InvalidInput("DATA_NOT_FOUND", reason, { file });
  }
  const present = await readdir(dirname(file));
  const hash = createHash("sha256");
  const beside = (letter: string, rest: string) => present.find((n) => n.toLowerCase() === `${letter}${rest}.npy`);
  const read = async (path: string) => {
    const bytes = await readBytes(path);
    hash.update(bytes);
    return readNpy(bytes, path);
  };
  const part = async (features: string, rest: string): Promise<Dataset> => {
    const labels = beside("y", rest);
    if (labels === undefined)
      throw new InvalidInput("DATA_NOT_FOUND", `y${rest}.npy is missing beside it.`, { file: features });
    const labelsFile = join(dirname(file), labels);
    const names = { name: basename(features, ".npy"), code: "BAD_NPY", featuresFile: features, labelsFile, classes };
    return datasetFromArrays(await read(features), await read(labelsFile), names);
  };
  const rest = name.slice(1).toLowerCase();
  const train = await part(file, rest);
  const held = rest === "" || rest === "_train" ? beside("x", "_test") : undefined;
  const test = held && (await part(join(dirname(file), held), "_test"));
  const warnings = dataWarnings(train);
  return { name, ...shareClasses(train, test || undefined), sha256: hash.digest("hex"), warnings };
}

async function loadParquet(file: string, name: string, { label, classes }: LoadOptions): Promise<Source> {
  const bytes = await readBytes(file);
  const { readParquet } = await import("./formats/parquet.ts");
  const { data, warnings } = await readParquet(bytes, { name, file, label, classes });
  return { name, train: data, sha256: createHash("sha256").update(bytes).digest("hex"), warnings };
}

async function loadNpz(file: string, name: string, { classes }: LoadOptions): Promise<Source> {
  const bytes = await readBytes(file);
  const { warnings, ...parts } = await readNpz(bytes, { name, file, classes });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { name, ...parts, sha256, warnings: [...warnings, ...dataWarnings(parts.train)] };
}
