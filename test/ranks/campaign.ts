// The long forms of ranks.test.ts: the same bits in every combination, and ranks that are killed or stopped.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../src/numerics/random.ts";
import { writeTable } from "../cli/run.ts";
import { CLI, LAUNCHERS, startProgram, startRanks } from "./launch.ts";

const BITS = join(import.meta.dirname, "bits-program.ts");

/** What a part of `npm run test:mpi` counted: `wrong` of `all` were not as they should be. */
export type Counts = { readonly all: number; readonly wrong: number } & Readonly<Record<string, unknown>>;

/** How ranks exchange, on one machine or as between several, and what; and their engines. */
const TEAMS = [
  ["together,arrays", "native"],
  ["apart,arrays", "native"],
  ["together,sums", "native"],
  ["apart,arrays", "wasm"],
  ["together,sums", "wasm"],
  ["together,arrays", "reference"],
  ["together,sums", "reference"],
  ["apart,arrays", "native+wasm+reference"],
  ["apart,sums", "native+wasm+reference"],
] as const;

/** Every MPI × ranks × threads × engines, each against one process: how many jobs, and which gave other lines. */
export async function sameBits(most: number): Promise<Counts> {
  const alone = await startProgram([process.execPath, BITS, "1", "together", "reference"]).ended;
  if (alone.code !== 0) throw new Error(alone.err);
  const other: string[] = [];
  let jobs = 0;
  for (const launcher of LAUNCHERS)
    for (const ranks of [1, 2, 3, 4, 7].filter((count) => count <= most))
      for (const threads of [1, 2])
        for (const [how, engines] of TEAMS) {
          const job = await startRanks(launcher, ranks, [BITS, `${threads}`, how, engines]).ended;
          jobs++;
          const name = `${launcher.kind} ${ranks}×${threads} ${how} ${engines}`;
          if (job.code !== 0 || job.out !== alone.out) other.push(name);
        }
  return { cases: alone.out.trim().split("\n").length, other, all: jobs, wrong: other.length };
}

const LEFT_MS = 2000; // for what mpirun has killed to be gone, on a busy machine

/** How many of these processes are still there, in the end. */
async function leftOf(pids: readonly number[]): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const left = pids.filter((pid) => existsSync(`/proc/${pid}/exe`)).length;
    if (left === 0 || performance.now() - begun > LEFT_MS) return left;
    await new Promise((go) => setTimeout(go, 50));
  }
}

const LIMIT_MS = 8000; // from the harm to the end of mpirun, which itself takes a second or two to end what is left

/**
 * `count` runs of three ranks, of which one at random is sent `signal` at a random moment: the job ends in time, none
 * is left, and the run goes on alone to the bits of the run that was left in peace.
 */
export async function harmAtRandom(signal: "SIGKILL" | "SIGSTOP", count: number, seed: number): Promise<Counts> {
  const home = mkdtempSync(join(tmpdir(), "deltaprop-ranks-"));
  const random = new Random(seed, 7);
  const words = ["train", "things.csv", "--hidden", "33,17", "--optimizer", "adam", "--epochs", "600", "--quiet"];
  const sizes = ["10", "150"]; // of batches: ranks exchange arrays, and sums
  const run = (out: string) => JSON.parse(readFileSync(join(home, out, "run.json"), "utf8"));
  const counts = { harmed: 0, ended: 0, late: 0, left: 0, unnamed: 0, broken: 0, other: 0, slowestMs: 0 };
  try {
    writeTable(join(home, "things.csv"), 203);
    for (const size of sizes)
      await startProgram([process.execPath, CLI, ...words, "--batch-size", size, "--out", `peace-${size}`], {
        cwd: home,
      }).ended;
    for (let k = 0; k < count; k++) {
      const out = `run-${k}`;
      const launcher = LAUNCHERS[k % LAUNCHERS.length]!;
      const size = sizes[Math.floor(k / LAUNCHERS.length) % sizes.length]!;
      const own = ["--batch-size", size, "--out", out, "--checkpoint-minutes", "0.001"];
      const job = startRanks(launcher, 3, [CLI, ...words, ...own], { cwd: home });
      const over = job.ended.then(() => true);
      const rest = (ms: number) => Promise.race([over, new Promise<false>((go) => setTimeout(() => go(false), ms))]);
      while (!existsSync(join(home, out, "checkpoint.safetensors"))) if (await rest(20)) break;
      if (await rest(random.integer(300))) continue; // it had ended
      const pids = job.ranks();
      const harmed = pids[random.integer(pids.length)]!;
      const begun = performance.now();
      try {
        process.kill(harmed, signal);
      } catch {
        continue; // it had just ended
      }
      counts.harmed++;
      const { code, err } = await job.ended;
      const ms = performance.now() - begun;
      counts.slowestMs = Math.max(counts.slowestMs, Math.round(ms));
      if (code === 0) counts.ended++; // the run was complete before the harm told
      if (ms > LIMIT_MS) counts.late++;
      if (signal === "SIGSTOP" && code !== 0 && !/^error RANK_LOST/m.test(err)) counts.unnamed++;
      counts.left += await leftOf(pids);
      const resumed = await startProgram([process.execPath, CLI, "train", "--resume", out, "--quiet"], { cwd: home })
        .ended;
      if (resumed.code !== 0) counts.broken++;
      else if (run(out).parametersSha256 !== run(`peace-${size}`).parametersSha256) counts.other++;
    }
    const { harmed, late, left, unnamed, broken, other } = counts;
    return { ...counts, all: harmed, wrong: late + left + unnamed + broken + other };
  } finally {
    rmSync(home, { recursive: true });
  }
}
