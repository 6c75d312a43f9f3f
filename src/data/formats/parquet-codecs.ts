// The codecs of Parquet's pages and Arrow's buffers, each held to the size that the file declares while it inflates,
// not afterwards: in Node by its own zlib, elsewhere by the platform's streams or fzstd.
import { snappyUncompress } from "hyparquet";
import { InvalidInput } from "../../errors.ts";
import { inflate } from "./inflate.ts";
import { lz4Block, lz4Frames, lz4Hadoop } from "./lz4.ts";
import { checkFrames } from "./zstd-frames.ts";

const MOST = 2 ** 30; //        bytes, inflated
const SNAPPY_RATIO = 22; //     a copy of 64 bytes takes 3
const LZ4_RATIO = 255; //       a length grows by at most 255 for each byte

export type PageCodec = "SNAPPY" | "GZIP" | "BROTLI" | "LZ4" | "ZSTD" | "LZ4_RAW" | "LZ4_FRAME";

/** Exactly `size` bytes. Raises an Error that says what is wrong, without a place. */
export async function decompress(codec: PageCodec, bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const tooMany = new Error(
    `${bytes.length} bytes of ${NAMES[codec]} cannot hold the ${size} bytes that the header says`,
  );
  const ratio = codec === "SNAPPY" ? SNAPPY_RATIO : codec.startsWith("LZ4") ? LZ4_RATIO : Number.POSITIVE_INFINITY;
  if (!(size >= 0) || size > MOST || size > ratio * bytes.length) throw tooMany;
  const out = await DECODERS[codec](bytes, size);
  if (out === undefined || out.length !== size)
    throw new Error(
      `the ${NAMES[codec]} data give ${out === undefined ? "more" : out.length} bytes, the header says ${size}`,
    );
  return out;
}

export const NAMES: Readonly<Record<PageCodec, string>> = {
  SNAPPY: "Snappy",
  GZIP: "gzip",
  BROTLI: "Brotli",
  LZ4: "LZ4",
  ZSTD: "zstd",
  LZ4_RAW: "LZ4",
  LZ4_FRAME: "LZ4",
};

type Decoder = (bytes: Uint8Array, size: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

const DECODERS: Readonly<Record<PageCodec, Decoder>> = {
  SNAPPY(bytes, size) {
    const out = new Uint8Array(size);
    snappyUncompress(bytes, out);
    return out;
  },
  async GZIP(bytes, size) {
    try {
      const copy = new Uint8Array(bytes);
      return await inflate({ format: "gzip", bytes: copy, code: "BAD_GZIP" }, 0, () => size);
    } catch (error) {
      throw error instanceof InvalidInput ? new Error(error.reason.replace(/\.$/, ""), { cause: error }) : error;
    }
  },
  async BROTLI(bytes, size) {
    const zlib = nodeZlib();
    if (zlib) return inNode((done) => zlib.brotliDecompress(bytes, { maxOutputLength: Math.max(1, size) }, done));
    return streamed("brotli", bytes, size);
  },
  async ZSTD(bytes, size) {
    checkFrames(bytes, size);
    const zlib = nodeZlib();
    if (zlib) return inNode((done) => zlib.zstdDecompress(bytes, { maxOutputLength: Math.max(1, size) }, done));
    return (await import("./zstd.ts")).zstd(bytes, size);
  },
  LZ4: (bytes, size) => lz4Hadoop(bytes, size) ?? lz4Block(bytes, size),
  LZ4_RAW: lz4Block,
  LZ4_FRAME: lz4Frames,
};

const nodeZlib = (): typeof import("node:zlib") | undefined => {
  const { process } = globalThis as { process?: NodeJS.Process };
  return process?.getBuiltinModule?.("node:zlib");
};

type Done = (error: Error | null, out: Uint8Array) => void;

function inNode(work: (done: Done) => void): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    work((error, out) => {
      if (!error) resolve(out);
      else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") resolve(undefined);
      else reject(error);
    });
  });
}

/** By a stream of the platform, as far as it has one. */
async function streamed(format: string, bytes: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  let stream: DecompressionStream;
  try {
    stream = new DecompressionStream(format as CompressionFormat);
  } catch (cause) {
    throw new Error(`this browser does not inflate ${format}; write the file with compression='zstd'`, { cause });
  }
  const writer = stream.writable.getWriter();
  for (const fed of [writer.write(new Uint8Array(bytes)), writer.close()]) fed.catch(() => {}); // the reader meets it
  const reader = stream.readable.getReader();
  const out = new Uint8Array(size);
  let at = 0;
  try {
    for (let { value } = await reader.read(); value; { value } = await reader.read()) {
      if (at + value.length > size) return undefined;
      out.set(value, at);
      at += value.length;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  return out.subarray(0, at);
}
