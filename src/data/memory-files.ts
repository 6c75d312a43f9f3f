// Files in memory as a FileSet: dropped on a page or fetched. Their bytes are never copied, save once for the SHA-256
// of several files.
import { InvalidInput } from "../errors.ts";
import { sha256 } from "../numerics/sha256.ts";
import {
  baseOf,
  CHUNK,
  type FileEntry,
  type FileSet,
  folderOf,
  HEAD,
  inOrder,
  MOST_BYTES,
  tooLarge,
  within,
} from "./file-set.ts";

/** `name` may be a path, "/" between steps. */
export type NamedBytes = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };

/**
 * The files; where all lie in one outermost folder, that is the root. Hidden files are left out, as in listings of a
 * disk.
 */
export function memoryFiles(given: readonly NamedBytes[]): FileSet {
  const seen = given.filter(({ name }) => !/(^|\/)\./.test(name));
  const [first = ""] = seen[0]?.name.split("/", 1) ?? [];
  const root = seen.every(({ name }) => name.startsWith(`${first}/`)) ? first : "";
  const shown = (path: string) => (path === "" ? root : within(root, path));
  const contents = new Map(seen.map(({ name, bytes }) => [root === "" ? name : name.slice(root.length + 1), bytes]));
  const folders = foldersOf(contents.keys());
  const find = (path: string, most = MOST_BYTES) => {
    const bytes = contents.get(path);
    if (!bytes) throw new InvalidInput("DATA_NOT_FOUND", "there is no such file.", { file: shown(path) });
    if (bytes.length >= most) throw tooLarge(shown(path), bytes.length, most);
    return bytes;
  };
  return {
    name: root || "data",
    shown,
    list: async (folder) => [...(folders.get(folder)?.values() ?? [])].sort(inOrder),
    async bytes(path, limits) {
      const bytes = find(path, limits?.most);
      await limits?.check?.(bytes.subarray(0, HEAD), bytes.length);
      return bytes;
    },
    async *chunks(path) {
      const bytes = find(path, Number.POSITIVE_INFINITY);
      for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
    },
    hasher() {
      const parts: Uint8Array[] = [];
      const text = new TextEncoder();
      return {
        update: (bytes) => void parts.push(typeof bytes === "string" ? text.encode(bytes) : bytes),
        digest: () => sha256(...parts),
      };
    },
  };
}

/** What each folder holds, by name. */
function foldersOf(paths: Iterable<string>): Map<string, Map<string, FileEntry>> {
  const folders = new Map<string, Map<string, FileEntry>>();
  for (const path of paths)
    for (let entry = path; entry !== ""; entry = folderOf(entry)) {
      const folder = folders.get(folderOf(entry)) ?? new Map<string, FileEntry>();
      const name = baseOf(entry);
      folders.set(folderOf(entry), folder.set(name, { name, kind: entry === path ? "file" : "folder" }));
    }
  return folders;
}
