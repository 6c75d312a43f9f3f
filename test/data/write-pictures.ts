// Writes pictures for tests: JPEG and WebP by the encoders of the packages whose decoders are used, GIF and BMP
// from their specifications.
import { readFile } from "node:fs/promises";

export type Rgba = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };

/** A picture from a color [r, g, b, a] at each place. */
export function rgba(width: number, height: number, color: (x: number, y: number) => readonly number[]): Rgba {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let p = 0; p < width * height; p++) data.set(color(p % width, Math.floor(p / width)), 4 * p);
  return { width, height, data };
}

type Encoder = { encode(data: Uint8ClampedArray, width: number, height: number, options: object): Uint8Array | null };
type Factory = (settings: object) => Promise<Encoder>;

async function encoder(factory: Promise<{ default: unknown }>, wasm: string): Promise<Encoder> {
  const file = new URL(`../../node_modules/@jsquash/${wasm}`, import.meta.url);
  const code = await WebAssembly.compile(await readFile(file));
  const instantiateWasm = (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(code, imports);
    done(instance);
    return instance.exports;
  };
  return ((await factory).default as Factory)({ noInitialRun: true, instantiateWasm });
}

export async function writeJpeg({ width, height, data }: Rgba, more: object = {}): Promise<Uint8Array<ArrayBuffer>> {
  const codec = await encoder(import("@jsquash/jpeg/codec/enc/mozjpeg_enc.js"), "jpeg/codec/enc/mozjpeg_enc.wasm");
  const { defaultOptions } = await import("@jsquash/jpeg/meta.js");
  return new Uint8Array(codec.encode(data, width, height, { ...defaultOptions, quality: 95, ...more })!);
}

/** Lossless, so that what is decoded is what was encoded. */
export async function writeWebp({ width, height, data }: Rgba): Promise<Uint8Array<ArrayBuffer>> {
  const codec = await encoder(import("@jsquash/webp/codec/enc/webp_enc.js"), "webp/codec/enc/webp_enc.wasm");
  const { defaultOptions } = await import("@jsquash/webp/meta.js");
  const options = { ...defaultOptions, lossless: 1, exact: 1, quality: 75, method: 0 };
  return new Uint8Array(codec.encode(data, width, height, options)!);
}

/**
 * `indices` into a palette of 0xRRGGBB, of 2, 4, … 256 colors; `transparent` is one of them. LZW with a table that
 * grows until it is full, and is then cleared.
 */
export function writeGif(
  width: number,
  height: number,
  palette: readonly number[],
  indices: readonly number[],
  { transparent, frames = 2, interlaced = false }: { transparent?: number; frames?: number; interlaced?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const depth = Math.log2(palette.length);
  const sides = [width & 255, width >> 8, height & 255, height >> 8];
  const out = [...Buffer.from("GIF89a"), ...sides, 0x80 | (depth - 1), 0, 0];
  for (const color of palette) out.push(color >> 16, (color >> 8) & 255, color & 255);
  const step = interlaced
    ? [...lines(height, 0, 8), ...lines(height, 4, 8), ...lines(height, 2, 4), ...lines(height, 1, 2)]
    : lines(height, 0, 1);
  const shown = step.flatMap((y) => indices.slice(y * width, (y + 1) * width));
  for (let k = 0; k < frames; k++) {
    if (transparent !== undefined) out.push(0x21, 0xf9, 4, 1, 0, 0, transparent, 0);
    out.push(0x2c, 0, 0, 0, 0, ...sides, interlaced ? 0x40 : 0);
    const size = Math.max(2, depth);
    const data = lzw(k === 0 ? shown : shown.map(() => 0), size); // later frames are blank, and never shown
    out.push(size);
    for (let at = 0; at < data.length; at += 255)
      out.push(Math.min(255, data.length - at), ...data.slice(at, at + 255));
    out.push(0);
  }
  return Uint8Array.from([...out, 0x3b]);
}

const lines = (height: number, first: number, step: number) =>
  Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, k) => first + k * step);

function lzw(indices: readonly number[], size: number): number[] {
  const clear = 1 << size;
  const bits: number[] = [];
  let [width, table] = [size + 1, new Map<string, number>()];
  const put = (code: number) => {
    for (let k = 0; k < width; k++) bits.push((code >> k) & 1);
  };
  const codeOf = (run: string) => table.get(run) ?? Number(run);
  put(clear);
  let run = "";
  for (const index of indices) {
    const longer = run === "" ? String(index) : `${run},${index}`;
    if (run === "" || table.has(longer)) {
      run = longer;
      continue;
    }
    put(codeOf(run));
    const next = clear + 2 + table.size;
    if (next === 4096) {
      put(clear);
      [width, table] = [size + 1, new Map()];
    } else {
      table.set(longer, next);
      if (next === 1 << width) width++;
    }
    run = String(index);
  }
  put(codeOf(run));
  put(clear + 1);
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, k) =>
    bits.slice(8 * k, 8 * k + 8).reduce((byte, bit, b) => byte | (bit << b), 0),
  );
}

export type Bmp = {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** Rows as they lie in the file, without the bytes that fill them up. */
  readonly rows: readonly (readonly number[])[];
  readonly palette?: readonly (readonly number[])[];
  readonly masks?: readonly number[];
  readonly topDown?: boolean;
  readonly compression?: number;
};

export function writeBmp(bmp: Bmp): Uint8Array<ArrayBuffer> {
  const { width, height, depth, rows, palette = [], masks = [], topDown = false } = bmp;
  const line = Math.ceil((width * depth) / 32) * 4;
  const start = 54 + 4 * masks.length + 4 * palette.length;
  const out = Buffer.alloc(start + line * height);
  out.write("BM", "latin1");
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(start, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(topDown ? -height : height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(depth, 28);
  out.writeUInt32LE(bmp.compression ?? (masks.length === 0 ? 0 : 3), 30);
  for (const [k, mask] of masks.entries()) out.writeUInt32LE(mask, 54 + 4 * k);
  for (const [k, entry] of palette.entries()) out.set(entry, 54 + 4 * masks.length + 4 * k);
  for (const [y, row] of rows.entries()) out.set(row, start + line * y);
  return new Uint8Array(out);
}
