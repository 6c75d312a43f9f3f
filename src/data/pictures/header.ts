// What a file of a picture says of itself in its first bytes: its kind and its size, before anything is decoded.
// Sources: ITU-T T.81 annex B (JPEG), GIF89a, RFC 9649 (WebP), BITMAPFILEHEADER and its successors (BMP), PNG 3.
import { InvalidInput } from "../../errors.ts";
import type { PictureSize } from "./picture-form.ts";

export const PICTURE_KINDS = ["PNG", "JPEG", "WebP", "GIF", "BMP"] as const;
export type PictureKind = (typeof PICTURE_KINDS)[number];

/** The endings of names under which these kinds are found. */
export const PICTURE_ENDING = /\.(png|jpe?g|jfif|webp|gif|bmp|dib)$/i;

/** Pictures that are seen as such and not read. */
export const OTHER_PICTURE = /\.(tiff?|heic|heif|avif|svg|ico|jxl|jp2|psd|raw|cr2|nef|dng|pgm|ppm|tga)$/i;

export const MOST_SIDE = 16_384;
export const MOST_PIXELS = 2 ** 24;

const text = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** By the first bytes, whatever the file is called; undefined for another kind. */
export function kindOfPicture(bytes: Uint8Array): PictureKind | undefined {
  if (text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "PNG";
  if (text(bytes, 0, 3) === "\xff\xd8\xff") return "JPEG";
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 12) === "WEBP") return "WebP";
  if (text(bytes, 0, 4) === "GIF8") return "GIF";
  return text(bytes, 0, 2) === "BM" && bytes.length >= 26 ? "BMP" : undefined;
}

const CODES = { PNG: "BAD_PNG", JPEG: "BAD_JPEG", WebP: "BAD_WEBP", GIF: "BAD_GIF", BMP: "BAD_BMP" } as const;

/** The error of a picture: its code is BAD_PNG, BAD_JPEG, … */
export function badPicture(kind: PictureKind, reason: string, file?: string, at = "byte 0", cause?: unknown) {
  return new InvalidInput(CODES[kind], reason, { file, at }, { cause });
}

/** The error of a file that begins like no picture. */
export function noPicture(file: string | undefined, head: Uint8Array): InvalidInput {
  const hex = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const reason = `this is none of the pictures that are read, ${PICTURE_KINDS.join(", ")}: it begins with the bytes ${hex}.`;
  return new InvalidInput("BAD_PICTURE", head.length === 0 ? "the file is empty." : reason, { file, at: "byte 0" });
}

/**
 * The size that the file declares. Raises InvalidInput where it declares none, none above 0, a side over 16,384 or more
 * than 2²⁴ pixels: nothing is decoded before this has passed.
 */
export function declaredSize(bytes: Uint8Array, kind: PictureKind, file?: string): PictureSize {
  const size = { PNG: ofPng, JPEG: ofJpeg, WebP: ofWebp, GIF: ofGif, BMP: ofBmp }[kind](bytes);
  if (!size) throw badPicture(kind, `the file is cut off or damaged: this ${kind} does not say its size.`, file);
  const { width, height } = size;
  const sound = width >= 1 && height >= 1 && width <= MOST_SIDE && height <= MOST_SIDE;
  if (sound && width * height <= MOST_PIXELS) return size;
  const most = `sides of 1 to ${MOST_SIDE} and at most ${MOST_PIXELS} pixels are read`;
  throw badPicture(kind, `it declares ${width} × ${height} pixels; ${most}. Make it smaller.`, file);
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function ofPng(bytes: Uint8Array): PictureSize | undefined {
  if (bytes.length < 24 || text(bytes, 12, 16) !== "IHDR") return undefined;
  const view = viewOf(bytes);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function ofGif(bytes: Uint8Array): PictureSize | undefined {
  if (bytes.length < 10) return undefined;
  const view = viewOf(bytes);
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** A negative height means rows from the top; a header of 12 bytes has 16-bit sides. */
function ofBmp(bytes: Uint8Array): PictureSize | undefined {
  const view = viewOf(bytes);
  if (view.getUint32(14, true) === 12) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

/** The first start of frame behind the segments before it; every segment says its length. */
function ofJpeg(bytes: Uint8Array): PictureSize | undefined {
  const view = viewOf(bytes);
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // fill bytes
      continue;
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    if (marker === 0xda || marker === 0xd9) return undefined;
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += alone ? 2 : 2 + Math.max(2, view.getUint16(at + 2));
  }
  return undefined;
}

/** Of the canvas (VP8X), the lossless (VP8L) or the lossy (VP8 ) chunk, whichever comes first. */
function ofWebp(bytes: Uint8Array): PictureSize | undefined {
  if (bytes.length < 30) return undefined;
  const view = viewOf(bytes);
  const chunk = text(bytes, 12, 16);
  if (chunk === "VP8X") {
    const of24 = (at: number) => view.getUint16(at, true) + bytes[at + 2]! * 65_536 + 1;
    return { width: of24(24), height: of24(27) };
  }
  if (chunk === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== "VP8 ") return undefined;
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}
