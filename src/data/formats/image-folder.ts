// Folders of images, one folder a class: `train/7/123.png` and `test/7/…`, or `7/123.png`. On a disk no link is
// followed, nothing but plain files is opened, and the folder is never left.
import { InvalidInput, show } from "../../errors.ts";
import { checkDataset, type Dataset, type Source } from "../dataset.ts";
import { type FileSet, type Hasher, within } from "../file-set.ts";
import { dataWarnings } from "../warnings.ts";
import { sortClasses } from "./class-order.ts";
import { begin, type Format } from "./format.ts";

const MOST_CLASSES = 65_536;
const MOST_BYTES = 2 ** 31; // of pixels in one part
const AT_ONCE = 32; //         images read side by side

async function decode(bytes: Uint8Array<ArrayBuffer>, file: string) {
  const { readPng } = await import("./png.ts");
  return readPng(bytes, file);
}

export const IMAGES: Format = {
  title: "images in .png in folders named by their class",
  code: "BAD_PNG",
  matches: (base) => /\.png$/i.test(base),
  read: async (files, [path]) => {
    const reason = "images lie in folders named by their class: give the folder that holds those folders.";
    throw refuse(files, path!, reason);
  },
  async readFeatures(bytes, file) {
    const { height, width, values } = await decode(bytes, file);
    return { shape: [1, height, width], values };
  },
};

/**
 * The images in a set of files. Classes are folder names, in numeric order if all are numbers; with train/ and test/
 * both parts have the classes of train/. Images are taken class by class, files in the order of their UTF-16 codes; the
 * hash covers each path and its bytes. Raises InvalidInput BAD_FOLDER or BAD_PNG.
 */
export async function readImageFolder(files: FileSet, classes?: readonly string[]): Promise<Source> {
  const { name } = files;
  const { folders } = await list(files, "", true);
  const hash = files.hasher();
  if (!folders.includes("train")) {
    const train = await readPart(files, "", name, hash, classes);
    return { name, train, sha256: await hash.digest(), warnings: dataWarnings(train) };
  }
  const train = await readPart(files, "train", `${name} train`, hash, classes);
  const held = folders.includes("test");
  const test = held ? await readPart(files, "test", `${name} test`, hash, train.classes, train) : undefined;
  const others = folders.filter((part) => part !== "train" && part !== "test");
  const unread = others.length === 0 ? [] : [`Beside train and test these folders are not read: ${show(others)}.`];
  const warnings = [...unread, ...dataWarnings(train)];
  return { name, train, test, sha256: await hash.digest(), warnings };
}

async function readPart(
  files: FileSet,
  part: string,
  name: string,
  hash: Hasher,
  given?: readonly string[],
  like?: Dataset,
): Promise<Dataset> {
  const found = await list(files, part, part === "");
  if (found.files.length > 0)
    throw refuse(files, part, `images lie in folders named by their class; ${show(found.files[0])} lies in none.`);
  if (found.folders.length === 0) throw refuse(files, part, "it holds no folder of images.");
  if (found.folders.length > MOST_CLASSES) throw refuse(files, part, `it holds more than ${MOST_CLASSES} classes.`);
  const classes = given ?? sortClasses(found.folders);
  const known = new Set(classes);
  const strange = found.folders.find((folder) => !known.has(folder));
  if (strange !== undefined)
    throw refuse(files, within(part, strange), `the folder must be one of the classes ${show(classes)}.`);
  const images: { path: string; label: number }[] = [];
  const present = new Set(found.folders);
  for (const [label, of] of classes.entries()) {
    if (!present.has(of)) continue;
    const folder = within(part, of);
    const inside = await list(files, folder, true);
    if (inside.folders.length > 0)
      throw refuse(files, folder, `a class holds images only, got a folder ${show(inside.folders[0])}.`);
    for (const file of inside.files) images.push({ path: within(folder, file), label });
  }
  if (images.length === 0) throw refuse(files, part, "its folders hold no images.");
  let image = like?.image;
  let features = new Uint8Array(0);
  for (let from = 0; from < images.length; from += AT_ONCE) {
    const some = images.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map(({ path }) => readImage(files, path)));
    for (const [k, { bytes, path, height, width, values }] of read.entries()) {
      hash.update(`${path}\0`);
      hash.update(bytes);
      image ??= { height, width };
      if (height !== image.height || width !== image.width) {
        const size = `${width} × ${height} pixels`;
        const reason = `the image has ${size}, the others have ${image.width} × ${image.height}. All must have one size.`;
        throw new InvalidInput("BAD_PNG", reason, { file: files.shown(path), at: "byte 16" });
      }
      if (features.length === 0) features = room(files, part, images.length, values.length);
      features.set(values, (from + k) * values.length);
    }
  }
  const cols = features.length / images.length;
  const labels = Int32Array.from(images, ({ label }) => label);
  return checkDataset({ name, features, rows: images.length, cols, labels, classes, image });
}

function room(files: FileSet, part: string, images: number, pixels: number): Uint8Array<ArrayBuffer> {
  if (images * pixels <= MOST_BYTES) return new Uint8Array(images * pixels);
  const reason = `${images} images of ${pixels} pixels are more than the ${MOST_BYTES} bytes that are read.`;
  throw refuse(files, part, reason);
}

async function readImage(files: FileSet, path: string) {
  const bytes = await files.bytes(path, { ...begin(files, path, "BAD_PNG"), follow: false });
  return { path, bytes, ...(await decode(bytes, files.shown(path))) };
}

/** A folder's entries, with links and devices refused and, where it holds `images`, all files that are none. */
async function list(files: FileSet, folder: string, images: boolean) {
  const entries = await files.list(folder);
  const odd = entries.find(({ kind }) => kind !== "file" && kind !== "folder");
  if (odd) {
    const kind = { link: "a symbolic link", pipe: "a pipe" }[odd.kind as string] ?? "neither a file nor a folder";
    throw refuse(files, within(folder, odd.name), `it is ${kind}; only plain files and folders are read.`);
  }
  const names = (wanted: "file" | "folder") => entries.filter(({ kind }) => kind === wanted).map(({ name }) => name);
  const other = images ? names("file").find((name) => !IMAGES.matches(name)) : undefined;
  if (other !== undefined)
    throw refuse(files, within(folder, other), "only images ending in .png are read from a folder of images.");
  return { folders: names("folder"), files: names("file") };
}

function refuse(files: FileSet, path: string, reason: string): InvalidInput {
  return new InvalidInput("BAD_FOLDER", reason, { file: files.shown(path), at: "name" });
}
