// Gzip, inflated by the platform's DecompressionStream, which checks the CRC-32. Ours are the bounds: how much may come out.
import { InvalidInput } from "../errors.ts";

/** Deflate cannot do better than 1,032 to 1 (zlib's technical notes), so a larger promise cannot be kept. */
const BEST_RATIO = 1032;

/** Whether the bytes begin as a gzip member does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * All bytes of the one gzip member that `bytes` is. `declared` is asked once, with the first inflated bytes (at least
 * `head` of them, unless there are fewer), how many bytes there must be; memory is taken only after that, and one byte more
 * or fewer is refused. Raises InvalidInput BAD_GZIP if the member is cut, damaged, or followed by anything.
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  head: number,
  declared: (first: Uint8Array) => number,
  file?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (reason: string, options?: ErrorOptions) => new InvalidInput("BAD_GZIP", reason, { file }, options);
  if (!isGzip(bytes)) throw refuse("this is not gzip: the first two bytes are not 1f 8b.");
  const most = bytes.length * BEST_RATIO;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const next = async () => {
    try {
      return (await reader.read()).value;
    } catch (cause) {
      throw refuse("the gzip data are cut short, damaged, or followed by other bytes. Fetch or copy the file again.", {
        cause,
      });
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
    if (size > most) throw refuse(`${bytes.length} bytes of gzip cannot hold the ${size} bytes the header declares.`);
    if (first.length > size) throw refuse(`more bytes come out than the ${size} the header declares.`);
    const out = new Uint8Array(size);
    out.set(first);
    let at = first.length;
    for (let chunk = ended ? undefined : await next(); chunk; chunk = await next()) {
      if (at + chunk.length > size) throw refuse(`more bytes come out than the ${size} the header declares.`);
      out.set(chunk, at);
      at += chunk.length;
    }
    if (at < size) throw refuse(`${at} bytes come out, the header declares ${size}.`);
    return out;
  } finally {
    reader.cancel().catch(() => {}); // a stream that failed fails again here; its error is already raised
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
