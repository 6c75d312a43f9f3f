// Files of pictures with their labels as one data set: measured, decoded some at a time, each made a row.
import { InvalidInput } from "../../errors.ts";
import { checkDataset, type Dataset, storedDataset } from "../dataset.ts";
import { type FileSet, type Hasher, HEAD } from "../file-set.ts";
import { ByteRows } from "../stored/byte-rows.ts";
import type { Keeping } from "../stored/keeping.ts";
import { decodePicture } from "./decode.ts";
import { declaredSize, kindOfPicture, noPicture } from "./header.ts";
import type { PictureForm, PictureOptions } from "./picture-form.ts";
import { type Measured, PictureTally, sizeOf } from "./picture-tally.ts";
import { channelsOf, type RowForm, toRow } from "./to-row.ts";

const MOST_BYTES = 2 ** 31; // of pixels in one part
const MOST_FILE = 2 ** 28; //  of one picture's file
const MOST_KEPT = 2 ** 26; //  bytes of files that are kept from measuring to decoding
const AT_ONCE = 32; //         pictures read side by side

type Bytes = Uint8Array<ArrayBuffer>;

export type LabelledFile = { readonly path: string; readonly label: number };

export type PartOptions = {
  readonly name: string;
  readonly classes: readonly string[];
  readonly options: PictureOptions;
  /** Of the training part, for the other parts. */
  readonly like?: PictureForm | undefined;
  /** Takes each path and its bytes. */
  readonly hash: Hasher;
  /** Where rows go that memory has no room for. */
  readonly keeping?: Keeping | undefined;
};

export type PicturePart = {
  readonly data: Dataset;
  /** Each row's file. */
  readonly files: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
};

/**
 * One part. Raises InvalidInput for the first picture that cannot be decoded, unless such are skipped, and where none
 * is left.
 */
export async function readPictures(
  files: FileSet,
  items: readonly LabelledFile[],
  { name, classes, options, like, hash, keeping }: PartOptions,
): Promise<PicturePart> {
  const kept = new Map<string, Bytes>();
  const tally = new PictureTally();
  const color = like?.color ?? options.color ?? "grey";
  const size = like ?? options.size ?? (await measure(files, items, color, options, kept));
  const origin = "origin" in size ? (size as Measured).origin : "as chosen";
  const { width, height } = size;
  const fit = like?.fit ?? options.fit ?? "pad";
  const form: RowForm = { width, height, color, fit, invert: like?.invert ?? options.invert === true };
  const cols = width * height * channelsOf(color);
  const stored = keeping && items.length * cols > keeping.memory ? new ByteRows(cols, keeping.rows()) : undefined;
  const features = stored ? new Uint8Array(0) : room(files, items.length, cols);
  const labels: number[] = [];
  const paths: string[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const read = items.slice(from, from + AT_ONCE).map(async ({ path, label }) => {
      const bytes = kept.get(path) ?? (await bytesOf(files, path));
      kept.delete(path);
      const picture = await decodePicture(bytes, files.shown(path)).catch((error: unknown) => {
        if (options.skipBad && error instanceof InvalidInput) return undefined;
        throw error;
      });
      return { path, label, bytes, made: picture && toRow(picture, form) };
    });
    for (const { path, label, bytes, made } of await Promise.all(read)) {
      if (!made) {
        tally.skip(path);
        continue;
      }
      hash.update(`${path}\0`);
      hash.update(bytes);
      if (stored) stored.add(made.row);
      else features.set(made.row, labels.length * cols);
      labels.push(label);
      paths.push(path);
      tally.add(path, label, made.facts);
    }
  }
  if (labels.length === 0) throw refuse(files, "none of its pictures can be read.");
  stored?.end();
  const facts = {
    name,
    rows: labels.length,
    cols,
    labels: Int32Array.from(labels),
    classes,
    image: color === "grey" ? { height, width } : undefined,
    picture: { ...form, white: 255 as const, border: tally.border },
  };
  const data = stored
    ? storedDataset(facts, stored)
    : checkDataset({ ...facts, features: features.subarray(0, labels.length * cols) });
  const notes = like ? [] : tally.notes(form, options, origin);
  return { data, files: paths, notes, warnings: tally.warnings(form, classes) };
}

/** From every file's first bytes the size of the set. Files are kept while they are few, so that each is read once. */
async function measure(
  files: FileSet,
  items: readonly LabelledFile[],
  color: PictureForm["color"],
  { skipBad }: PictureOptions,
  kept: Map<string, Bytes>,
): Promise<Measured> {
  const sizes: { width: number; height: number }[] = [];
  let room = MOST_KEPT;
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map(({ path }) => bytesOf(files, path)));
    for (const [k, bytes] of read.entries()) {
      const { path } = some[k]!;
      room -= bytes.length;
      if (room >= 0) kept.set(path, bytes);
      const kind = kindOfPicture(bytes);
      if (kind === undefined) continue; // the decoder says what it is
      try {
        sizes.push(declaredSize(bytes, kind, files.shown(path)));
      } catch (error) {
        if (!skipBad && kind !== "PNG") throw error; // PNG's decoder names the byte
      }
    }
  }
  return sizes.length > 0 ? sizeOf(sizes, color) : { width: 1, height: 1, origin: "" };
}

/** The bytes of a picture's file; a large one that begins like none is refused before the rest is read. */
export function bytesOf(files: FileSet, path: string, follow = false): Promise<Bytes> {
  const check = (head: Bytes, size: number) => {
    if (size > HEAD && kindOfPicture(head) === undefined) throw noPicture(files.shown(path), head);
  };
  return files.bytes(path, { most: MOST_FILE, follow, check });
}

function room(files: FileSet, pictures: number, values: number): Uint8Array<ArrayBuffer> {
  if (pictures * values <= MOST_BYTES) return new Uint8Array(pictures * values);
  const reason = `${pictures} images of ${values} values are more than the ${MOST_BYTES} bytes that are read. --size makes them smaller.`;
  throw refuse(files, reason);
}

const refuse = (files: FileSet, reason: string) =>
  new InvalidInput("BAD_FOLDER", reason, { file: files.shown(""), at: "name" });
