// Dropped PNG images in folders named by their class, perhaps under train/ and test/: the rules of data/formats/png-folder.ts, without a disk.

import { checkDataset, type Dataset, type Source } from "../../data/dataset.ts";
import { sortClasses } from "../../data/formats/class-order.ts";
import { readPng } from "../../data/formats/png.ts";
import { dataWarnings } from "../../data/table-warnings.ts";
import { InvalidInput, show } from "../../errors.ts";
import { sha256 } from "../../numerics/sha256.ts";
import { type NamedBytes, refuse } from "./dropped-file.ts";

type Image = NamedBytes & { readonly part: "" | "train" | "test"; readonly class: string; readonly path: string };

export async function readImages(files: readonly NamedBytes[]): Promise<Source> {
  const images = files.map(placeOf);
  const held = images.filter(({ part }) => part === "test");
  const rest = images.filter(({ part }) => part !== "test");
  const only = rest.length === 0 ? held : rest;
  const classes = sortClasses([...new Set(only.map((image) => image.class))]);
  const ordered = inOrder(only, classes);
  const train = await readPart(ordered, classes, "images");
  const more = only === rest ? inOrder(held, classes) : [];
  const test = more.length > 0 ? await readPart(more, classes, "images test", train) : undefined;
  const text = new TextEncoder();
  const hashed = [...ordered, ...more].flatMap(({ path, bytes }) => [text.encode(`${path}\0`), bytes]);
  return {
    name: "images",
    train,
    ...(test && { test }),
    sha256: await sha256(...hashed),
    warnings: dataWarnings(train),
  };
}

/** Where an image lies: …/train/7/123.png or …/7/123.png. */
function placeOf(file: NamedBytes): Image {
  const [name, of, above] = file.name.split("/").reverse() as [string, string?, string?];
  if (of === undefined)
    throw refuse(
      file.name,
      "BAD_FOLDER",
      "images lie in folders named by their class: drop the folder that holds those folders.",
    );
  const part = above === "train" || above === "test" ? above : "";
  return { ...file, part, class: of, path: [part, of, name].filter((step) => step !== "").join("/") };
}

/** Class by class, files in the order of their UTF-16 codes. */
function inOrder(images: readonly Image[], classes: readonly string[]): readonly Image[] {
  const strange = images.find((image) => !classes.includes(image.class));
  if (strange) throw refuse(strange.name, "BAD_FOLDER", `the folder must be one of the classes ${show(classes)}.`);
  return classes.flatMap((name) =>
    images.filter((image) => image.class === name).sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
}

async function readPart(
  images: readonly Image[],
  classes: readonly string[],
  name: string,
  like?: Dataset,
): Promise<Dataset> {
  let image = like?.image;
  let features = new Uint8Array(0);
  for (const [i, { bytes, name: file }] of images.entries()) {
    const { height, width, values } = await readPng(bytes, file);
    image ??= { height, width };
    if (height !== image.height || width !== image.width) {
      const reason = `the image has ${width} × ${height} pixels, the others have ${image.width} × ${image.height}. All must have one size.`;
      throw new InvalidInput("BAD_PNG", reason, { file, at: "byte 16" });
    }
    if (features.length === 0) features = new Uint8Array(images.length * values.length);
    features.set(values, i * values.length);
  }
  const labels = Int32Array.from(images, (each) => classes.indexOf(each.class));
  const cols = features.length / images.length;
  return checkDataset({ name, features, rows: images.length, cols, labels, classes, ...(image && { image }) });
}
