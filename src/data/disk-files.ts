// Node only. Files on a disk as a FileSet. Only plain files are opened: a pipe or device in their place is refused,
// never waited for.
import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { basename, join, normalize, sep } from "node:path";
import { InvalidInput } from "../errors.ts";
import {
  CHUNK,
  type FileEntry,
  type FileSet,
  HEAD,
  inOrder,
  MOST_BYTES,
  type ReadLimits,
  tooLarge,
} from "./file-set.ts";

/** The files below `root`; "" is the working folder. */
export function diskFiles(root: string): FileSet {
  const prefix = root === "" || /[/\\]$/.test(root) ? root : root + sep;
  const shown = (path: string) => (path === "" ? root : prefix + normalize(path));
  return {
    name: basename(root) || "data",
    shown,
    async list(folder) {
      const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
        throw unreadable(shown(folder), error);
      });
      const seen = entries.filter(({ name }) => !name.startsWith("."));
      return seen.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort(inOrder);
    },
    bytes: (path, limits) => readBytes(shown(path), limits),
    chunks: (path) => readChunks(shown(path)),
    hasher() {
      const hash = createHash("sha256");
      return { update: (bytes) => void hash.update(bytes), digest: async () => hash.digest("hex") };
    },
  };
}

/** One file by its path, in the set of the files beside it. */
export function diskFile(file: string): { readonly files: FileSet; readonly path: string } {
  const path = basename(file);
  return { files: diskFiles(file.slice(0, file.length - path.length)), path };
}

function kindOf(entry: Dirent): FileEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : entry.isFIFO() ? "pipe" : "device";
}

/** All bytes of a plain file, in memory of their own. Raises InvalidInput DATA_NOT_FOUND or DATA_UNREADABLE. */
export async function readBytes(file: string, limits: ReadLimits = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { most = MOST_BYTES, follow = true, check } = limits;
  let handle: FileHandle | undefined;
  try {
    handle = await openPlain(file, follow);
    const { size } = await handle.stat();
    if (size >= most) throw tooLarge(file, size, most);
    if (check) {
      const head = new Uint8Array(Math.min(size, HEAD));
      await fill(handle, head, file);
      await check(head, size);
    }
    const bytes = new Uint8Array(size);
    await fill(handle, bytes, file);
    const { bytesRead } = await handle.read(new Uint8Array(1), 0, 1, size);
    if (bytesRead > 0) throw changed(file); // as files of /proc do, which have no size and no end
    return bytes;
  } catch (error) {
    throw error instanceof InvalidInput ? error : unreadable(file, error);
  } finally {
    await handle?.close();
  }
}

const MOST_READ = 2 ** 30; // bytes in one call; Node takes fewer than 2 GiB

/** All bytes of a file into `bytes`, at most `piece` in one call. */
export async function fill(
  handle: Pick<FileHandle, "read">,
  bytes: Uint8Array,
  file: string,
  piece = MOST_READ,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(piece, bytes.length - at), at);
    if (bytesRead === 0) throw changed(file);
    at += bytesRead;
  }
}

const changed = (file: string) =>
  new InvalidInput("DATA_UNREADABLE", "the file changed its size while it was read.", { file });

async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await openPlain(file, true);
    yield* handle.createReadStream({ highWaterMark: CHUNK, autoClose: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof InvalidInput ? error : unreadable(file, error);
  } finally {
    await handle?.close();
  }
}

async function openPlain(file: string, follow: boolean): Promise<FileHandle> {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants; // Windows has only the first
  const handle = await open(file, O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new InvalidInput("DATA_UNREADABLE", "it is not a plain file.", { file });
}

/** The InvalidInput for a file that the system refuses to open or read. */
export function unreadable(file: string, cause: unknown): InvalidInput {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOENT"
    ? new InvalidInput("DATA_NOT_FOUND", "there is no such file.", { file }, { cause })
    : new InvalidInput("DATA_UNREADABLE", `the file cannot be read (${code}).`, { file }, { cause });
}
