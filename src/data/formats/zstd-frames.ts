// The frames and blocks of zstd data, walked without decoding: the windows they ask for and what comes out at least.
// Source: RFC 8878, section 3.1.

const LEAST_WINDOW = 2 ** 23; // every decoder takes as much (RFC 8878, 3.1.1.1.2)
const MOST_BLOCK = 2 ** 17;

/** Raises an Error for frames whose windows or blocks are more than `size` bytes can need. */
export function checkFrames(bytes: Uint8Array, size: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cut = () => new Error("the zstd data are cut short");
  let at = 0;
  let least = 0;
  while (at < bytes.length) {
    if (at + 6 > bytes.length) throw cut();
    const magic = view.getUint32(at, true);
    if (magic >>> 4 === 0x184d2a5) {
      if (at + 8 > bytes.length) throw cut();
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== 0xfd2fb528) throw new Error("the data are not zstd");
    const flags = bytes[at + 4]!;
    const single = (flags & 0x20) !== 0;
    const sized = flags >> 6 === 0 ? (single ? 1 : 0) : 2 ** (flags >> 6);
    const named = [0, 1, 2, 4][flags & 3]!;
    const from = at + 5 + (single ? 0 : 1) + named;
    if (from + sized > bytes.length) throw cut();
    const content =
      sized === 8
        ? Number(view.getBigUint64(from, true))
        : sized === 4
          ? view.getUint32(from, true)
          : sized === 2
            ? view.getUint16(from, true) + 256
            : (bytes[from] ?? 0);
    const descriptor = bytes[at + 5]!;
    const base = 2 ** (10 + (descriptor >> 3));
    const window = single ? content : base + (base / 8) * (descriptor & 7);
    if (window > Math.max(LEAST_WINDOW, size)) throw new Error(`the zstd data ask for a window of ${window} bytes`);
    if (sized > 0 && content > size) throw new Error(`the zstd data say ${content} bytes, the header ${size}`);
    at = from + sized;
    for (let last = false; !last; ) {
      if (at + 3 > bytes.length) throw cut();
      const head = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      last = (head & 1) === 1;
      const [kind, length] = [(head >> 1) & 3, head >> 3];
      if (length > MOST_BLOCK || kind === 3) throw new Error("the zstd data have a block that is none");
      if (kind < 2) least += length;
      if (least > size) throw new Error(`more bytes come out of the zstd data than the ${size} that the header says`);
      at += 3 + (kind === 1 ? 1 : length);
    }
    at += flags & 4 ? 4 : 0;
  }
  if (at !== bytes.length) throw cut();
}
