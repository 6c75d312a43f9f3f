// Deflate in its three wrappings, inflated by the platform to exactly the size that was declared: Node's zlib at once,
// elsewhere DecompressionStream piece by piece. Both check gzip's and zlib's sums, and refuse a cut stream and bytes
// after its end.
import { EnvironmentFailure, InvalidInput, type InvalidInputCode } from "../../errors.ts";

type Format = "gzip" | "deflate" | "deflate-raw";

/** Whether the bytes begin as a gzip member does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Deflate cannot do better than 1,032 to 1 (zlib's technical notes), so a larger promise cannot be kept. */
const BEST_RATIO = 1032;

export type Stream = {
  readonly format: Format;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly code: InvalidInputCode; // of the errors, e.g. BAD_GZIP
  readonly file?: string | undefined;
  readonly at?: string | undefined; // where in the file the stream begins, by default byte 0
};

/**
 * All bytes of the one compressed stream that `bytes` is. `declared` is called once with the first inflated bytes, at
 * least `head` of them unless there are fewer, and returns the size; memory is taken only after that, and one byte more
 * or fewer is refused. Raises InvalidInput if the stream is cut, damaged, or followed by anything.
 */
export async function inflate(
  { format, bytes, code, file, at = "byte 0" }: Stream,
  head: number,
  declared: (first: Uint8Array) => number,
): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (reason: string, options?: ErrorOptions) => new InvalidInput(code, reason, { file, at }, options);
  const damaged = (cause: unknown) => {
    const name = format === "gzip" ? "gzip" : "compressed";
    const reason = `the ${name} data are cut short, damaged, or followed by other bytes. Fetch or copy the file again.`;
    return refuse(reason, { cause });
  };
  const inflater = inflaterOf(format, bytes);
  const first = await inflater.first(head).catch((cause: unknown) => {
    throw damaged(cause);
  });
  const size = declared(first);
  if (size > bytes.length * BEST_RATIO)
    throw refuse(`${bytes.length} compressed bytes cannot hold the ${size} bytes the header declares.`);
  const out = await inflater.whole(size).catch((cause: unknown) => {
    if (!(cause instanceof RangeError)) throw damaged(cause);
    throw new EnvironmentFailure("OUT_OF_MEMORY", `there is no room for ${size} bytes.`, { file }, { cause });
  });
  if (!out) throw refuse(`more bytes come out than the ${size} the header declares.`);
  if (out.length < size) throw refuse(`${out.length} bytes come out, the header declares ${size}.`);
  return out;
}

/** One stream. Raises the platform's error for a bad one, and RangeError where there is no room. */
type Inflater = {
  /** The first bytes that come out: at least `head`, unless there are fewer. Called first, and once. */
  first(head: number): Promise<Uint8Array>;
  /** All bytes, in memory of their own; undefined if they are more than `size`. */
  whole(size: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
};

function inflaterOf(format: Format, bytes: Uint8Array<ArrayBuffer>): Inflater {
  const { process } = globalThis as { process?: NodeJS.Process };
  const zlib = process?.getBuiltinModule?.("node:zlib");
  return zlib ? inMemory(zlib, format, bytes) : streamed(format, bytes);
}

const FIRST_BYTES = 1024; //        compressed, to find the first inflated ones in
const OWN_BUFFER = 2 ** 16; //      bytes; Node lays smaller ones into a buffer that others use
const MOST_AT_ONCE = 2 ** 32 - 1; // bytes; zlib counts in 32 bits

/**
 * On a thread of Node's own, into a buffer of the right size: four times as fast as in pieces, and nothing is left to
 * collect.
 */
function inMemory(zlib: typeof import("node:zlib"), format: Format, bytes: Uint8Array<ArrayBuffer>): Inflater {
  const work = { gzip: zlib.gunzip, deflate: zlib.inflate, "deflate-raw": zlib.inflateRaw }[format];
  const run = (from: Uint8Array, options: { finishFlush?: number; chunkSize?: number; maxOutputLength?: number }) =>
    new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      work(from, { ...options, rejectGarbageAfterEnd: true }, (error, out) => {
        if (error) reject(error);
        else resolve(new Uint8Array(out.buffer, out.byteOffset, out.length)); // the same memory, but not a Buffer
      });
    });
  return {
    async first(head) {
      if (head === 0) return new Uint8Array(0);
      for (let count = FIRST_BYTES; ; count *= 4) {
        const cut = count < bytes.length;
        const out = await run(bytes.subarray(0, count), cut ? { finishFlush: zlib.constants.Z_SYNC_FLUSH } : {});
        if (out.length >= head || !cut) return out;
      }
    },
    async whole(size) {
      // one byte more: zlib asks for another chunk when one is full
      const chunkSize = Math.min(Math.max(size + 1, OWN_BUFFER), MOST_AT_ONCE);
      try {
        return await run(bytes, { chunkSize, maxOutputLength: Math.max(size, 1) });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
        throw error;
      }
    },
  };
}

function streamed(format: Format, bytes: Uint8Array<ArrayBuffer>): Inflater {
  const { readable, writable } = new DecompressionStream(format);
  const writer = writable.getWriter();
  for (const fed of [writer.write(bytes), writer.close()]) fed.catch(() => {}); // the reader meets the same error
  const reader = readable.getReader();
  let first = new Uint8Array(0);
  return {
    async first(head) {
      while (first.length < head) {
        const { value: chunk } = await reader.read();
        if (!chunk) break;
        const both = new Uint8Array(first.length + chunk.length);
        both.set(first);
        both.set(chunk, first.length);
        first = both;
      }
      return first;
    },
    async whole(size) {
      try {
        if (first.length > size) return undefined;
        const out = new Uint8Array(size);
        out.set(first);
        let at = first.length;
        for (let { value: chunk } = await reader.read(); chunk; { value: chunk } = await reader.read()) {
          if (at + chunk.length > size) return undefined;
          out.set(chunk, at);
          at += chunk.length;
          release(chunk);
        }
        return out.subarray(0, at);
      } finally {
        reader.cancel().catch(() => {}); // a stream that failed fails again here; its error is already raised
      }
    },
  };
}

/**
 * Give back at once the memory of a chunk that fills its buffer; otherwise garbage as large as the file waits for a
 * collection.
 */
function release({ buffer, byteLength }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength === byteLength) buffer.transfer(0); // a buffer that holds more may still be written to
}
