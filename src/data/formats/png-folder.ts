// Node only. Folders of PNG images, one folder a class: `train/7/123.png` and `test/7/…`, or `7/123.png`. Never follows a link, never
// opens what is not a plain file, never leaves the folder.
import { createHash, type Hash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInput, show } from "../../errors.ts";
import { checkDataset, type Dataset, type Source } from "../dataset.ts";
import { dataWarnings } from "../table-warnings.ts";
import { sortClasses } from "./class-order.ts";
import { readBytes, unreadable } from "./idx-files.ts";
import { type Grey, readPng } from "./png.ts";

const MOST_CLASSES = 65_536;
const MOST_BYTES = 2 ** 31; // of pixels in one part
const MOST_FILE = 2 ** 28; //  of one image file
const AT_ONCE = 32; //         images read side by side

type Listing = { readonly folders: readonly string[]; readonly files: readonly string[] };

/**
 * The images under `folder`. Classes are folder names, in numeric order if all are numbers; with train/ and test/ both parts share
 * the classes of train/. Images are taken class by class, files in the order of their UTF-16 codes; the hash covers each path and
 * its bytes. Names that begin with a dot are skipped. Raises InvalidInput BAD_FOLDER or BAD_PNG; undefined if there is no folder in
 * it.
 */
export async function readPngFolder(
  folder: string,
  name: string,
  classes?: readonly string[],
): Promise<Source | undefined> {
  const { folders } = await list(folder, true);
  if (folders.length === 0) return undefined;
  const hash = createHash("sha256");
  if (!folders.includes("train")) {
    const train = await readPart(folder, "", name, hash, classes);
    return { name, train, sha256: hash.digest("hex"), warnings: dataWarnings(train) };
  }
  const train = await readPart(folder, "train", `${name} train`, hash, classes);
  const test = folders.includes("test")
    ? await readPart(folder, "test", `${name} test`, hash, train.classes, train)
    : undefined;
  const others = folders.filter((part) => part !== "train" && part !== "test");
  const warnings = [
    ...(others.length === 0 ? [] : [`Beside train and test these folders are not read: ${show(others)}.`]),
    ...dataWarnings(train),
  ];
  return { name, train, ...(test && { test }), sha256: hash.digest("hex"), warnings };
}

async function readPart(
  root: string,
  part: string,
  name: string,
  hash: Hash,
  given?: readonly string[],
  like?: Dataset,
): Promise<Dataset> {
  const folder = join(root, part);
  const { folders, files } = await list(folder, part === "");
  if (files.length > 0)
    throw refuse(folder, `images lie in folders named by their class; ${show(files[0])} lies in none.`);
  if (folders.length === 0) throw refuse(folder, "it holds no folder of images.");
  if (folders.length > MOST_CLASSES) throw refuse(folder, `it holds more than ${MOST_CLASSES} classes.`);
  const classes = given ?? sortClasses(folders);
  const strange = folders.find((found) => !classes.includes(found));
  if (strange !== undefined)
    throw refuse(join(folder, strange), `the folder must be one of the classes ${show(classes)}.`);
  const images: { path: string; label: number }[] = [];
  for (const [label, of] of classes.entries()) {
    if (!folders.includes(of)) continue;
    const inside = await list(join(folder, of), true);
    if (inside.folders.length > 0)
      throw refuse(join(folder, of), `a class holds images only, got a folder ${show(inside.folders[0])}.`);
    for (const file of inside.files)
      images.push({ path: [part, of, file].filter((step) => step !== "").join("/"), label });
  }
  if (images.length === 0) throw refuse(folder, "its folders hold no images.");
  let image = like?.image;
  let features = new Uint8Array(0);
  for (let from = 0; from < images.length; from += AT_ONCE) {
    const some = images.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map(({ path }) => readImage(root, path)));
    read.forEach(({ bytes, grey }, k) => {
      const { path } = some[k] as { path: string };
      hash.update(`${path}\0`).update(bytes);
      image ??= { height: grey.height, width: grey.width };
      if (grey.height !== image.height || grey.width !== image.width) {
        const size = `${grey.width} × ${grey.height} pixels`;
        const reason = `the image has ${size}, the others have ${image.width} × ${image.height}. All must have one size.`;
        throw new InvalidInput("BAD_PNG", reason, { file: join(root, path), at: "byte 16" });
      }
      const pixels = grey.values.length;
      if (features.length === 0) features = room(images.length, pixels, folder);
      features.set(grey.values, (from + k) * pixels);
    });
  }
  const cols = features.length / images.length;
  const labels = Int32Array.from(images, ({ label }) => label);
  return checkDataset({ name, features, rows: images.length, cols, labels, classes, ...(image && { image }) });
}

function room(images: number, pixels: number, folder: string): Uint8Array<ArrayBuffer> {
  if (images * pixels > MOST_BYTES)
    throw refuse(folder, `${images} images of ${pixels} pixels are more than the ${MOST_BYTES} bytes that are read.`);
  return new Uint8Array(images * pixels);
}

async function readImage(root: string, path: string): Promise<{ bytes: Uint8Array; grey: Grey }> {
  const bytes = await readBytes(join(root, path), MOST_FILE, false);
  return { bytes, grey: await readPng(bytes, join(root, path)) };
}

/** A folder's entries in the order of their UTF-16 codes, links and devices refused. */
async function list(folder: string, images: boolean): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const seen = entries.filter(({ name }) => !name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
  const odd = seen.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd) {
    const kind = odd.isSymbolicLink() ? "a symbolic link" : odd.isFIFO() ? "a pipe" : "neither a file nor a folder";
    throw refuse(join(folder, odd.name), `it is ${kind}; only plain files and folders are read.`);
  }
  const files = seen.filter((entry) => entry.isFile()).map(({ name }) => name);
  const other = images ? files.find((name) => !/\.png$/i.test(name)) : undefined;
  if (other !== undefined)
    throw refuse(join(folder, other), "only images ending in .png are read from a folder of images.");
  return { folders: seen.filter((entry) => entry.isDirectory()).map(({ name }) => name), files };
}

function refuse(file: string, reason: string): InvalidInput {
  return new InvalidInput("BAD_FOLDER", reason, { file, at: "name" });
}
