// zstd inflated where the platform cannot, as in a page.
import { Decompress } from "fzstd";
import { checkFrames } from "./zstd-frames.ts";

const STEP = 64; // bytes given to fzstd at a time: 21 blocks of 128 KiB at most

/** By fzstd, which bounds nothing: its frames are checked before, and it is fed a few blocks at a time. */
export function zstd(bytes: Uint8Array, size: number): Uint8Array | undefined {
  checkFrames(bytes, size);
  const out = new Uint8Array(size);
  let at = 0;
  let over = false;
  const stream = new Decompress((piece) => {
    over ||= at + piece.length > size;
    if (!over) out.set(piece, at);
    at += piece.length;
  });
  for (let from = 0; from < bytes.length && !over; from += STEP)
    stream.push(bytes.subarray(from, from + STEP), from + STEP >= bytes.length);
  return over ? undefined : out.subarray(0, at);
}
