// Gzip, one member a file: what a `.gz` beside a data set is. The inflating and its bounds are in inflate.ts.
import { InvalidInput } from "../../errors.ts";
import { inflate } from "./inflate.ts";

/** Whether the bytes begin as a gzip member does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * All bytes of the one gzip member that `bytes` is; `head` and `declared` as in `inflate`. Raises InvalidInput BAD_GZIP if the
 * member is cut, damaged, or followed by anything.
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  head: number,
  declared: (first: Uint8Array) => number,
  file?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes))
    throw new InvalidInput("BAD_GZIP", "this is not gzip: the first two bytes are not 1f 8b.", { file, at: "byte 0" });
  return inflate({ format: "gzip", bytes, code: "BAD_GZIP", file }, head, declared);
}
