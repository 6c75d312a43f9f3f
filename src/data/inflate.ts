// Deflate in its three wrappings, by the platform's DecompressionStream, which checks gzip's and zlib's sums, refuses a cut stream and
// refuses bytes after its end. Ours are the bounds: how much may come out. Knows no file format.
import { EnvironmentFailure, InvalidInput } from "../errors.ts";

/** Deflate cannot do better than 1,032 to 1 (zlib's technical notes), so a larger promise cannot be kept. */
const BEST_RATIO = 1032;

export type Stream = {
  readonly format: "gzip" | "deflate" | "deflate-raw";
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly code: string; // of the errors, e.g. BAD_GZIP
  readonly file?: string | undefined;
  readonly at?: string | undefined; // where in the file the stream begins, by default byte 0
};

/**
 * All bytes of the one compressed stream that `bytes` is. `declared` is asked once, with the first inflated bytes (at least
 * `head` of them, unless there are fewer), how many bytes there must be; memory is taken only after that, and one byte more
 * or fewer is refused. Raises InvalidInput if the stream is cut, damaged, or followed by anything.
 */
export async function inflate(
  { format, bytes, code, file, at: place = "byte 0" }: Stream,
  head: number,
  declared: (first: Uint8Array) => number,
): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (reason: string, options?: ErrorOptions) =>
    new InvalidInput(code, reason, { file, at: place }, options);
  const { readable, writable } = new DecompressionStream(format);
  const writer = writable.getWriter();
  for (const fed of [writer.write(bytes), writer.close()]) fed.catch(() => {}); // the reader meets the same error
  const reader = readable.getReader();
  const next = async () => {
    try {
      return (await reader.read()).value;
    } catch (cause) {
      const name = format === "gzip" ? "gzip" : "compressed";
      const reason = `the ${name} data are cut short, damaged, or followed by other bytes. Fetch or copy the file again.`;
      throw refuse(reason, { cause });
    }
  };
  try {
    let first = new Uint8Array(0);
    let ended = false;
    while (first.length < head && !ended) {
      const chunk = await next();
      if (chunk) first = join(first, chunk);
      else ended = true;
    }
    const size = declared(first);
    if (size > bytes.length * BEST_RATIO)
      throw refuse(`${bytes.length} compressed bytes cannot hold the ${size} bytes the header declares.`);
    if (first.length > size) throw refuse(`more bytes come out than the ${size} the header declares.`);
    const out = room(size, file);
    out.set(first);
    let at = first.length;
    for (let chunk = ended ? undefined : await next(); chunk; chunk = await next()) {
      if (at + chunk.length > size) throw refuse(`more bytes come out than the ${size} the header declares.`);
      out.set(chunk, at);
      at += chunk.length;
      release(chunk);
    }
    if (at < size) throw refuse(`${at} bytes come out, the header declares ${size}.`);
    return out;
  } finally {
    reader.cancel().catch(() => {}); // a stream that failed fails again here; its error is already raised
  }
}

/** Give back at once the memory of a chunk that fills its buffer; otherwise garbage as large as the file waits for a collection. */
function release({ buffer, byteLength }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength === byteLength) buffer.transfer(0); // a buffer that holds more may still be written to
}

function room(size: number, file: string | undefined): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new EnvironmentFailure("OUT_OF_MEMORY", `there is no room for ${size} bytes.`, { file }, { cause });
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
