// The plainest PNG there can be, for fast-png: a header, the given scanlines in stored blocks, an end. Compresses nothing.
import { crc32 } from "./crc32.ts";

const BLOCK = 65_535; // bytes a stored block can hold (RFC 1951, section 3.2.4)
const COLOUR = [0, 0, 4, 2, 6]; // by channels; a palette's indices travel as grey

/** A PNG without interlacing or palette whose image data are `lines`: `height` scanlines with their filter bytes. */
export function plainPng(
  width: number,
  height: number,
  depth: number,
  channels: number,
  lines: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil(lines.length / BLOCK);
  const packed = 6 + 5 * blocks + lines.length;
  const out = new Uint8Array(8 + 25 + 12 + packed + 12);
  const view = new DataView(out.buffer);
  out.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunk = (at: number, type: string, length: number) => {
    view.setUint32(at, length);
    for (let k = 0; k < 4; k++) out[at + 4 + k] = type.charCodeAt(k);
    view.setUint32(at + 8 + length, crc32(out.subarray(at + 4, at + 8 + length)));
  };
  view.setUint32(16, width);
  view.setUint32(20, height);
  out.set([depth, COLOUR[channels] as number, 0, 0, 0], 24);
  chunk(8, "IHDR", 13);
  out.set([0x78, 0x01], 41);
  let at = 43;
  for (let from = 0; from < lines.length; from += BLOCK) {
    const block = lines.subarray(from, from + BLOCK);
    out[at] = from + BLOCK >= lines.length ? 1 : 0;
    view.setUint16(at + 1, block.length, true);
    view.setUint16(at + 3, ~block.length, true);
    out.set(block, at + 5);
    at += 5 + block.length;
  }
  view.setUint32(at, adler32(lines));
  chunk(33, "IDAT", packed);
  chunk(45 + packed, "IEND", 0);
  return out;
}

/** zlib's check sum (RFC 1950, section 8.2). */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}
