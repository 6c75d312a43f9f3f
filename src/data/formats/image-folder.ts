// Pictures as a format of data sets: folders named by their class (`train/7/123.png` and `test/7/…`, or `7/123.png`),
// or a table that lists files and labels.
import { InvalidInput, show } from "../../errors.ts";
import type { Source } from "../dataset.ts";
import { baseOf, type FileSet, folderOf, within } from "../file-set.ts";
import { decodePicture } from "../pictures/decode.ts";
import { entriesOf, picturesBelow, refuseFolder, Strays } from "../pictures/entries.ts";
import { PICTURE_ENDING, PICTURE_KINDS } from "../pictures/header.ts";
import { indexOf, isTable, type PictureIndex, type PictureList, readPictureList } from "../pictures/list.ts";
import type { PictureOptions } from "../pictures/picture-form.ts";
import { pictureSource } from "../pictures/picture-source.ts";
import { type LabelledFile, type PicturePart, readPictures } from "../pictures/read-pictures.ts";
import { toRow } from "../pictures/to-row.ts";
import type { Keeping, WithKeeping } from "../stored/keeping.ts";
import { sortClasses } from "./class-order.ts";
import type { Format } from "./format.ts";

const MOST_CLASSES = 65_536;

export const IMAGES: Format = {
  title: `pictures (${PICTURE_KINDS.join(", ")}) in folders named by their class, or listed with labels in a table`,
  matches: (base) => PICTURE_ENDING.test(base),
  code: "BAD_PICTURE",
  read: async (files, [path]) => {
    const reason = "images lie in folders named by their class: give the folder that holds those folders.";
    throw refuseFolder(files, path!, reason);
  },
  async readFeatures(bytes, file) {
    const picture = await decodePicture(bytes, file);
    const { width, height } = picture;
    const { row } = toRow(picture, { width, height, color: "grey", fit: "pad", invert: false });
    return { shape: [1, height, width], values: row };
  },
};

export type FolderOptions = {
  readonly classes?: readonly string[] | undefined;
  readonly pictures?: PictureOptions | undefined;
} & WithKeeping;

type Part = "train" | "test" | "validation";

/** What folders and lists of the parts are called. */
const PARTS: readonly (readonly [Part, RegExp])[] = [
  ["train", /^train(ing)?$/i],
  ["test", /^test(ing)?$/i],
  ["validation", /^(val|valid|validation|dev)$/i],
];

/** The pictures of the parts, before they are read; `classes` are those of the training part. */
type Found = {
  readonly classes: readonly string[];
  readonly parts: ReadonlyMap<Part, readonly LabelledFile[]>;
  readonly notes: readonly string[];
};

/**
 * The pictures in a set of files. Classes are folder names, in numeric order if all are numbers; with train/, test/ and
 * val/ all parts have the classes of train/. Pictures are taken class by class, files in the order of their UTF-16
 * codes; the hash covers each path and its bytes. Raises InvalidInput.
 */
export async function readImageFolder(
  files: FileSet,
  { classes, pictures, keeping }: FolderOptions = {},
): Promise<Source> {
  const strays = new Strays();
  const { folders, pictures: loose } = await entriesOf(files, "", strays);
  const folderOfPart = (part: Part) => folders.find((name) => PARTS.some(([of, is]) => of === part && is.test(name)));
  const train = folderOfPart("train");
  if (train === undefined) {
    const found = await itemsIn(files, "", folders, loose, strays, classes);
    const parts = new Map([["train" as const, found.items]]);
    return readFound(files, { classes: found.classes, parts, notes: strays.notes() }, pictures, keeping);
  }
  const parts = new Map<Part, readonly LabelledFile[]>();
  let known = classes;
  for (const [part] of PARTS) {
    const folder = folderOfPart(part);
    if (folder === undefined) continue;
    const inside = await entriesOf(files, folder, strays);
    const found = await itemsIn(files, folder, inside.folders, inside.pictures, strays, known);
    known = found.classes;
    parts.set(part, found.items);
  }
  const read = new Set(PARTS.map(([part]) => folderOfPart(part)));
  const others = folders.filter((name) => !read.has(name));
  const unread =
    others.length === 0
      ? []
      : [`Beside ${[...parts.keys()].join(" and ")} these folders are not read: ${show(others)}.`];
  const source = await readFound(files, { classes: known!, parts, notes: strays.notes() }, pictures, keeping);
  return { ...source, warnings: [...unread, ...source.warnings] };
}

/** Pictures and labels below `part`, which holds these folders. */
async function itemsIn(
  files: FileSet,
  part: string,
  folders: readonly string[],
  loose: readonly string[],
  strays: Strays,
  given?: readonly string[],
): Promise<{ items: LabelledFile[]; classes: readonly string[] }> {
  if (loose.length > 0)
    throw refuseFolder(files, part, `images lie in folders named by their class; ${show(loose[0])} lies in none.`);
  if (folders.length === 0) throw refuseFolder(files, part, "it holds no folder of images.");
  if (folders.length > MOST_CLASSES) throw refuseFolder(files, part, `it holds more than ${MOST_CLASSES} classes.`);
  const classes = given ?? sortClasses(folders);
  const [known, present] = [new Set(classes), new Set(folders)];
  const strange = folders.find((folder) => !known.has(folder));
  if (strange !== undefined)
    throw refuseFolder(files, within(part, strange), `the folder must be one of the classes ${show(classes)}.`);
  const items: LabelledFile[] = [];
  for (const [label, of] of classes.entries()) {
    if (!present.has(of)) continue;
    const folder = within(part, of);
    const inside = await entriesOf(files, folder, strays);
    if (inside.folders.length > 0)
      throw refuseFolder(files, folder, `a class holds images only, got a folder ${show(inside.folders[0])}.`);
    for (const file of inside.pictures) items.push({ path: within(folder, file), label });
  }
  if (items.length === 0) throw refuseFolder(files, part, "its folders hold no images.");
  return { items, classes };
}

/** Without a test part the validation part is the test. */
async function readFound(
  files: FileSet,
  { classes, parts, notes }: Found,
  options: PictureOptions = {},
  keeping?: Keeping,
): Promise<Source> {
  const { name } = files;
  const hash = files.hasher();
  const read = new Map<Part, PicturePart>();
  for (const [part, items] of parts) {
    const like = read.get("train")?.data.picture;
    const of = parts.size > 1 ? `${name} ${part}` : name;
    read.set(part, await readPictures(files, items, { name: of, classes, options, like, hash, keeping }));
  }
  return pictureSource(name, read, await hash.digest(), notes);
}

/**
 * The pictures that tables in the root list with their labels, where there are any: `train.csv` and `test.csv` are the
 * parts, any other name is the training part. `only` is one table of them.
 */
export async function readListedPictures(
  files: FileSet,
  { classes: given, pictures, label, keeping }: FolderOptions & { readonly label?: string | null | undefined },
  only?: string,
): Promise<Source | undefined> {
  const strays = new Strays();
  const folder = only === undefined ? "" : folderOf(only);
  const tables =
    only === undefined ? (await files.list("")).filter(({ name, kind }) => kind === "file" && isTable(name)) : [];
  const paths = only === undefined ? tables.map(({ name }) => name) : [only];
  if (paths.length === 0) return undefined;
  const below = await picturesBelow(files, folder, strays);
  if (below.length === 0) return undefined;
  const index = indexOf(below);
  const lists = new Map<Part, PictureList>();
  for (const path of paths) {
    const list = await readPictureList(files, path, index, label);
    if (!list || (list.rows[0]?.label === undefined && lists.size > 0)) continue;
    const stem = baseOf(path).replace(/\.[^.]*$/, "");
    const part =
      only === undefined
        ? (PARTS.find(([, is]) => stem.split(/[_.-]/).some((word) => is.test(word)))?.[0] ?? "train")
        : "train";
    const other = lists.get(part);
    if (other) {
      const reason = `it lists pictures, and so does ${baseOf(other.path)}. Give one of the two instead of the folder.`;
      throw new InvalidInput("BAD_LIST", reason, { file: files.shown(path), at: "name" });
    }
    lists.set(part, list);
  }
  const train = lists.get("train");
  if (!train) return undefined;
  const unlabelled = train.rows.find((row) => row.label === undefined);
  if (unlabelled) {
    const reason = "it lists pictures and has no column of labels.";
    throw new InvalidInput("BAD_LIST", reason, { file: files.shown(train.path), at: "row 1" });
  }
  return readFound(files, await listed(files, lists, index, given), pictures, keeping);
}

async function listed(
  files: FileSet,
  lists: ReadonlyMap<Part, PictureList>,
  index: PictureIndex,
  given?: readonly string[],
): Promise<Found> {
  const train = lists.get("train")!;
  const classes = given ?? sortClasses([...new Set(train.rows.map(({ label }) => label!))]);
  if (classes.length > MOST_CLASSES)
    throw refuseFolder(files, train.path, `it holds more than ${MOST_CLASSES} classes.`);
  const numbers = new Map(classes.map((name, c) => [name, c]));
  const parts = new Map<Part, readonly LabelledFile[]>();
  const taken = new Set<string>();
  for (const [part] of PARTS) {
    const list = lists.get(part);
    if (!list || list.rows.some(({ label }) => label === undefined)) continue;
    const items = list.rows.map(({ path, label }, k) => {
      taken.add(path);
      const number = numbers.get(label!);
      if (number !== undefined) return { path, label: number };
      const place = { file: files.shown(list.path), at: `row ${k + 1}` };
      throw new InvalidInput(
        "UNKNOWN_CLASS",
        `the label must be one of the classes ${show(classes)}, got ${show(label)}.`,
        place,
      );
    });
    parts.set(part, items);
  }
  const all = new Set([...index.values()].filter((path) => path !== null));
  const rest = [...all].filter((path) => !taken.has(path)).length;
  const column = (name: string | undefined, position: string) => (name === undefined ? position : show(name));
  const where = `${baseOf(train.path)} lists the pictures: files in ${column(train.fileColumn, "one column")}, labels in ${column(train.labelColumn, "the other")}`;
  return { classes, parts, notes: [`${where}${rest > 0 ? `; ${rest} not listed are left out` : ""}.`] };
}
