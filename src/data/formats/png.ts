// A PNG image as bytes: chunks, CRCs and sizes checked, exactly the declared number of bytes inflated, scanline filters
// undone.
// Source: W3C, Portable Network Graphics (Third Edition), sections 5, 8, 9 and 11.
import { InvalidInput, must } from "../../errors.ts";
import type { Picture } from "../pictures/picture-form.ts";
import { crc32 } from "./crc32.ts";
import { inflate } from "./inflate.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST_SIDE = 16_384;
const MOST_PIXELS = 2 ** 24;
/** Colour types: samples a pixel has, and the depths that go with it. */
const COLORS = new Map([
  [0, { name: "grey", channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { name: "RGB", channels: 3, depths: [8, 16] }],
  [3, { name: "palette", channels: 1, depths: [1, 2, 4, 8] }],
  [4, { name: "grey with alpha", channels: 2, depths: [8, 16] }],
  [6, { name: "RGB with alpha", channels: 4, depths: [8, 16] }],
]);
/** Adam7: first column and row of each pass, and the steps between its columns and rows. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

type Pass = { x: number; y: number; dx: number; dy: number; width: number; height: number; line: number };
type Header = { width: number; height: number; depth: number; color: number; channels: number; passes: Pass[] };
type Parts = {
  header: Header;
  palette?: Uint8Array | undefined;
  transparency?: Uint8Array | undefined;
  data: Uint8Array<ArrayBuffer>;
  at: number;
};

/**
 * Read one PNG of any color type, depth and interlacing: depths are scaled to 0…255 and rounded, palettes looked up,
 * colors declared transparent get an alpha of 0. Gamma and color profiles are not applied. Raises InvalidInput BAD_PNG
 * naming the byte, for every CRC that is wrong, for sides over 16,384, more than 2^24 pixels, and data of any other
 * length than the size says.
 */
export async function readPng(bytes: Uint8Array<ArrayBuffer>, file?: string): Promise<Picture> {
  const parts = readChunks(bytes, file);
  const { header, data, at } = parts;
  const { width, height, depth, channels: samples, passes } = header;
  const size = passes.reduce((sum, { height: rows, line }) => sum + rows * (1 + line), 0);
  const stream = { format: "deflate", bytes: data, code: "BAD_PNG", file, at: `byte ${at}` } as const;
  const lines = await inflate(stream, 0, () => size);
  const { channels, write } = pixelWriter(parts, file);
  const pixels = new Uint8Array(width * height * channels);
  const step = Math.max(1, (samples * depth) / 8);
  let begin = 0;
  for (const { x: left, y: top, dx, dy, width: cols, height: rows, line } of passes) {
    for (let y = 0; y < rows; y++, begin += 1 + line) {
      const filter = lines[begin]!;
      if (filter > 4)
        must(false, "a scanline's filter", "0 to 4", filter, "", { file, at: `inflated byte ${begin}` }, "BAD_PNG");
      unfilter(lines, begin + 1, line, filter, step, y > 0);
      const to = (top + y * dy) * width + left;
      for (let x = 0; x < cols; x++) write(lines, begin + 1, x * samples, pixels, (to + x * dx) * channels);
    }
  }
  return { width, height, channels, pixels };
}

/**
 * Undo the filter of the scanline of `length` bytes at `start`, in place (section 9.2): to each byte is added what the
 * filter predicts from a, `step` bytes to the left, b, above, and c, left of b; the line above ends before this line's
 * filter byte.
 */
function unfilter(
  lines: Uint8Array,
  start: number,
  length: number,
  filter: number,
  step: number,
  hasAbove: boolean,
): void {
  if (filter === 0) return;
  for (let k = 0; k < length; k++) {
    const at = start + k;
    const above = at - length - 1;
    const a = k >= step ? lines[at - step]! : 0;
    const b = hasAbove ? lines[above]! : 0;
    const c = hasAbove && k >= step ? lines[above - step]! : 0;
    lines[at]! += filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
  }
}

/** The one of a, b and c that is closest to a + b − c; in a tie the first of them (section 9.4). */
function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [da, db, dc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return da <= db && da <= dc ? a : db <= dc ? b : c;
}

/** The chunks that matter, every CRC verified; nothing is inflated or allocated by what they say. */
function readChunks(bytes: Uint8Array<ArrayBuffer>, file: string | undefined): Parts {
  const check = (ok: boolean, what: string, expected: string, got: unknown, at: number, remedy = "") =>
    must(ok, what, expected, got, remedy, { file, at: `byte ${at}` }, "BAD_PNG");
  const signed = SIGNATURE.every((byte, k) => bytes[k] === byte);
  const first8 = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  check(signed, "the first 8 bytes", "a PNG's signature", first8, 0, "Is this a PNG image?");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seen = new Set<string>();
  const data: Uint8Array[] = [];
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  let first = 0;
  let before = "";
  let at = 8;
  for (; before !== "IEND"; at += 12 + view.getUint32(at)) {
    check(
      at + 12 <= bytes.length,
      "the file",
      "whole: it has no IEND chunk",
      bytes.length,
      bytes.length,
      "It is cut short.",
    );
    const length = view.getUint32(at);
    const left = bytes.length - at - 12;
    check(length <= left, "the file is cut off or damaged: a chunk's length", `at most ${left}`, length, at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    check(/^[A-Za-z]{4}$/.test(type), "a chunk's type", "four letters", type, at + 4);
    const body = bytes.subarray(at + 8, at + 8 + length);
    const sum = crc32(bytes.subarray(at + 4, at + 8 + length));
    check(
      sum === view.getUint32(at + 8 + length),
      `the CRC-32 of chunk ${type}`,
      `${sum}`,
      view.getUint32(at + 8 + length),
      at + 8 + length,
      "The file is damaged.",
    );
    check((type === "IHDR") === (before === ""), "the first chunk, and only it,", "IHDR", type, at);
    const once = ["PLTE", "tRNS"].includes(type);
    check(!once || (!seen.has(type) && data.length === 0), `chunk ${type}`, "there once, before IDAT", type, at);
    if (type === "IHDR") header = readHeader(view, length, file);
    else if (type === "PLTE") palette = body;
    else if (type === "tRNS") transparency = body;
    else if (type === "IDAT") {
      check(data.length === 0 || before === "IDAT", "an IDAT chunk", "next to the others", before, at);
      if (data.length === 0) first = at;
      data.push(body);
    } else
      check(type === "IEND" ? length === 0 : /^[a-z]/.test(type), `chunk ${type}`, "one this reader knows", length, at);
    seen.add(type);
    before = type;
  }
  check(
    at === bytes.length,
    "the file",
    `${at} bytes, where its IEND chunk ends`,
    bytes.length,
    at,
    "Other bytes follow.",
  );
  check(data.length > 0, "the image", "in IDAT chunks", "none", at);
  return {
    header: header as Header,
    palette,
    transparency,
    data: concat(data),
    at: first,
  };
}

function readHeader(view: DataView, length: number, file: string | undefined): Header {
  const check = (ok: boolean, what: string, expected: string, got: unknown, at: number) =>
    must(ok, what, expected, got, "", { file, at: `byte ${at}` }, "BAD_PNG");
  check(length === 13, "the length of IHDR", "13", length, 8);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  check(width >= 1 && width <= MOST_SIDE, "the width", `an integer in [1, ${MOST_SIDE}]`, width, 16);
  check(height >= 1 && height <= MOST_SIDE, "the height", `an integer in [1, ${MOST_SIDE}]`, height, 20);
  check(width * height <= MOST_PIXELS, "the number of pixels", `at most ${MOST_PIXELS}`, width * height, 16);
  const [depth, color, compression, filter, interlace] = [24, 25, 26, 27, 28].map((k) => view.getUint8(k)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const kind = COLORS.get(color);
  check(kind !== undefined, "the colour type", "0, 2, 3, 4 or 6", color, 25);
  const { name, channels, depths } = kind as { name: string; channels: number; depths: number[] };
  check(depths.includes(depth), `the depth of ${name}`, depths.join(", "), depth, 24);
  check(compression === 0 && filter === 0, "compression and filter method", "0", [compression, filter], 26);
  check(interlace <= 1, "the interlacing", "0 or 1", interlace, 28);
  const passes = (interlace === 0 ? [[0, 0, 1, 1] as const] : ADAM7).flatMap(([x, y, dx, dy]) => {
    const cols = Math.ceil((width - x) / dx);
    const rows = Math.ceil((height - y) / dy);
    return cols > 0 && rows > 0
      ? [{ x, y, dx, dy, width: cols, height: rows, line: Math.ceil((cols * channels * depth) / 8) }]
      : [];
  });
  return { width, height, depth, color, channels, passes };
}

/** Writes the samples of a pixel, `first` of a line that begins at `line`, as bytes at `to`. */
type Write = (from: Uint8Array, line: number, first: number, pixels: Uint8Array, to: number) => void;

function pixelWriter(parts: Parts, file: string | undefined): { channels: Picture["channels"]; write: Write } {
  const { header, palette, transparency, at } = parts;
  const { depth, color, channels: samples } = header;
  const refuse = (reason: string) => new InvalidInput("BAD_PNG", reason, { file, at: `byte ${at}` });
  const colors = color === 3 ? (palette?.length ?? 0) / 3 : 0;
  if (color === 3 && !(Number.isInteger(colors) && colors >= 1 && colors <= 1 << depth))
    throw refuse(`a palette must have 1 to ${1 << depth} colours of 3 bytes, got ${palette?.length ?? 0} bytes.`);
  const expected = color === 3 ? transparency?.length : color === 0 ? 2 : color === 2 ? 6 : -1;
  if (transparency && (transparency.length !== expected || transparency.length > (color === 3 ? colors : 6)))
    throw refuse(`chunk tRNS has ${transparency.length} bytes, which does not fit the colour type.`);
  const most = (1 << depth) - 1;
  const sample = (from: Uint8Array, line: number, k: number): number => {
    if (depth === 16) return (from[line + 2 * k]! << 8) | from[line + 2 * k + 1]!;
    if (depth === 8) return from[line + k]!;
    const bit = k * depth;
    return (from[line + (bit >> 3)]! >> (8 - depth - (bit & 7))) & most;
  };
  if (color === 3) {
    const channels = transparency ? 4 : 3;
    return {
      channels,
      write(from, line, first, pixels, to) {
        const index = sample(from, line, first);
        if (index >= colors) throw refuse(`a pixel has colour ${index} of a palette of ${colors}.`);
        for (let c = 0; c < 3; c++) pixels[to + c] = palette![3 * index + c]!;
        if (transparency) pixels[to + 3] = transparency[index] ?? 255;
      },
    };
  }
  const byte = (value: number) => (depth === 8 ? value : Math.floor((2 * 255 * value + most) / (2 * most)));
  const key =
    transparency && Array.from({ length: samples }, (_, c) => (transparency[2 * c]! << 8) | transparency[2 * c + 1]!);
  return {
    channels: (samples + (key ? 1 : 0)) as Picture["channels"],
    write(from, line, first, pixels, to) {
      for (let c = 0; c < samples; c++) pixels[to + c] = byte(sample(from, line, first + c));
      if (key) pixels[to + samples] = key.every((value, c) => sample(from, line, first + c) === value) ? 0 : 255;
    },
  };
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
