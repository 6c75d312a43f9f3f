// Pictures in Parquet files, {bytes, path}, as the data sets of Hugging Face keep them: one file or several a part.
import { InvalidInput, show } from "../../errors.ts";
import type { Source } from "../dataset.ts";
import { baseOf, type FileSet, hashing, stemOf } from "../file-set.ts";
import { memoryFiles } from "../memory-files.ts";
import { pictureSource } from "../pictures/picture-source.ts";
import { type LabelledFile, type PicturePart, readPictures } from "../pictures/read-pictures.ts";
import { sortClasses } from "./class-order.ts";
import { begin, isTest, type ReadOptions } from "./format.ts";
import { pictureOf, readGroup } from "./parquet.ts";
import { readFooter } from "./parquet-file.ts";
import { badParquet } from "./parquet-structs.ts";

/** An encoded picture, as it lies in a file. */
export type StoredPicture = { readonly path: string | null; readonly bytes: Uint8Array<ArrayBuffer> };

/** The pictures of a file, and the label of each where it has such a column. */
export type StoredPictures = {
  readonly pictures: readonly StoredPicture[];
  readonly labels: readonly string[] | undefined;
};

/**
 * The pictures of a Parquet file of Hugging Face's data sets, with the label of each where there is such a column, by
 * its name where the file's metadata have it; undefined where it holds no pictures.
 */
export async function readParquetPictures(
  bytes: Uint8Array<ArrayBuffer>,
  file?: string,
  label?: string,
): Promise<StoredPictures | undefined> {
  const { columns, groups, metadata } = readFooter(bytes, file);
  const top = pictureOf(columns);
  if (top === undefined) return undefined;
  const at = (child: string) => columns.findIndex(({ path }) => path[0] === top && path[1] === child);
  const others = columns.filter(({ path }) => path[0] !== top);
  const called = others.filter(({ name }) =>
    label === undefined ? /^(?:label|class|target)$/i.test(name) : name === label,
  );
  const labelAt = called.length === 1 ? columns.indexOf(called[0]!) : -1;
  const pictures: StoredPicture[] = [];
  const labels: string[] = [];
  const names = labelAt < 0 ? undefined : classNames(metadata.get("huggingface"), columns[labelAt]!.name);
  for (const group of groups) {
    const cells = await readGroup(bytes, group, ({ path }) => path[0] === top && path[1] === "bytes", file);
    for (let i = 0; i < group.rows; i++) {
      const [content, path] = [cells[at("bytes")]![i], cells[at("path")]![i]];
      if (!(content instanceof Uint8Array)) {
        const place = `row ${pictures.length + 1} column ${at("bytes") + 1} (${top})`;
        throw badParquet(file, place, "the picture's bytes are missing; only its path is there.");
      }
      pictures.push({ bytes: Uint8Array.from(content), path: typeof path === "string" ? path : null });
      if (labelAt < 0) continue;
      const value = cells[labelAt]![i];
      labels.push((typeof value === "number" ? names?.[value] : undefined) ?? String(value));
    }
  }
  return { pictures, labels: labelAt < 0 ? undefined : labels };
}

/** The names of a ClassLabel in the metadata of Hugging Face. */
function classNames(text: string | undefined, column: string): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(text ?? "").info.features[column].names;
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}

const PARTS = ["train", "test", "validation"] as const;

/** train-00000-of-00002.parquet, test.parquet, validation-… */
const partOf = (path: string): (typeof PARTS)[number] =>
  isTest(path) ? "test" : /(^|[/_.-])(val|valid|validation|dev)([/_.-]|$)/i.test(path) ? "validation" : "train";

/** The data set of pictures in these files; those of one part are read in the order of their names. */
export async function readPictureFiles(
  files: FileSet,
  paths: readonly string[],
  { name: given, label, classes: known, pictures: options = {} }: ReadOptions,
): Promise<Source> {
  const hashed = hashing(files);
  const byPart = Map.groupBy(paths.toSorted(), partOf);
  const only = byPart.size === 1 ? [...byPart.values()][0] : undefined; // whatever it is called
  const name = given ?? stemOf(paths[0]!);
  const read = new Map<string, PicturePart>();
  let classes = known;
  for (const part of PARTS) {
    const of = only ? (part === "train" ? only : undefined) : byPart.get(part);
    if (of === undefined) continue;
    const found = await gather(hashed, of, label);
    classes ??= label === null ? ["0"] : sortClasses([...new Set(found.labels)]);
    const numbers = new Map(classes.map((word, c) => [word, c]));
    const items = found.names.map((path, i): LabelledFile => {
      const c = label === null ? 0 : numbers.get(found.labels[i]!);
      if (c !== undefined) return { path, label: c };
      const reason = `the label must be one of the classes ${show(classes)}, got ${show(found.labels[i])}.`;
      throw new InvalidInput("UNKNOWN_CLASS", reason, { file: files.shown(of[0]!), at: path });
    });
    const like = read.get("train")?.data.picture;
    const hash = files.hasher(); // the files' own is that of the source
    const titled = byPart.size > 1 ? `${name} ${part}` : name;
    read.set(part, await readPictures(found.set, items, { name: titled, classes, options, like, hash }));
  }
  return pictureSource(name, read, await hashed.digest());
}

/** The pictures of some files as a set of files, with their labels. */
async function gather(files: FileSet, paths: readonly string[], label: string | null | undefined) {
  const entries: { name: string; bytes: Uint8Array<ArrayBuffer> }[] = [];
  const labels: string[] = [];
  for (const path of paths) {
    const file = files.shown(path);
    const found = await readParquetPictures(
      await files.bytes(path, begin(files, path, "BAD_PARQUET")),
      file,
      label ?? undefined,
    );
    if (!found)
      throw new InvalidInput("BAD_PARQUET", "it holds no pictures, and other files of its part do.", { file });
    if (label !== null && !found.labels) {
      const what = label === undefined ? "no column named label, class or target" : `no column ${show(label)}`;
      const reason = `its pictures have no labels: there is ${what}. --label names the column.`;
      throw new InvalidInput("BAD_PARQUET", reason, { file });
    }
    found.pictures.forEach(({ path: own, bytes }, i) => {
      const row = `row ${i + 1}${own === null ? "" : ` (${baseOf(own)})`}`;
      entries.push({ name: `${baseOf(path)}/${row}`, bytes });
    });
    if (found.labels) for (const word of found.labels) labels.push(word);
  }
  const set = { ...memoryFiles(entries), shown: (name: string) => `${files.shown(paths[0]!)}/${name}` };
  const inOne = paths.length === 1; // then its name is the root of the set
  const names = entries.map((entry) => (inOne ? entry.name.slice(entry.name.indexOf("/") + 1) : entry.name));
  return { set, names, labels };
}
