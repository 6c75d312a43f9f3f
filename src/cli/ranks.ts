// A command as a job of several ranks, started by mpirun or srun: rank 0 runs it, and its sessions are spread over
// all ranks, which follow. Rank 0 alone reads, prints and writes.
import { hostname } from "node:os";
import { type Command, Option } from "commander";
import { findLaunch, type Launch } from "../engines/ranks/launcher.ts";
import { openSessionsBy } from "../engines/ranks/open-session.ts";
import { DeltapropError, type EnvironmentFailure, InvalidInput, printable } from "../errors.ts";
import { threadCount, wholeNumber } from "./arguments.ts";
import { report } from "./failure.ts";
import { printError, VERSION } from "./program.ts";

/** Commands with work for several ranks. */
const SPREAD = ["train", "test", "verify", "predict", "cross-validate", "search"];
/** Options that change no bit, so ranks may have their own. */
const OWN = ["--engine", "--threads"];

const MOST_RANKS = 65_536;
const LATER_MS = 1000; // before another rank than 0 speaks of what all may have met

/** The option of commands with work for ranks that says how many there are to be. */
export function addRanks({ commands }: Command): void {
  for (const command of commands.filter((one) => SPREAD.includes(one.name())))
    command.addOption(
      new Option(
        "--ranks <n>",
        "refuse to run as any other number of ranks, such as alone for want of mpirun",
      ).argParser(wholeNumber("--ranks", 1, MOST_RANKS)),
    );
}

/** Run `work`, the command of `words`, alone or as the job's rank 0; or follow rank 0. Sets the exit code. */
export async function amongRanks(words: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const launch = findLaunch(process.env);
  if (launch === undefined)
    return alone(async () => {
      refuseOtherSize(words, 1);
      await work();
    });
  const first = "refused" in launch ? (process.env.SLURM_PROCID ?? "0") === "0" : launch.rank === 0;
  try {
    if ("refused" in launch) throw new InvalidInput("WRONG_LAUNCHER", `${launch.refused}.`);
    refuseUnspread(words);
    refuseOtherSize(words, launch.size);
    await joined(launch, words, work);
  } catch (error) {
    process.exitCode = error instanceof DeltapropError ? error.exit : 1;
    if (error instanceof InvalidInput && !first) return; // all ranks met it
    if (!first) await new Promise((resolve) => setTimeout(resolve, LATER_MS)); // if rank 0 met it, the job is over
    if (first || "refused" in launch) report(error);
    else reportOf(launch, error);
  }
}

async function alone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function refuseUnspread([command = "", ...words]: readonly string[]): void {
  if (SPREAD.includes(command) || command.startsWith("-") || words.includes("--help")) return;
  const known = `${SPREAD.slice(0, -1).join(", ")} and ${SPREAD.at(-1)}`;
  const reason = `${command} has no work for several ranks: ${known} have. Start it without mpirun or srun.`;
  throw new InvalidInput("WRONG_LAUNCHER", reason);
}

/** What is no number is refused by the command. */
function refuseOtherSize(words: readonly string[], size: number): void {
  const expected = lastValue("--ranks", words) ?? "";
  if (!SPREAD.includes(words[0] ?? "")) return;
  if (!/^\d+$/.test(expected) || Number(expected) === size) return;
  const here = size > 1 ? `this job has ${size} ranks` : "this process was started alone";
  const reason = `--ranks ${expected}: ${here}. Start it with mpirun -n ${expected}, or srun.`;
  throw new InvalidInput("WRONG_LAUNCHER", reason);
}

async function joined(launch: Launch, words: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const { RankJob } = await import("../engines/ranks/rank-job.ts");
  // Open MPI gives rank 0 a pseudo-terminal of its own, wherever its output goes
  for (const stream of [process.stdout, process.stderr]) stream.isTTY = false;
  let ending = launch.rank > 0; // then every failure reaches `follow`
  const lost = (error: EnvironmentFailure) => {
    const tell = async () => {
      if (ending) return;
      reportOf(launch, error);
      await job.end(3);
      process.exit(3);
    };
    setTimeout(tell, LATER_MS).unref(); // a command that uses its session meets it before, and says more
  };
  const [engine = "auto", threads = "1"] = OWN.map((option) => lastValue(option, words));
  const asked = withoutOwn(words).join(" ");
  const hello = { version: VERSION, asked, host: hostname(), engine, threads: countOf(threads) };
  const job = await RankJob.join(launch, hello, lost);
  process.on("exit", (code) => job.abandon(Number(code)));
  try {
    job.compare();
  } catch (error) {
    // as every job ends, for rank 0 may be giving signs of life
    await (job.rank === 0 ? job.end(2) : job.follow());
    throw error;
  }
  if (job.rank > 0) {
    // rank 0 saves, and ends the job
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
    try {
      await job.follow();
    } catch (error) {
      reportOf(launch, error);
      await job.end(3);
      process.exit(3);
    }
    return;
  }
  openSessionsBy((backend, setup) => job.open(backend, setup));
  let status = 0;
  try {
    await work();
    status = Number(process.exitCode ?? 0);
  } catch (error) {
    status = report(error);
  }
  ending = true;
  await job.end(status);
  process.exitCode = status;
}

/** The line of an error, with the rank that met it. */
function reportOf({ rank }: Launch, error: unknown): void {
  const { code = "BUG", message } = error as DeltapropError;
  printError(`error ${code} rank ${rank} on ${hostname()}: ${printable(message)}`);
}

/** The last value of an option among `words`. */
function lastValue(option: string, words: readonly string[]): string | undefined {
  const at = words.lastIndexOf(option);
  const joined = words.findLast((word) => word.startsWith(`${option}=`));
  return joined?.slice(option.length + 1) ?? (at < 0 ? undefined : words[at + 1]);
}

function withoutOwn(words: readonly string[]): string[] {
  return words.filter((word, i) => {
    const option = OWN.find((one) => word === one || word.startsWith(`${one}=`));
    return option === undefined && !OWN.includes(words[i - 1] ?? "");
  });
}

/** Threads of this rank; what is no number is refused by the command, on rank 0. */
function countOf(text: string): number {
  try {
    return threadCount("--threads")(text);
  } catch {
    return 1;
  }
}
