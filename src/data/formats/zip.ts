// ZIP archives, read so strictly that every byte belongs to exactly one entry, header or directory. Nothing is inflated
// on the archive's word alone. Not read: encryption, ZIP64 archives (entries over 4 GiB), several disks, comments,
// methods but deflate.
// Source: PKWARE APPNOTE 6.3, sections 4.3 and 4.4.
import { InvalidInput, must, show } from "../../errors.ts";
import { crc32 } from "./crc32.ts";
import { inflate } from "./inflate.ts";

const MOST_ENTRIES = 1024;
const LARGE = 0xffffffff; // stands for a size that is in a ZIP64 field instead
const METHODS = new Map([
  [0, "stored"],
  [8, "deflate"],
]);

/**
 * One file of an archive. `read` raises InvalidInput BAD_ZIP unless it inflates to exactly `size` bytes with the right
 * CRC-32.
 */
export type Entry = { readonly size: number; read(): Promise<Uint8Array<ArrayBuffer>> };

type Header = { name: string; flags: number; method: number; crc: number; packed: number; size: number; at: number };

/** The files of an archive by name. Raises InvalidInput BAD_ZIP, naming the byte or the entry. */
export function readZip(bytes: Uint8Array<ArrayBuffer>, file?: string): ReadonlyMap<string, Entry> {
  const check = (ok: boolean, what: string, expected: string, got: unknown, at: string, remedy = "") =>
    must(ok, what, expected, got, remedy, { file, at }, "BAD_ZIP");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - 22;
  const ends = last >= 0 && view.getUint32(last, true) === 0x06054b50;
  check(
    ends,
    "the last 22 bytes",
    "the end record of a ZIP archive",
    `${bytes.length} bytes`,
    `byte ${Math.max(0, last)}`,
  );
  const [disk, disk2, here, count] = [4, 6, 8, 10].map((k) => view.getUint16(last + k, true)) as [
    number,
    number,
    number,
    number,
  ];
  const [length, start] = [view.getUint32(last + 12, true), view.getUint32(last + 16, true)];
  check(
    disk === 0 && disk2 === 0 && here === count,
    "the archive",
    "on one disk",
    [disk, disk2, here, count],
    `byte ${last + 4}`,
  );
  check(count <= MOST_ENTRIES, "the number of entries", `at most ${MOST_ENTRIES}`, count, `byte ${last + 10}`);
  check(
    start + length === last,
    "the directory",
    `between byte ${start} and the end record`,
    length,
    `byte ${last + 12}`,
  );

  const headers: Header[] = [];
  const names = new Set<string>();
  let at = start;
  for (let e = 0; e < count; e++) {
    const fits = at + 46 <= last && view.getUint32(at, true) === 0x02014b50;
    check(fits, `directory entry ${e + 1} of ${count}`, "inside the directory", at, `byte ${at}`);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [crc, packed, size] = [16, 20, 24].map((k) => view.getUint32(at + k, true)) as [number, number, number];
    const [named, extra, comment] = [28, 30, 32].map((k) => view.getUint16(at + k, true)) as [number, number, number];
    const next = at + 46 + named + extra + comment;
    check(next <= last, `directory entry ${e + 1} of ${count}`, "inside the directory", next, `byte ${at}`);
    const name = decodeName(bytes.subarray(at + 46, at + 46 + named), file, at + 46);
    const place = `entry ${show(name)}`;
    check(!names.has(name), "its name", "in the archive once", name, place);
    check((flags & ~0x80e) === 0, "its flags", "plain: entries are not encrypted", flags, place);
    check(METHODS.has(method), "its method", "stored or deflate", method, place);
    check(packed < LARGE && size < LARGE, "its size", "less than 4 GiB", size, place);
    check(method === 8 || packed === size, "its stored size", `${size} bytes`, packed, place);
    names.add(name);
    headers.push({ name, flags, method, crc, packed, size, at: view.getUint32(at + 42, true) });
    at = next;
  }
  check(at === last, "the directory", `${at - start} bytes long, as its entries say`, length, `byte ${at}`);

  headers.sort((a, b) => a.at - b.at);
  const entries = new Map<string, Entry>();
  at = 0;
  headers.forEach((header, e) => {
    const place = `entry ${show(header.name)}`;
    check(
      header.at === at,
      "its data",
      `at byte ${at}: entries follow each other without holes or overlaps`,
      header.at,
      place,
    );
    const begin = dataStart(view, header, start, place, check);
    const end = begin + header.packed;
    check(end <= start, "its data", `before the directory at byte ${start}`, end, place);
    at = headers[e + 1]?.at ?? start;
    const after = at - end; // with flag 8 a copy of the sizes, in 32 or 64 bits, with or without a signature
    const rest = (header.flags & 8) === 0 ? [0] : [12, 16, 20, 24];
    check(rest.includes(after), "the gap after its data", `${rest.join(" or ")} bytes`, after, place);
    const data = bytes.subarray(begin, end);
    entries.set(header.name, { size: header.size, read: () => readEntry(header, data, file) });
  });
  check(entries.size > 0 || start === 0, "an empty archive", "22 bytes long", bytes.length, "byte 0");
  return entries;
}

type Check = (ok: boolean, what: string, expected: string, got: unknown, at: string) => void;

/** Where an entry's data begin: behind its local header, which must say what the directory says. */
function dataStart(view: DataView, header: Header, limit: number, place: string, check: Check): number {
  const { at, flags, method, crc, packed, size, name } = header;
  const fits = at + 30 <= limit && view.getUint32(at, true) === 0x04034b50;
  check(fits, "its local header", "before the directory", at, place);
  const named = view.getUint16(at + 26, true);
  const extra = view.getUint16(at + 28, true);
  const begin = at + 30 + named + extra;
  check(begin <= limit, "its local header", "before the directory", begin, place);
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 30, named));
  const same = view.getUint16(at + 6, true) === flags && view.getUint16(at + 8, true) === method && text === name;
  check(same, "its local header", "as in the directory", text, place);
  if (flags & 8) return begin; // sizes and sum follow the data
  const told = [14, 18, 22].map((k) => view.getUint32(at + k, true)) as [number, number, number];
  const wide = told[1] === LARGE && told[2] === LARGE; // NumPy writes them in the ZIP64 field, whatever they are
  const field = at + 30 + named;
  const wideSame =
    wide &&
    extra >= 20 &&
    view.getUint16(field, true) === 1 &&
    view.getBigUint64(field + 4, true) === BigInt(size) &&
    view.getBigUint64(field + 12, true) === BigInt(packed);
  const agrees = told[0] === crc && (wideSame || (told[1] === packed && told[2] === size));
  check(agrees, "its local sizes and sum", `${[crc, packed, size]}`, told, place);
  return begin;
}

async function readEntry(
  { name, method, crc, size }: Header,
  data: Uint8Array<ArrayBuffer>,
  file: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const at = `entry ${show(name)}`;
  const whole =
    method === 0
      ? data
      : await inflate({ format: "deflate-raw", bytes: data, code: "BAD_ZIP", file, at }, 0, () => size);
  if (crc32(whole) !== crc)
    throw new InvalidInput("BAD_ZIP", "its bytes do not have the CRC-32 of the directory. It is damaged.", {
      file,
      at,
    });
  return whole;
}

function decodeName(bytes: Uint8Array, file: string | undefined, at: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInput("BAD_ZIP", "an entry's name is not UTF-8.", { file, at: `byte ${at}` }, { cause });
  }
}
