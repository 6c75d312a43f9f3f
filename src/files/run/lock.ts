// Node only. One trainer in a folder: a file that names the process, and is taken over once that process is gone. No clock decides.
// Locks are numbered and the highest counts: whoever takes over makes the next number, which only one can, before older ones go.
import { constants, copyFile, link, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { EnvironmentFailure } from "../../errors.ts";
import { writeFailure } from "../write-failure.ts";

const LOCK = /^\.lock-([1-9][0-9]{0,8})$/;
const LINKLESS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]; // what file systems without hard links answer

/** `started` tells a process from a later one with the same number; null where the system does not say. */
type Holder = { readonly pid: number; readonly host: string; readonly started: string | null };

/** Hold `folder` for this process. Returns what gives it back. Raises EnvironmentFailure if another process holds it. */
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
      const highest = Math.max(...numbers) === number; // else somebody has taken over what was seen before
      for (const old of highest ? numbers.filter((n) => n < number) : [number])
        await unlink(pathOf(folder, old)).catch(() => {});
      if (highest) return () => unlink(pathOf(folder, number)).catch(() => {});
    }
  } catch (cause) {
    if (cause instanceof EnvironmentFailure) throw cause;
    throw writeFailure(folder, cause, "Nothing was started.");
  } finally {
    await unlink(mine).catch(() => {});
  }
}

const pathOf = (folder: string, number: number): string => join(folder, `.lock-${number}`);

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => LOCK.exec(name)?.[1] ?? []).map(Number);
}

/** The number of the lock that counts, 0 if there is none. Raises EnvironmentFailure if its process lives. */
async function refuseHeld(folder: string): Promise<number> {
  const highest = Math.max(0, ...(await lockNumbers(folder)));
  const path = pathOf(folder, highest);
  const holder = parse((await read(path)) ?? "");
  if (holder && (await isAlive(holder))) throw inUse(path, holder);
  return highest;
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
