// Node only. Writing to disk. A file is replaced so that after a crash or a power cut there is the old one or the new
// one, whole: a temporary file beside it, fsync, rename, fsync of the folder. Nothing is retried: after a failed fsync
// the pages are no longer marked dirty (Rebello et al., USENIX ATC 2020), so the temporary file is removed.
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EnvironmentFailure, InvalidInput } from "../errors.ts";

/** The system calls of a durable write. Tests replace them by ones that fail. */
export type Disk = {
  open(path: string, flags: "wx" | "r"): Promise<Pick<FileHandle, "writeFile" | "sync" | "close">>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
};

const DISK: Disk = { open, rename, unlink };

export type DurableOptions = {
  readonly previous?: string | undefined; // the replaced file is moved here, over any earlier one
  readonly disk?: Disk | undefined;
};

/** Write `content` to `path`, replacing what was there, all or nothing. Raises EnvironmentFailure. */
export async function writeDurably(
  path: string,
  content: Uint8Array | string | Iterable<Uint8Array | string> | AsyncIterable<string>,
  { previous, disk = DISK }: DurableOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = temporaryOf(path);
  let placed = false;
  try {
    const file = await disk.open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (previous !== undefined) await moveIfThere(disk, path, previous);
    await disk.rename(temporary, path);
    placed = true;
    await syncFolder(disk, folder);
  } catch (cause) {
    if (!placed) await disk.unlink(temporary).catch(() => {});
    const left = placed ? "It is there, but a power cut might still undo it." : "Nothing of the new file was kept.";
    throw writeFailure(path, cause, left);
  }
}

/** Put a written and synced temporary file in its place. Raises EnvironmentFailure. */
export async function placeDurably(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
    await syncFolder(DISK, dirname(path));
  } catch (cause) {
    throw writeFailure(path, cause, "What was there before is whole.");
  }
}

/** The name of a temporary file beside `path`. */
export function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
}

/** Remove the temporary files of writers that were killed. Call only with the folder's lock held. */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((name) => /^\..+\.[0-9a-f-]{36}\.tmp$/.test(name)))
    await unlink(join(folder, name)).catch(() => {});
}

async function moveIfThere(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
  }
}

async function syncFolder(disk: Disk, folder: string): Promise<void> {
  if (process.platform === "win32") return; // Windows cannot open a folder to sync it
  const handle = await disk.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Make a folder and its parents. Raises InvalidInput where a file has its name, else EnvironmentFailure. */
export async function makeFolder(path: string): Promise<void> {
  // One by one: Node's recursive mkdir never returns where a folder exists and nothing can be made in it, as in /proc.
  const missing: string[] = [];
  for (let folder = resolve(path); !(await isFolder(folder)); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse())
    try {
      await mkdir(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw writeFailure(path, cause, "Nothing was made.");
    }
}

/** Raises InvalidInput if `path` is something else than a folder. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw writeFailure(path, cause, "Nothing was made.");
  }
  throw new InvalidInput("NOT_A_FOLDER", "a file is where this folder should be.", { file: path });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than this process may write",
  EACCES: "writing here is not permitted",
  EPERM: "writing here is not permitted",
  EROFS: "this file system is read-only",
  EIO: "the disk reported an error",
  EMFILE: "this process has too many files open",
  ENFILE: "the system has too many files open",
  EISDIR: "a folder is where this file should be",
  ENOTDIR: "a file is where a folder should be",
  ENOENT: "the folder does not exist",
};

const LINUX_EDQUOT = -122; // libuv, and so Node, has no name for it

/** A failed write in words; `left` is what is on the disk now. */
export function writeFailure(path: string, cause: unknown, left: string): EnvironmentFailure {
  const { errno, message, code: named = "" } = cause as NodeJS.ErrnoException;
  const code = errno === LINUX_EDQUOT ? "EDQUOT" : named;
  const reason = `could not write: ${REASONS[code] ? `${REASONS[code]} (${code})` : message}. ${left}`;
  return new EnvironmentFailure("WRITE_FAILED", reason, { file: path }, { cause });
}
