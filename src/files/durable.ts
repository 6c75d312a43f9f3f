// Node only. Writing a file so that after a crash or a power cut there is the old file or the new one, whole: a temporary file
// beside it, fsync, rename, fsync of the folder. Nothing is retried; after a failed fsync the pages are gone from memory's view
// (Rebello et al., USENIX ATC 2020), so the temporary file is thrown away.
import { type FileHandle, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeFailure } from "./write-failure.ts";

/** The calls that a save consists of. Tests put a disk in its place that fails. */
export type Disk = {
  open(path: string, flags: "wx" | "r"): Promise<Pick<FileHandle, "writeFile" | "sync" | "close">>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
};

const DISK: Disk = { open, rename, unlink };

export type DurableOptions = {
  readonly previous?: string; // where what was there is kept, in place of what was there
  readonly disk?: Disk;
};

/** Write `content` to `path`, replacing what was there, all or nothing. Raises EnvironmentFailure. */
export async function writeDurably(
  path: string,
  content: Uint8Array | string,
  { previous, disk = DISK }: DurableOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID()}.tmp`);
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

/** Remove what writers that were killed have left in `folder`. Only for who holds its lock. */
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
