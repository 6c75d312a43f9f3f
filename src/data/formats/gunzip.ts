// A gzip file inflated piece by piece, as a text is read: by Node's zlib, which takes several members one after the
// other, elsewhere by DecompressionStream, which takes one. What comes out is held against what went in.
import { EnvironmentFailure, InvalidInput, type InvalidInputCode } from "../../errors.ts";

const FREE = 2 ** 25; //  bytes that any file may inflate to
const RATIO = 128; //     above that, bytes out for each byte in: tables reach 50, bombs 1,000

/** The most bytes that are read from this many compressed ones. */
export const mostInflated = (packed: number): number => Math.max(FREE, RATIO * packed);

export function refuseBomb(
  packed: number,
  code: InvalidInputCode,
  file: string | undefined,
  at?: string,
): InvalidInput {
  const reason = `more than ${mostInflated(packed)} bytes come out of ${packed}. If that is right, decompress it first.`;
  return new InvalidInput(code, reason, { file, at });
}

/** The bytes of a gzip file. Raises InvalidInput BAD_GZIP if it is cut, damaged or a bomb. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>, file?: string): AsyncGenerator<Uint8Array> {
  let [packed, size] = [0, 0];
  let failure: unknown; // of the chunks, not of the stream
  const fed = (async function* () {
    try {
      for await (const chunk of chunks) {
        packed += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  })();
  try {
    for await (const piece of inflated(fed)) {
      size += piece.length;
      if (size > mostInflated(packed)) throw refuseBomb(packed, "BAD_GZIP", file, `after byte ${packed}`);
      yield piece;
    }
  } catch (cause) {
    if (failure !== undefined) throw failure;
    if (cause instanceof InvalidInput || cause instanceof EnvironmentFailure) throw cause;
    const reason = "the gzip data are cut short, damaged, or followed by other bytes. Fetch or copy the file again.";
    throw new InvalidInput("BAD_GZIP", reason, { file, at: `before byte ${packed}` }, { cause });
  }
}

async function* inflated(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { process } = globalThis as { process?: NodeJS.Process };
  const zlib = process?.getBuiltinModule?.("node:zlib");
  const stream = process?.getBuiltinModule?.("node:stream");
  if (zlib && stream) {
    const out = zlib.createGunzip({ chunkSize: 2 ** 18 });
    const source = stream.Readable.from(chunks);
    source.on("error", (error) => out.destroy(error));
    out.on("close", () => source.destroy()); // and so the file is closed
    yield* source.pipe(out) as AsyncIterable<Uint8Array>;
    return;
  }
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const feed = async () => {
    for await (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>);
    await writer.close();
  };
  feed().catch((error) => writer.abort(error).catch(() => {})); // the reader meets the same error
  const reader = readable.getReader();
  try {
    for (let { value } = await reader.read(); value; { value } = await reader.read()) yield value;
  } finally {
    reader.cancel().catch(() => {});
    await chunks.return(undefined);
  }
}
