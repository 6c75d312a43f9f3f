// Bytes of a picture to its pixels: the kind by the first bytes, the size before anything is decoded, then the decoder,
// loaded when the first picture of its kind is read.
import { InvalidInput } from "../../errors.ts";
import { badPicture, declaredSize, kindOfPicture, noPicture, type PictureKind } from "./header.ts";
import type { Picture } from "./picture-form.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Decoder = (bytes: Bytes, file?: string) => Picture | Promise<Picture>;

const DECODERS: Readonly<Record<PictureKind, () => Promise<Decoder>>> = {
  PNG: async () => (await import("../formats/png.ts")).readPng,
  JPEG: async () => (await import("./webassembly-decoders.ts")).readJpeg,
  WebP: async () => (await import("./webassembly-decoders.ts")).readWebp,
  GIF: async () => (await import("./gif.ts")).readGif,
  BMP: async () => (await import("./bmp.ts")).readBmp,
};

/**
 * The pixels of a PNG, JPEG, WebP, GIF (its first frame) or BMP, the same bits in Node and in a page. `file` names it
 * in errors. Raises InvalidInput for another kind, for what is cut off or damaged, and for a size that is not read,
 * before memory is taken for it.
 */
export async function decodePicture(bytes: Bytes, file?: string): Promise<Picture> {
  const kind = kindOfPicture(bytes) ?? (file !== undefined && /\.png$/i.test(file) ? "PNG" : undefined);
  if (kind === undefined) throw noPicture(file, bytes);
  if (kind !== "PNG") declaredSize(bytes, kind, file); // PNG's decoder says the byte
  const decode = await DECODERS[kind]();
  try {
    return await decode(bytes, file);
  } catch (error) {
    if (error instanceof InvalidInput || error instanceof RangeError === false) throw error;
    throw badPicture(kind, `the file is cut off or damaged.`, file, "byte 0", error);
  }
}
