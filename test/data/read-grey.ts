// A picture as the grey bytes that a network of its own size is given.
import { decodePicture } from "../../src/data/pictures/decode.ts";
import { toRow } from "../../src/data/pictures/to-row.ts";

export async function readGrey(bytes: Uint8Array<ArrayBuffer>) {
  const picture = await decodePicture(bytes, "x.png");
  const { width, height } = picture;
  const { row } = toRow(picture, { width, height, color: "grey", fit: "pad", invert: false });
  return { width, height, values: row };
}
