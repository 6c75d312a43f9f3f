// Node only. Pixels as a PNG in a data: address, for a page that fetches nothing.
import { deflateSync } from "node:zlib";
import { crc32 } from "../../data/formats/crc32.ts";

const HEAD = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** An address of `pixels` [height × width × channels], bytes of grey (1) or RGB (3). */
export function pngAddress(pixels: Uint8Array, width: number, height: number, channels: 1 | 3): string {
  const lines = new Uint8Array(height * (width * channels + 1)); // each begins with 0: no filter
  for (let y = 0; y < height; y++) {
    const line = pixels.subarray(y * width * channels, (y + 1) * width * channels);
    lines.set(line, y * (width * channels + 1) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8);
  const png = Buffer.concat([
    Uint8Array.from(HEAD),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", new Uint8Array(0)),
  ]);
  return `data:image/png;base64,${png.toString("base64")}`;
}

function chunk(name: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  out.set(body, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
