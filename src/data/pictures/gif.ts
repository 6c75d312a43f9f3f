// The first frame of a GIF: its palette, its codes undone, its lines put in order. Every code is checked before it is
// followed.
// Source: CompuServe, Graphics Interchange Format, version 89a, with its appendix F on variable-length-code LZW.
import { badPicture, declaredSize } from "./header.ts";
import type { Picture } from "./picture-form.ts";

type Frame = { left: number; top: number; width: number; height: number; interlaced: boolean; palette: Uint8Array };

const MOST_CODES = 4096;
/** First line of each pass of an interlaced frame, and the step between its lines. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** Pixels that the first frame leaves out are transparent. Raises InvalidInput BAD_GIF. */
export function readGif(bytes: Uint8Array<ArrayBuffer>, file?: string): Picture {
  const { width, height } = declaredSize(bytes, "GIF", file);
  const bad = (reason: string, at: number) => badPicture("GIF", reason, file, `byte ${Math.min(at, bytes.length)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 13;
  const palette = (flags: number): Uint8Array | undefined => {
    if (flags < 128) return undefined;
    const length = 3 << ((flags & 7) + 1);
    at += length;
    if (at > bytes.length) throw bad("the file is cut off.", at);
    return bytes.subarray(at - length, at);
  };
  const common = palette(bytes[10] ?? 0);
  let transparent = -1;
  for (;;) {
    const kind = bytes[at++];
    if (kind === 0x2c) break;
    if (kind === 0x3b) throw bad("it holds no picture.", at - 1);
    if (kind !== 0x21) throw bad("the file is cut off or damaged.", at - 1);
    const control = bytes[at] === 0xf9 && bytes[at + 1] === 4;
    if (control) transparent = (bytes[at + 2] ?? 0) & 1 ? (bytes[at + 5] ?? -1) : -1;
    at++;
    const first = at;
    at = endOfBlocks(bytes, first);
    if (at < 0) throw bad("the file is cut off.", bytes.length);
  }
  const start = at;
  if (start + 9 > bytes.length) throw bad("the file is cut off.", bytes.length);
  const [left, top, w, h] = [0, 2, 4, 6].map((k) => view.getUint16(start + k, true)) as [
    number,
    number,
    number,
    number,
  ];
  const flags = bytes[start + 8]!;
  at = start + 9;
  const colors = palette(flags) ?? common;
  if (!colors) throw bad("it has no palette.", start + 8);
  if (w === 0 || h === 0 || left + w > width || top + h > height)
    throw bad("its first frame lies outside the picture.", start);
  const frame: Frame = { left, top, width: w, height: h, interlaced: (flags & 0x40) !== 0, palette: colors };
  const codeSize = bytes[at] ?? 0;
  if (codeSize < 1 || codeSize > 8) throw bad("the file is cut off or damaged.", at);
  const end = endOfBlocks(bytes, at + 1);
  if (end < 0) throw bad("the file is cut off.", bytes.length);
  const indices = expand(blocksOf(bytes, at + 1, end), codeSize, w * h);
  if (!indices) throw bad("the file is damaged: its codes do not make its pixels.", at);
  const strange = indices.find((index) => 3 * index + 3 > colors.length);
  if (strange !== undefined) throw bad(`a pixel has colour ${strange} of a palette of ${colors.length / 3}.`, at);
  return paint(width, height, frame, indices, transparent);
}

/**
 * The place behind a run of blocks, each with its length, and the empty one that ends it; −1 if the file ends first.
 */
function endOfBlocks(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += bytes[at]! + 1) if (bytes[at] === 0) return at + 1;
  return -1;
}

function blocksOf(bytes: Uint8Array, from: number, end: number): Uint8Array {
  const out = new Uint8Array(end - from);
  let size = 0;
  for (let at = from; at < end - 1; at += bytes[at]! + 1) {
    out.set(bytes.subarray(at + 1, at + 1 + bytes[at]!), size);
    size += bytes[at]!;
  }
  return out.subarray(0, size);
}

/**
 * Exactly `count` indices from codes of variable length; undefined for too few or too many, and for a code that is not
 * in the table yet. An entry is an earlier entry and one index more, so no chain of entries can be a circle.
 */
function expand(codes: Uint8Array, codeSize: number, count: number): Uint8Array | undefined {
  const clear = 1 << codeSize;
  const before = new Int16Array(MOST_CODES); // of an entry: the entry it extends
  const last = new Uint8Array(MOST_CODES);
  const length = new Uint16Array(MOST_CODES).fill(1, 0, clear);
  for (let k = 0; k < clear; k++) last[k] = k;
  const out = new Uint8Array(count);
  let [next, bits, previous, size] = [clear + 2, codeSize + 1, -1, 0];
  for (let bit = 0; bit + bits <= 8 * codes.length; ) {
    const at = bit >> 3;
    const word = codes[at]! | ((codes[at + 1] ?? 0) << 8) | ((codes[at + 2] ?? 0) << 16);
    const code = (word >> (bit & 7)) & ((1 << bits) - 1);
    bit += bits;
    if (code === clear) {
      [next, bits, previous] = [clear + 2, codeSize + 1, -1];
      continue;
    }
    if (code === clear + 1) break;
    const fresh = code === next; // the entry that this code makes: the previous one and its own first index
    if (code > next || (previous < 0 && code >= clear) || (fresh && next === MOST_CODES)) return undefined;
    const entry = fresh ? previous : code;
    const more = length[entry]! + Number(fresh);
    if (size + more > count) return undefined;
    let first = entry;
    for (let to = size + length[entry]! - 1; to >= size; to--, first = before[first]!) out[to] = last[first]!;
    if (fresh) out[size + more - 1] = out[size]!;
    if (previous >= 0 && next < MOST_CODES) {
      before[next] = previous;
      last[next] = out[size]!;
      length[next] = length[previous]! + 1;
      next++;
      if (next === 1 << bits && bits < 12) bits++;
    }
    size += more;
    previous = code;
  }
  return size === count ? out : undefined;
}

function paint(width: number, height: number, frame: Frame, indices: Uint8Array, transparent: number): Picture {
  const { left, top, width: w, height: h, interlaced, palette } = frame;
  const passes = interlaced ? PASSES : ([[0, 1]] as const);
  const lines = passes.flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((h - first) / step)) }, (_, k) => first + k * step),
  );
  const clear = w * h < width * height || indices.includes(transparent);
  const channels = clear ? 4 : 3;
  const pixels = new Uint8Array(width * height * channels);
  for (const [k, y] of lines.entries())
    for (let x = 0; x < w; x++) {
      const index = indices[k * w + x]!;
      const to = ((top + y) * width + left + x) * channels;
      for (let c = 0; c < 3; c++) pixels[to + c] = palette[3 * index + c]!;
      if (clear && index !== transparent) pixels[to + 3] = 255;
    }
  return { width, height, channels, pixels };
}
