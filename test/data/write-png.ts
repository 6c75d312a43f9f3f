// Writes PNG files for tests, from the specification, with any filter and interlacing. Shares nothing with the reader.
import { crc32, deflateSync } from "node:zlib";

export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly depth: 1 | 2 | 4 | 8 | 16;
  readonly colour: 0 | 2 | 3 | 4 | 6;
  readonly samples: ArrayLike<number>; //        height × width × channels
  readonly interlace?: boolean;
  readonly filter?: number; //                   of every line, 0 … 4
  readonly extra?: readonly Uint8Array[]; //     chunks between IHDR and IDAT
};

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** One chunk: length, type, body, CRC-32 of type and body. */
export function pngChunk(type: string, body: Uint8Array = new Uint8Array(0), crc?: number): Uint8Array<ArrayBuffer> {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length);
  out.write(type, 4, "latin1");
  out.set(body, 8);
  out.writeUInt32BE(crc ?? crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return new Uint8Array(out);
}

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function pngHeader(
  width: number,
  height: number,
  depth = 8,
  colour = 0,
  interlace = 0,
): Uint8Array<ArrayBuffer> {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width);
  body.writeUInt32BE(height, 4);
  body.set([depth, colour, 0, 0, interlace], 8);
  return pngChunk("IHDR", body);
}

export function writePng(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height, depth, colour, interlace = false, extra = [] } = picture;
  const data = pngChunk("IDAT", deflateSync(pngLines(picture)));
  const parts = [
    PNG_SIGNATURE,
    pngHeader(width, height, depth, colour, interlace ? 1 : 0),
    ...extra,
    data,
    pngChunk("IEND"),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** The filtered scanlines, pass after pass. */
export function pngLines({ width, height, depth, colour, samples, interlace, filter = 0 }: Picture): Uint8Array {
  const channels = CHANNELS[colour];
  const lines: number[] = [];
  const corners = interlace
    ? "00 40 04 20 02 10 01".split(" ").map((at, p) => {
        const step = [8, 8, 8, 4, 4, 2, 2][p] as number;
        return { x: Number(at[0]), y: Number(at[1]), dx: [8, 8, 4, 4, 2, 2, 1][p] as number, dy: step };
      })
    : [{ x: 0, y: 0, dx: 1, dy: 1 }];
  for (const { x: left, y: top, dx, dy } of corners) {
    let above: number[] = [];
    for (let y = top; y < height; y += dy) {
      let bits = "";
      for (let x = left; x < width; x += dx)
        for (let c = 0; c < channels; c++)
          bits += (samples[(y * width + x) * channels + c] as number).toString(2).padStart(depth, "0");
      if (bits === "") break;
      const line = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
      lines.push(filter, ...filtered(line, above, Math.max(1, (channels * depth) / 8), filter));
      above = line;
    }
  }
  return Uint8Array.from(lines);
}

function filtered(line: readonly number[], above: readonly number[], step: number, filter: number): number[] {
  return line.map((value, k) => {
    const a = line[k - step] ?? 0;
    const b = above[k] ?? 0;
    const c = k >= step ? (above[k - step] ?? 0) : 0;
    const p = a + b - c;
    const [da, db, dc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    const paeth = da <= db && da <= dc ? a : db <= dc ? b : c;
    return (value - ([0, a, b, (a + b) >> 1, paeth][filter] as number)) & 255;
  });
}
