// Node only. One trainer in a folder: a file that names the process, and is taken over once that process is gone. No clock decides.
import { constants, copyFile, link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { EnvironmentFailure } from "../errors.ts";
import { writeFailure } from "./write-failure.ts";

const LOCK_FILE = ".lock";
const LINKLESS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]; // what file systems without hard links answer

/** `started` tells a process from a later one with the same number; null where the system does not say. */
type Holder = { readonly pid: number; readonly host: string; readonly started: string | null };

/** Hold `folder` for this process. Returns what gives it back. Raises EnvironmentFailure if another process holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE);
  const mine = join(folder, `.lock.${crypto.randomUUID()}.tmp`);
  const me: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
  try {
    await writeFile(mine, JSON.stringify(me), { flag: "wx" });
    while (!(await appear(mine, path))) await removeStale(path, mine);
  } catch (cause) {
    if (cause instanceof EnvironmentFailure) throw cause;
    throw writeFailure(path, cause, "Nothing was started.");
  } finally {
    await unlink(mine).catch(() => {});
  }
  return () => unlink(path).catch(() => {});
}

/** Let `path` be the file `mine`, whole at once; false if there is one already. */
async function appear(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path).catch((cause: NodeJS.ErrnoException) => {
      if (!LINKLESS.includes(cause.code ?? "")) throw cause;
      return copyFile(mine, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cause;
  }
}

/** Take a lock away whose process is gone. Two who try at once move it aside in turn, and the second finds that it moved another's. */
async function removeStale(path: string, mine: string): Promise<void> {
  const found = await read(path);
  if (found === undefined) return;
  const holder = parse(found);
  if (holder && (await isAlive(holder))) throw inUse(path, holder);
  const aside = `${mine}.${crypto.randomUUID()}.tmp`;
  try {
    await rename(path, aside);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return;
    throw cause;
  }
  const moved = await read(aside);
  if (moved !== found) await link(aside, path).catch(() => {});
  await unlink(aside);
}

async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== hostname()) return true; // it cannot be asked from here
  const now = await startOf(pid);
  if (now !== null && started !== null) return now === started;
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in Linux's ticks since boot: field 22 of its stat, the 20th after the name in parentheses. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await read(`/proc/${pid}/stat`).catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (fields?.[0] === "Z" ? "ended" : fields?.[19]) ?? null; // Z: dead, and only waiting to be asked about
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ESRCH"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw cause;
  }
}

/** undefined for what is no lock of ours: nobody holds it. */
function parse(text: string): Holder | undefined {
  try {
    const { pid, host, started } = JSON.parse(text) as Holder;
    const named = Number.isSafeInteger(pid) && pid > 0 && typeof host === "string";
    return named && (started === null || typeof started === "string") ? { pid, host, started } : undefined;
  } catch {
    return undefined;
  }
}

function inUse(path: string, { pid, host }: Holder): EnvironmentFailure {
  const here = host === hostname();
  const reason = `process ${pid}${here ? "" : ` of ${host}`} is training in this folder. Wait for it, or choose another --out.${here ? "" : " If it is gone, remove this file."}`;
  return new EnvironmentFailure("FOLDER_IN_USE", reason, { file: path });
}
