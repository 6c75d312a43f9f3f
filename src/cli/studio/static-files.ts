// Everything the studio's server can hand out, as a map from the exact address asked for. No address ever becomes a
// path.
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { readBytes } from "../../data/disk-files.ts";
import { CATALOG, locateNamed } from "../../data/named/catalog.ts";

export type Served = {
  readonly type: string;
  readonly keep: boolean; // whether a browser may have it again without asking: what is no secret and never changes
  readonly read: () => Promise<Uint8Array>;
};

/** From the address, as a browser sends it, to what lies there. */
export type ServedFiles = ReadonlyMap<string, Served>;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

const inMemory = (type: string, bytes: Uint8Array, keep = false): Served => ({ type, keep, read: async () => bytes });

/**
 * The plain files of the built page, read once. `/` is index.html. Links, and kinds of file that a page has no use for,
 * are left out.
 */
export async function pageFiles(folder: string): Promise<Map<string, Served>> {
  const files = new Map<string, Served>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !(extname(entry.name) in TYPES)) continue;
    const path = join(entry.parentPath, entry.name);
    put(files, path.slice(folder.length + 1).replaceAll("\\", "/"), await readFile(path));
  }
  return files;
}

/** The same from the archive of the package: a line of names and lengths, and the bytes behind it. */
export function unpackedPage(archive: Buffer): Map<string, Served> {
  const files = new Map<string, Served>();
  let at = archive.indexOf("\n") + 1;
  for (const [name, length] of JSON.parse(archive.toString("utf8", 0, at)) as [string, number][]) {
    put(files, name, archive.subarray(at, at + length));
    at += length;
  }
  return files;
}

function put(files: Map<string, Served>, name: string, bytes: Uint8Array): void {
  const type = TYPES[extname(name)]!;
  if (name === "index.html") files.set("/", inMemory(type, bytes));
  else files.set(`/${name}`, inMemory(type, bytes, true));
}

/**
 * What `/data/index.json` tells: the named sets that are on this machine. Their files are at `/data/NAME/FILE`, as
 * published.
 */
export type DataIndex = { readonly sets: readonly { readonly name: string; readonly files: readonly string[] }[] };

/**
 * The named sets in `dataDir` or in the cache. A file is served by its published name, whatever it is called here.
 * Nothing is downloaded.
 */
export async function dataFiles(options: {
  readonly dataDir?: string | undefined;
  readonly cache?: string | undefined;
}): Promise<{ readonly files: ReadonlyMap<string, Served>; readonly index: DataIndex }> {
  const files = new Map<string, Served>();
  const sets: DataIndex["sets"][number][] = [];
  for (const [name, set] of CATALOG) {
    const found = await locateNamed(name, set, options);
    if (!found) continue;
    const names = set.files.map(({ file }) => file);
    for (const [k, path] of found.entries())
      files.set(`/data/${name}/${names[k]}`, {
        type: "application/octet-stream",
        keep: false,
        read: () => readBytes(path, { most: MOST_BYTES }),
      });
    sets.push({ name, files: names });
  }
  const index: DataIndex = { sets };
  files.set("/data/index.json", inMemory("application/json", new TextEncoder().encode(JSON.stringify(index))));
  return { files, index };
}

const MOST_BYTES = 2 ** 27; // of a file of a named set; the largest published one, unpacked, has 47 MB
