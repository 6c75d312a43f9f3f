// Node only. The lock of a run's folder: a file that names the process, taken over once that process has ended, by no
// clock. Locks are numbered and the highest holds. Taking over creates lock N + 1 (exclusive create, so one winner)
// before deleting older locks.
import { constants, copyFile, link, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { EnvironmentFailure, InvalidInput } from "../../errors.ts";
import { writeFailure } from "../disk.ts";
import { readIfThere } from "./run-folder.ts";

const LOCK = /^\.lock-([1-9][0-9]{0,8})$/;
const MOST_LOCK = 4096; // bytes
const LINKLESS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]; // what file systems without hard links answer

/** `started` distinguishes a process from a later one with the same id; null where the system has no such time. */
type Holder = { readonly pid: number; readonly host: string; readonly started: string | null };

/** Lock `folder` for this process. Returns the function that unlocks it. Raises EnvironmentFailure if it is locked. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const mine = join(folder, `.lock.${crypto.randomUUID()}.tmp`);
  const me: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
  try {
    await writeFile(mine, JSON.stringify(me), { flag: "wx" });
    for (;;) {
      const held = await refuseHeld(folder);
      const number = held + 1;
      if (!(await appear(mine, pathOf(folder, number)))) continue;
      const numbers = await lockNumbers(folder);
      const highest = Math.max(...numbers) === number; // else another process has taken over, too
      for (const old of highest ? numbers.filter((n) => n < number) : [number])
        await unlink(pathOf(folder, old)).catch(() => {});
      if (highest) return () => unlink(pathOf(folder, number)).catch(() => {});
    }
  } catch (cause) {
    if (cause instanceof EnvironmentFailure || cause instanceof InvalidInput) throw cause;
    throw writeFailure(folder, cause, "Nothing was started.");
  } finally {
    await unlink(mine).catch(() => {});
  }
}

const pathOf = (folder: string, number: number): string => join(folder, `.lock-${number}`);

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => LOCK.exec(name)?.[1] ?? []).map(Number);
}

/** The number of the highest lock, 0 if there is none. Raises EnvironmentFailure if its process lives. */
async function refuseHeld(folder: string): Promise<number> {
  const highest = Math.max(0, ...(await lockNumbers(folder)));
  const path = pathOf(folder, highest);
  const held = await readIfThere(path, { most: MOST_LOCK });
  const holder = parse(new TextDecoder().decode(held));
  if (holder && (await isAlive(holder))) throw inUse(path, holder);
  return highest;
}

/** Create `path` with the content of `mine`, atomically; false if it exists. */
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

async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== hostname()) return true; // not visible from here
  const now = await startOf(pid);
  if (now !== null && started !== null) return now === started;
  try {
    process.kill(pid, 0); // signal 0: an existence check
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * When a process started, in Linux's ticks since boot: field 22 of its stat, the 20th after the name in parentheses.
 */
async function startOf(pid: number): Promise<string | null> {
  const stat = await read(`/proc/${pid}/stat`).catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (fields?.[0] === "Z" ? "ended" : fields?.[19]) ?? null; // Z: a zombie has ended
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ESRCH"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw cause;
  }
}

/** undefined for a file that is no lock of ours: it holds nothing. */
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
