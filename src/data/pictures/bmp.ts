// A BMP picture: uncompressed, of 1, 4, 8, 16, 24 or 32 bits, from the bottom up or from the top down.
// Source: Microsoft, "Bitmap Storage": BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV5HEADER.
import { badPicture, declaredSize } from "./header.ts";
import type { Picture } from "./picture-form.ts";

/** Of a pixel of 16 or 32 bits: where a channel lies. */
type Mask = { readonly shift: number; readonly most: number };

const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;
const V3_HEADER = 56; // bytes; the first header with a mask of alpha

/** Raises InvalidInput BAD_BMP for RLE, for a palette or rows that do not fit, and for a file that is too short. */
export function readBmp(bytes: Uint8Array<ArrayBuffer>, file?: string): Picture {
  const bad = (reason: string, at: number) => badPicture("BMP", reason, file, `byte ${at}`);
  const cut = () => bad("the file is cut off.", bytes.length);
  const { width, height } = declaredSize(bytes, "BMP", file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerSize = view.getUint32(14, true);
  const core = headerSize === 12;
  if (!core && headerSize < 40) throw bad(`its header has ${headerSize} bytes, which is no kind of BMP.`, 14);
  if (bytes.length < 14 + headerSize) throw cut();
  const topDown = !core && view.getInt32(22, true) < 0;
  const depth = view.getUint16(core ? 24 : 28, true);
  const compression = core ? 0 : view.getUint32(30, true);
  const fields = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  if (!(compression === 0 || fields)) throw bad("compressed BMP is not read. Save it as PNG.", 30);
  if (![1, 4, 8, 16, 24, 32].includes(depth) || (fields && depth !== 16 && depth !== 32))
    throw bad(`it has ${depth} bits a pixel; 1, 4, 8, 16, 24 and 32 are read.`, core ? 24 : 28);
  const start = view.getUint32(10, true);
  const line = Math.ceil((width * depth) / 32) * 4;
  if (start < 14 + headerSize || start + line * height > bytes.length) throw cut();
  const row = (y: number) => start + line * (topDown ? y : height - 1 - y);
  if (depth <= 8) {
    const entry = core ? 3 : 4;
    const first = 14 + headerSize;
    const colors = Math.min(1 << depth, Math.floor((start - first) / entry));
    const pixels = new Uint8Array(width * height * 3);
    for (let y = 0, to = 0; y < height; y++)
      for (let x = 0; x < width; x++, to += 3) {
        const bit = x * depth;
        const at = row(y) + (bit >> 3);
        const index = (bytes[at]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
        if (index >= colors) throw bad(`a pixel has colour ${index} of a palette of ${colors}.`, at);
        for (let c = 0; c < 3; c++) pixels[to + c] = bytes[first + index * entry + 2 - c]!;
      }
    return { width, height, channels: 3, pixels };
  }
  if (depth === 24) {
    const pixels = new Uint8Array(width * height * 3);
    for (let y = 0, to = 0; y < height; y++)
      for (let x = 0, at = row(y); x < width; x++, at += 3, to += 3)
        for (let c = 0; c < 3; c++) pixels[to + c] = bytes[at + 2 - c]!;
    return { width, height, channels: 3, pixels };
  }
  const alphaMask = compression === ALPHA_BITFIELDS || (fields && headerSize >= V3_HEADER);
  const masks = fields ? [54, 58, 62, ...(alphaMask ? [66] : [])].map((at) => maskAt(view, at)) : defaultMasks(depth);
  if (masks.some((mask) => mask === undefined)) throw bad("its masks of channels are not read. Save it as PNG.", 54);
  const kept = (masks as Mask[]).filter(({ most }, c) => c < 3 || most > 0);
  const channels = kept.length as 3 | 4;
  const pixels = new Uint8Array(width * height * channels);
  const step = depth / 8;
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0, at = row(y); x < width; x++, at += step) {
      const value = depth === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
      for (const { shift, most } of kept)
        pixels[to++] = most === 0 ? 0 : Math.floor((510 * ((value >>> shift) & most) + most) / (2 * most));
    }
  return { width, height, channels, pixels };
}

/** Undefined unless the mask's bits are one run of at most 16. */
function maskAt(view: DataView, at: number): Mask | undefined {
  if (at + 4 > view.byteLength) return undefined;
  const mask = view.getUint32(at, true);
  if (mask === 0) return { shift: 0, most: 0 };
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (most & (most + 1)) === 0 && most <= 0xffff ? { shift, most } : undefined;
}

/** Without masks: 5 bits a channel of 16, bytes of 32, whose fourth says nothing. */
function defaultMasks(depth: number): Mask[] {
  const bits = depth === 16 ? 5 : 8;
  return [2, 1, 0].map((c) => ({ shift: c * bits, most: (1 << bits) - 1 }));
}
