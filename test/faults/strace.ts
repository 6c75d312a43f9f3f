// The same faults from outside: strace makes every system call of a saving process on the run's files fail, or kills
// the process there. Linux only, and only where strace is installed.
import { execFile, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findCheckpoint } from "../../src/files/run/run-folder.ts";
import { insist } from "./job.ts";

const SAVER = resolve(import.meta.dirname, "saver.ts");
const CALLS = ["openat", "write", "fsync", "close", "rename", "link", "unlink"];
const ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EROFS"];

export const haveStrace = spawnSync("strace", ["-V"]).status === 0;

/**
 * Share `part` of `parts` of all points: each system call × its occurrence × (each error once and from then on, and
 * death).
 */
export async function failEverySystemCall(
  part = 0,
  parts = 1,
): Promise<{ points: number; killed: number; refused: number }> {
  const faults = [
    "signal=KILL",
    ...ERRORS.flatMap((code) => [`error=${code}`, `error=${code}+`]), // +: from then on
  ];
  const tally = { points: 0, killed: 0, refused: 0 };
  const base = mkdtempSync(join(tmpdir(), "deltaprop-strace-"));
  for (const generation of ["1", "2"])
    insist((await save(base, generation)).out === "SAVED\n", "the first saves failed");
  const cases = CALLS.flatMap((call) => faults.map((fault) => [call, fault] as const));
  for (const [call, fault] of cases.filter((_, c) => c % parts === part))
    for (let k = 1; await failOne(base, call, fault, k, tally); k++);
  rmSync(base, { recursive: true });
  return tally;
}

async function failOne(
  base: string,
  call: string,
  fault: string,
  k: number,
  tally: { points: number; killed: number; refused: number },
) {
  const home = mkdtempSync(join(tmpdir(), "deltaprop-strace-"));
  const folder = join(home, "run");
  cpSync(base, folder, { recursive: true });
  const persistent = fault.endsWith("+");
  const inject = `inject=${call}:${fault.replace("+", "")}:when=${k}${persistent ? "+" : ""}`;
  const { code, out, err, log } = await save(folder, "3", [`--trace=${call}`, "-e", inject]);
  const hit = /INJECTED|killed by SIGKILL/.test(log);
  if (hit) {
    const point = `${call} ${fault} ${k}`;
    const found = await findCheckpoint(folder);
    const generation = found && (JSON.parse(found.run) as string[])[0];
    tally.points++;
    if (code === 3) tally.refused++;
    if (code === null || code === 137) tally.killed++;
    insist([0, 3, 137, null].includes(code), `${point}: exit ${code}: ${err}`);
    insist(generation === "2" || generation === "3", `${point}: generation ${generation} is there`);
    insist(out !== "SAVED\n" || generation === "3", `${point}: a lost save was called done`);
    insist(code !== 0 || out === "SAVED\n", `${point}: exit 0 without a save`);
    insist(code !== 3 || /^error [A-Z_]+ /.test(err), `${point}: no named error: ${err}`);
    insist((await save(folder, "4")).out === "SAVED\n", `${point}: the next save failed`);
    const left = readdirSync(folder).filter((name) => name.endsWith(".tmp") || name.startsWith(".lock"));
    insist(left.length === 0, `${point}: ${left} is left`);
  }
  rmSync(home, { recursive: true });
  return hit;
}

type Saved = { readonly code: number | null; readonly out: string; readonly err: string; readonly log: string };

/** The saver, under strace with `words` if there are any. */
function save(folder: string, generation: string, words?: readonly string[]): Promise<Saved> {
  const log = `${folder}.log`;
  const uuid = (n: number) => `0000000${generation}-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const names = [".lock-1", ".lock-2", "checkpoint.safetensors", "checkpoint.safetensors.previous"];
  const temporary = [
    `.lock.${uuid(0)}.tmp`,
    `.checkpoint.safetensors.${uuid(1)}.tmp`,
    `.checkpoint.safetensors.${uuid(2)}.tmp`,
  ];
  const watched = [folder, ...[...names, ...temporary].map((name) => join(folder, name))].flatMap((path) => [
    "-P",
    path,
  ]);
  const command = [process.execPath, SAVER, folder, generation];
  const [program, ...rest] = words ? ["strace", "-f", "-qq", "-o", log, ...watched, ...words, ...command] : command;
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" }; // strace counts each thread's calls by themselves
  return new Promise((settle) => {
    const child = execFile(program!, rest, { env }, (_, out, err) =>
      settle({ code: child.exitCode, out, err, log: existsSync(log) ? readFileSync(log, "utf8") : "" }),
    );
  });
}
