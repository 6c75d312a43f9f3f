// Files that a visitor dropped, as a data set, a model, or both. The formats and their refusals are those of data/; each reader
// of data is loaded when it is needed.
import type { Dataset, Source } from "../../data/dataset.ts";
import { sharedRowsWarning } from "../../data/shared-rows.ts";
import { must, show } from "../../errors.ts";
import { decodeModel } from "../../files/model/model-file.ts";
import { sha256 } from "../../numerics/sha256.ts";
import type { Model } from "../../training/model.ts";
import { type NamedBytes, refuse } from "./dropped-file.ts";
import type { GivenFile } from "./protocol.ts";

/** What the files hold. `model` is a network to start from. */
export type Given = { readonly source?: Source; readonly model?: Model };

type Kind = "model" | "table" | "parquet" | "npy" | "npz" | "png" | "idx";

const READERS: Record<Exclude<Kind, "model">, (files: readonly NamedBytes[]) => Promise<Source>> = {
  table: readTables,
  parquet: readParquetFile,
  npy: readArrays,
  npz: readArchive,
  png: async (files) => (await import("./dropped-images.ts")).readImages(files),
  idx: readIdxFiles,
};

/** Raises InvalidInput, naming the file. */
export async function readFiles(files: readonly GivenFile[]): Promise<Given> {
  const seen = files.filter(({ name }) => !baseOf(name).startsWith("."));
  must(seen.length > 0, "the drop", "at least one file", seen.length, "", {}, "DATA_NOT_FOUND");
  const kinds = Map.groupBy(
    seen.map(({ name, bytes }): NamedBytes => ({ name, bytes: new Uint8Array(bytes) })),
    ({ name }) => kindOf(name),
  );
  const [modelFile, second] = kinds.get("model") ?? [];
  if (second) throw refuse(second.name, "UNKNOWN_FORMAT", "one model at a time can be opened.");
  kinds.delete("model");
  if (kinds.size > 1) {
    const [, [odd]] = [...kinds.values()] as [NamedBytes[], [NamedBytes]];
    throw refuse(
      odd.name,
      "UNKNOWN_FORMAT",
      `drop files of one kind: this one is not of the kind of ${show(seen[0]!.name)}.`,
    );
  }
  const model = modelFile && (await readModel(modelFile));
  const [data] = kinds;
  const source = data && withWarnings(await READERS[data[0] as Exclude<Kind, "model">](data[1]));
  return { ...(source && { source }), ...(model && { model }) };
}

/** With a word about test rows that were trained on. */
function withWarnings(source: Source): Source {
  const { train, test, warnings } = source;
  return test && test.cols === train.cols
    ? { ...source, warnings: [...warnings, ...sharedRowsWarning(train, test)] }
    : source;
}

const baseOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The name without folders and extension. */
const stemOf = (name: string): string =>
  baseOf(name)
    .replace(/\.gz$/i, "")
    .replace(/\.[^.]*$/, "") || "data";

function kindOf(name: string): Kind {
  const base = baseOf(name).toLowerCase();
  const end = /\.([^.]*)$/.exec(base)?.[1] ?? "";
  if (end === "safetensors") return "model";
  if (["csv", "tsv", "txt"].includes(end)) return "table";
  if (end === "parquet" || end === "npy" || end === "npz" || end === "png") return end;
  if (/idx|ubyte/.test(base)) return "idx";
  const read =
    "Tables end in .csv, .tsv, .txt or .parquet, arrays in .npy or .npz, images in idx3-ubyte (or .gz) or .png, models in .safetensors";
  throw refuse(name, "UNKNOWN_FORMAT", `this kind of file is not read. ${read}.`);
}

/** Whether a name says that the file belongs to the test part. */
const isTest = (name: string): boolean => /(^|[/_.-])(t10k|test)([/_.-]|$)/i.test(name);

/** The file of each part; of two files one must say that it is the test part. */
function partsOf(files: readonly NamedBytes[]): { train: NamedBytes; test?: NamedBytes } {
  const test = files.filter(({ name }) => isTest(name));
  const train = files.filter(({ name }) => !isTest(name));
  if (files.length === 1) return { train: files[0]! };
  if (train.length === 1 && test.length === 1) return { train: train[0]!, test: test[0]! };
  const reason =
    "of two files one is the training part and the other, with test in its name, the test part; more are not taken.";
  throw refuse(files[1]!.name, "DATA_NOT_FOUND", reason);
}

async function readModel({ name, bytes }: NamedBytes): Promise<Model> {
  return (await decodeModel(bytes, name)).model;
}

async function readTables(files: readonly NamedBytes[]): Promise<Source> {
  const { readCsv } = await import("../../data/formats/csv.ts");
  const parts = partsOf(files);
  const read = ({ name, bytes }: NamedBytes, classes?: readonly string[]) =>
    readCsv([bytes], {
      ...{ name: stemOf(name), file: name, classes },
      ...(/\.tsv$/i.test(name) && { delimiter: "\t" as const }),
    });
  const first = await read(parts.train);
  const second = parts.test && (await read(parts.test, first.data.classes));
  if (second && second.data.cols !== first.data.cols) {
    const reason = `the columns must be those of ${parts.train.name}: ${first.data.cols} features, got ${second.data.cols}.`;
    throw refuse(parts.test!.name, "BAD_CSV", reason);
  }
  const hashed = [parts.train, parts.test].filter((part) => part !== undefined).map(({ bytes }) => bytes);
  return {
    ...{ name: first.data.name, train: first.data, ...(second && { test: second.data }) },
    ...{ sha256: await sha256(...hashed), warnings: [...first.warnings, ...(second?.warnings ?? [])] },
  };
}

async function readParquetFile(files: readonly NamedBytes[]): Promise<Source> {
  const [{ name, bytes }, more] = files as [NamedBytes, NamedBytes?];
  if (more) throw refuse(more.name, "UNKNOWN_FORMAT", "one Parquet file at a time is read.");
  const { readParquet } = await import("../../data/formats/parquet.ts");
  const { data, warnings } = await readParquet(bytes, { name: stemOf(name), file: name });
  return { name: data.name, train: data, sha256: await sha256(bytes), warnings };
}

async function readArchive(files: readonly NamedBytes[]): Promise<Source> {
  const [{ name, bytes }, more] = files as [NamedBytes, NamedBytes?];
  if (more) throw refuse(more.name, "UNKNOWN_FORMAT", "one archive at a time is read.");
  const [{ readNpz }, { dataWarnings }] = await Promise.all([
    import("../../data/formats/npz.ts"),
    import("../../data/table-warnings.ts"),
  ]);
  const { warnings, ...parts } = await readNpz(bytes, { name: stemOf(name), file: name });
  const all = [...warnings, ...dataWarnings(parts.train)];
  return { name: stemOf(name), ...parts, sha256: await sha256(bytes), warnings: all };
}

/** X….npy with y….npy, and perhaps X_test.npy with y_test.npy. */
async function readArrays(files: readonly NamedBytes[]): Promise<Source> {
  const { readNpy } = await import("../../data/formats/npy.ts");
  return readPairs(files, "BAD_NPY", /^x/i, "X….npy and its labels y….npy", async ({ name, bytes }) =>
    readNpy(bytes, name),
  );
}

/** The images and labels of MNIST-like sets, gzipped or not. */
async function readIdxFiles(files: readonly NamedBytes[]): Promise<Source> {
  const { readIdx } = await import("../../data/formats/idx.ts");
  const what = "…images-idx3-ubyte and its …labels-idx1-ubyte (or .gz)";
  return readPairs(files, "BAD_IDX", /images|idx3/i, what, ({ name, bytes }) => readIdx(bytes, name));
}

/** Arrays of features, whose names match `features`, each with an array of labels. */
async function readPairs(
  files: readonly NamedBytes[],
  code: string,
  features: RegExp,
  what: string,
  read: (file: NamedBytes) => Promise<Parameters<typeof import("../../data/formats/arrays.ts").datasetFromArrays>[0]>,
): Promise<Source> {
  const [{ datasetFromArrays, shareClasses }, { dataWarnings }] = await Promise.all([
    import("../../data/formats/arrays.ts"),
    import("../../data/table-warnings.ts"),
  ]);
  const hashed: Uint8Array[] = [];
  const part = async (some: readonly NamedBytes[], name: string): Promise<Dataset> => {
    const images = some.filter((file) => features.test(baseOf(file.name)));
    const labels = some.filter((file) => !features.test(baseOf(file.name)));
    if (images.length !== 1 || labels.length !== 1)
      throw refuse(some[0]!.name, "DATA_NOT_FOUND", `drop ${what} together, one pair a part.`);
    hashed.push(images[0]!.bytes, labels[0]!.bytes);
    const names = { name, code, featuresFile: images[0]!.name, labelsFile: labels[0]!.name };
    return datasetFromArrays(await read(images[0]!), await read(labels[0]!), names);
  };
  const held = files.filter(({ name }) => isTest(name));
  const rest = files.filter(({ name }) => !isTest(name));
  const only = rest.length === 0 ? held : rest;
  const train = await part(only, "dropped train");
  const test = only === rest && held.length > 0 ? await part(held, "dropped test") : undefined;
  const name = stemOf(only.find((file) => features.test(baseOf(file.name)))!.name);
  return { name, ...shareClasses(train, test), sha256: await sha256(...hashed), warnings: dataWarnings(train) };
}
