// Deflate in its three wrappings, to exactly the size that was declared: how much may come out is bounded here. The platform inflates
// (inflaters.ts). Knows no file format.
import { EnvironmentFailure, InvalidInput } from "../../errors.ts";
import { type Format, inflaterOf } from "./inflaters.ts";

/** Deflate cannot do better than 1,032 to 1 (zlib's technical notes), so a larger promise cannot be kept. */
const BEST_RATIO = 1032;

export type Stream = {
  readonly format: Format;
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
