// Node only. Writing a file so that after a crash or a power cut there is the old file or the new one, whole: a temporary file
// beside it, fsync, rename, fsync of the folder. Nothing is retried; after a failed fsync the pages are gone from memory's view
// (Rebello et al., USENIX ATC 2020), so the temporary file is thrown away.
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EnvironmentFailure, InvalidInput } from "../errors.ts";

/** Write `bytes` to `path`, replacing what was there, all or nothing. Raises EnvironmentFailure. */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFailure(path, cause);
  }
}

/** Make a folder and its parents. Raises InvalidInput where something else is in the way, else EnvironmentFailure. */
export async function makeFolder(path: string): Promise<void> {
  // Step by step: Node's recursive mkdir never returns where a folder exists and yet nothing can be made in it, as in /proc.
  const missing: string[] = [];
  for (let folder = resolve(path); !(await isFolder(folder)); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse())
    try {
      await mkdir(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw writeFailure(path, cause);
    }
}

/** Raises InvalidInput if something that is no folder is there. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw writeFailure(path, cause);
  }
  throw new InvalidInput("NOT_A_FOLDER", "a file is where this folder should be.", { file: path });
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // Windows cannot open a folder to sync it
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "writing here is not permitted",
  EPERM: "writing here is not permitted",
  EROFS: "this file system is read-only",
  EIO: "the disk reported an error",
  EISDIR: "a folder is where this file should be",
  ENOENT: "the folder does not exist",
};

function writeFailure(path: string, cause: unknown): EnvironmentFailure {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const reason = `could not write: ${REASONS[code] ?? message}. Nothing of the new file was kept.`;
  return new EnvironmentFailure("WRITE_FAILED", reason, { file: path }, { cause });
}
