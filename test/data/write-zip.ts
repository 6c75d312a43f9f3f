// Writes ZIP archives for tests, from PKWARE's description, honest or not. Shares nothing with the reader.
import { crc32, deflateRawSync } from "node:zlib";

export type ZipEntry = {
  readonly name: string | Uint8Array;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  readonly method?: number; //    what the headers say
  readonly crc?: number;
  readonly size?: number;
  readonly packed?: number;
  readonly localName?: string; // if it differs from the directory's
  readonly offset?: number; //    if it differs from where the entry lies
};

export type ZipOptions = {
  readonly comment?: string;
  readonly count?: number; //      of entries, in the end record
  readonly start?: number; //      of the directory, in the end record
  readonly gap?: Uint8Array; //    bytes between the entries and the directory
};

export function writeZip(entries: readonly ZipEntry[], options: ZipOptions = {}): Uint8Array<ArrayBuffer> {
  const body: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const stored = entry.deflate ? deflateRawSync(entry.data) : entry.data;
    const { flags = 0, method = entry.deflate ? 8 : 0, crc = crc32(entry.data) } = entry;
    const { size = entry.data.length, packed = stored.length } = entry;
    const name = Buffer.from(entry.name);
    const local = Buffer.from(entry.localName ?? name);
    const fields = Buffer.alloc(26); // version, flags, method, time, date, crc, packed, size, name length, extra length
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc, 10);
    fields.writeUInt32LE(packed, 14);
    fields.writeUInt32LE(size, 18);
    const named = (length: number) => {
      const copy = Buffer.from(fields);
      copy.writeUInt16LE(length, 22);
      return copy;
    };
    body.push(Buffer.from("PK\x03\x04"), named(local.length), local, stored);
    const tail = Buffer.alloc(14); // comment length, disk, attributes, offset
    tail.writeUInt32LE(entry.offset ?? at, 10);
    directory.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), named(name.length), tail, name);
    at += 30 + local.length + stored.length;
  }
  if (options.gap) body.push(options.gap);
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(options.count ?? entries.length, 8);
  end.writeUInt16LE(options.count ?? entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(options.start ?? at + (options.gap?.length ?? 0), 16);
  end.writeUInt16LE(options.comment?.length ?? 0, 20);
  return new Uint8Array(Buffer.concat([...body, central, end, Buffer.from(options.comment ?? "", "latin1")]));
}
