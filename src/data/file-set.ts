// A set of files as the readers in formats/ see it: names and bytes, wherever they lie. Two makers: disk-files.ts and
// memory-files.ts.
import { InvalidInput } from "../errors.ts";

/** What lies in a folder. Only a disk has links, pipes and devices. */
export type FileEntry = { readonly name: string; readonly kind: "file" | "folder" | "link" | "pipe" | "device" };

/** SHA-256 of bytes in the order of the calls; `digest` gives 64 lower-case hexadecimal digits. */
export interface Hasher {
  update(bytes: Uint8Array | string): void;
  digest(): Promise<string>;
}

export type ReadLimits = {
  /** Files of this many bytes or more are refused unread. */
  readonly most?: number | undefined;
  /** Whether a link is followed to its file; by default it is. */
  readonly follow?: boolean | undefined;
  /** Is given the first bytes, up to `HEAD` of them, and the file's size, before the rest is read. May refuse. */
  readonly check?: ((head: Uint8Array<ArrayBuffer>, size: number) => void | Promise<void>) | undefined;
};

/**
 * Files by their paths below a root folder, "/" between steps; "" is the root. Every refusal is an InvalidInput with
 * its file.
 */
export interface FileSet {
  /** The root's name, which names the data set of a whole folder. */
  readonly name: string;
  /** The entries of a folder in the order of their UTF-16 codes, without names that begin with a dot. */
  list(folder: string): Promise<readonly FileEntry[]>;
  /** All bytes of a plain file. */
  bytes(path: string, limits?: ReadLimits): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes of a plain file, `CHUNK` at a time. */
  chunks(path: string): AsyncIterable<Uint8Array>;
  /** The platform's SHA-256. */
  hasher(): Hasher;
  /** A path as messages show it. */
  shown(path: string): string;
}

export const CHUNK = 2 ** 18; // bytes
export const HEAD = 2 ** 14;
export const MOST_BYTES = 2 ** 31; // the default of `most`

export const baseOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const within = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

/** The name without folders, `.gz` and one more ending. */
export const stemOf = (path: string): string =>
  baseOf(path)
    .replace(/\.gz$/i, "")
    .replace(/(?<=.)\.[^.]*$/, "");

export const inOrder = (a: FileEntry, b: FileEntry): number => (a.name < b.name ? -1 : 1);

export function tooLarge(file: string, size: number, most: number): InvalidInput {
  return new InvalidInput("DATA_UNREADABLE", `it has ${size} bytes; fewer than ${most} are read.`, { file });
}

/** The same files, with the SHA-256 of all bytes read from them so far, in reading order. */
export function hashing(files: FileSet): FileSet & Pick<Hasher, "digest"> {
  const hash = files.hasher();
  return {
    ...files,
    digest: () => hash.digest(),
    async bytes(path, limits) {
      const bytes = await files.bytes(path, limits);
      hash.update(bytes);
      return bytes;
    },
    async *chunks(path) {
      for await (const chunk of files.chunks(path)) {
        hash.update(chunk);
        yield chunk;
      }
    },
  };
}
