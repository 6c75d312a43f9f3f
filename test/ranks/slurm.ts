// A Slurm of one node in a folder of its own: munged, slurmctld and slurmd, which end with the test. Linux, root, and
// on Debian slurm-wlm and munge.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { MpiKind } from "../../src/engines/ranks/launcher.ts";
import { writeTable } from "../cli/run.ts";
import type { Counts } from "./campaign.ts";
import { CLI, LAUNCHERS, startProgram } from "./launch.ts";

const BITS = join(import.meta.dirname, "bits-program.ts");
const DAEMONS = ["munged", "slurmctld", "slurmd"];
const PORT = 26817; // and the one after it
const KILLED_MS = 8000; // from a killed rank to the end of srun
/** How srun starts the ranks of each MPI. */
const STARTS: Readonly<Record<MpiKind, string>> = { openmpi: "--mpi=pmix", mpich: "--mpi=pmi2" };

/** Why there can be no Slurm here, or undefined if there can. */
export function noSlurm(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a Slurm of its own needs root";
  const missing = [...DAEMONS, "srun"].filter((name) => spawnSync("which", [name]).status !== 0);
  return missing.length > 0 ? `there is no ${missing.join(", ")} (on Debian: slurm-wlm, munge)` : undefined;
}

const configuration = (home: string) => `ClusterName=deltaprop
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=${PORT}
SlurmdPort=${PORT + 1}
AuthType=auth/munge
AuthInfo=socket=${home}/munge.socket
CredType=cred/munge
StateSaveLocation=${home}/state
SlurmdSpoolDir=${home}/spool
SlurmctldPidFile=${home}/slurmctld.pid
SlurmdPidFile=${home}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
`;

/** Do `work` beside a running Slurm, whose configuration it is given. */
async function withSlurm<R>(work: (home: string, env: NodeJS.ProcessEnv) => Promise<R>): Promise<R> {
  const home = mkdtempSync(join(tmpdir(), "deltaprop-slurm-"));
  const env = { SLURM_CONF: join(home, "slurm.conf") };
  const daemons: ChildProcess[] = [];
  const start = (words: readonly string[]) =>
    daemons.push(spawn(words[0]!, words.slice(1), { env: { ...process.env, ...env }, stdio: "ignore" }));
  try {
    chmodSync(home, 0o755);
    for (const folder of ["state", "spool"]) mkdirSync(join(home, folder));
    writeFileSync(join(home, "munge.key"), randomBytes(1024), { mode: 0o600 });
    writeFileSync(env.SLURM_CONF, configuration(home));
    writeFileSync(join(home, "cgroup.conf"), "CgroupPlugin=cgroup/v1\n");
    const files = ["socket", "pid", "log", "seed"].map((end) => [
      `--${end === "socket" ? end : `${end}-file`}`,
      join(home, `munge.${end}`),
    ]);
    start(["munged", "--foreground", "--force", "--key-file", join(home, "munge.key"), ...files.flat()]);
    for (let tries = 0; tries < 100 && !existsSync(join(home, "munge.socket")); tries++) await rest(100);
    start(["slurmctld", "-D", "-L", join(home, "slurmctld.log")]);
    start(["slurmd", "-D", "-L", join(home, "slurmd.log")]);
    for (let tries = 0; ; tries++) {
      const first = await startProgram(["srun", "--immediate=5", "true"], { env }).ended;
      if (first.code === 0) break;
      if (tries === 6) throw new Error(`${first.err}${readFileSync(join(home, "slurmd.log"), "utf8").slice(-500)}`);
    }
    return await work(home, env);
  } finally {
    for (const daemon of daemons.toReversed()) daemon.kill("SIGTERM");
    await Promise.all(daemons.map((daemon) => daemon.exitCode ?? new Promise((gone) => daemon.once("exit", gone))));
    rmSync(home, { recursive: true, force: true });
  }
}

const rest = (ms: number) => new Promise((go) => setTimeout(go, ms));

/**
 * srun's ranks: the bits of one process on 2 and 4 ranks; refused where srun starts them as lone processes; and how
 * long until none is left once one is killed.
 */
export async function slurm(): Promise<Counts> {
  const alone = await startProgram([process.execPath, BITS, "1", "together", "native"]).ended;
  return withSlurm(async (home, env) => {
    const counts: Record<string, object> = {};
    let right = 0;
    writeTable(join(home, "things.csv"), 203);
    for (const { kind } of LAUNCHERS) {
      const srun = (count: number, words: readonly string[], mpi = [STARTS[kind]]) =>
        startProgram(["srun", ...mpi, "--kill-on-bad-exit=1", "-O", "-n", `${count}`, process.execPath, ...words], {
          cwd: home,
          env,
        });
      const same: boolean[] = [];
      for (const count of [2, 4]) {
        const job = await srun(count, [BITS, "1", "together", "native"]).ended;
        same.push(job.code === 0 && job.out === alone.out);
      }
      const long = ["train", "things.csv", "--epochs", "1000000", "--quiet", "--checkpoint-minutes", "0.001"];
      const refused = await srun(2, [CLI, ...long, "--out", `lone-${kind}`], []).ended;
      const job = srun(3, [CLI, ...long, "--out", `run-${kind}`]);
      const checkpoint = join(home, `run-${kind}`, "checkpoint.safetensors");
      for (let tries = 0; tries < 600 && !existsSync(checkpoint); tries++) await rest(50);
      const killed = pidsOf(`--out run-${kind}`);
      const begun = performance.now();
      process.kill(killed[1]!, "SIGKILL");
      await job.ended;
      const endedMs = Math.round(performance.now() - begun);
      const left = killed.filter((pid) => existsSync(`/proc/${pid}/exe`)).length;
      const lone = /^error WRONG_LAUNCHER/m.test(refused.err);
      const late = endedMs > KILLED_MS;
      counts[kind] = { same, lone, ranks: killed.length, endedMs, late, left };
      right += Number(same.every(Boolean) && lone && killed.length === 3 && !late && left === 0);
    }
    return { ...counts, all: LAUNCHERS.length, wrong: LAUNCHERS.length - right };
  });
}

/** Ranks whose command line ends with `words`. */
function pidsOf(words: string): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid,comm,args"], { encoding: "utf8" });
  const lines = stdout
    .split("\n")
    .filter((line) => line.includes(CLI) && line.endsWith(words) && !/^\s*\d+ srun/.test(line));
  return lines.map((line) => Number(line.trim().split(" ", 1)[0]));
}
