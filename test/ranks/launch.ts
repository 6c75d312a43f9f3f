// Starting jobs of several ranks with the MPIs of this machine.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { MPI_NAMES, type MpiKind } from "../../src/engines/ranks/launcher.ts";
import { findMpi } from "../../src/engines/ranks/mpi-addon.ts";

/** An MPI whose launcher and whose addon are here. */
export type Launcher = { readonly kind: MpiKind; readonly mpirun: string };

const SAYS: Readonly<Record<MpiKind, RegExp>> = { openmpi: /Open MPI/i, mpich: /HYDRA|MPICH/i };

/** Debian has both side by side as mpirun.openmpi and mpirun.mpich; elsewhere there is one mpirun. */
export const LAUNCHERS: readonly Launcher[] = (Object.keys(MPI_NAMES) as MpiKind[]).flatMap((kind) => {
  if ("missing" in findMpi(kind)) return [];
  const mpirun = [`mpirun.${kind}`, "mpirun"].find((name) => {
    const { stdout, status } = spawnSync(name, ["--version"], { encoding: "utf8" });
    return status === 0 && SAYS[kind].test(stdout);
  });
  return mpirun === undefined ? [] : [{ kind, mpirun }];
});

export const CLI = resolve(import.meta.dirname, "../../src/cli/main.ts");

/** How a job ended: standard output and error of all ranks and of mpirun. */
export type JobEnd = { readonly code: number | null; readonly out: string; readonly err: string; readonly ms: number };

export type Started = {
  readonly ended: Promise<JobEnd>;
  /** Of mpirun. */
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Process ids by rank. */
  readonly ranks: () => number[];
};

const environment = (extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  FORCE_COLOR: undefined,
  ...extra,
});

/** mpirun's words for `count` ranks of this Node on `words`; several lists of words: a rank each, or more. */
export function jobWords(
  { kind, mpirun }: Launcher,
  parts: readonly (readonly [count: number, words: readonly string[]])[],
) {
  const many = kind === "openmpi" ? ["--oversubscribe", "--bind-to", "none"] : [];
  const each = parts.map(([count, words], i) => [
    ...(i > 0 ? [":"] : []),
    "-n",
    `${count}`,
    process.execPath,
    ...words,
  ]);
  return [mpirun, ...many, ...each.flat()];
}

/** Start a program. `watch` sees standard output as it grows. */
export function startProgram(
  words: readonly string[],
  {
    cwd,
    env = {},
    watch = () => {},
  }: { cwd?: string; env?: NodeJS.ProcessEnv; watch?: (out: string, job: Started) => void } = {},
): Started {
  const begun = performance.now();
  const child = spawn(words[0]!, words.slice(1), { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  const ended = new Promise<JobEnd>((settle) =>
    child.on("close", (code) => settle({ code, out, err, ms: performance.now() - begun })),
  );
  const job: Started = { ended, kill: (signal) => void child.kill(signal), ranks: () => ranksBelow(child.pid!) };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => watch((out += chunk.replaceAll("\r", "")), job));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk.replaceAll("\r", "")));
  return job;
}

/** Start `count` ranks of Node on `words`. */
export const startRanks = (launcher: Launcher, count: number, words: readonly string[], options = {}): Started =>
  startProgram(jobWords(launcher, [[count, words]]), options);

/** The ranks among the processes that descend from `root`, by number. Linux. */
function ranksBelow(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc"))
    if (/^\d+$/.test(name)) {
      const [, parent] = /\) \S (\d+)/.exec(readOr(`/proc/${name}/stat`)) ?? [];
      if (parent !== undefined) parents.set(Number(name), Number(parent));
    }
  const below = (pid: number | undefined): boolean => pid === root || (pid !== undefined && below(parents.get(pid)));
  const found: number[] = [];
  for (const pid of parents.keys()) {
    const [, rank] = /(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(readOr(`/proc/${pid}/environ`)) ?? [];
    if (rank !== undefined && below(pid)) found[Number(rank)] = pid;
  }
  return found;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // the process has ended
  }
}
