// What a result was measured on: processor, load, the processor time that others took. Linux tells most; elsewhere less
// is known.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release } from "node:os";

export type Machine = {
  readonly processor: string;
  readonly processors: number;
  readonly system: string;
  readonly node: string;
  readonly load: readonly number[]; // 1, 5 and 15 minutes, as the run began
  readonly pinned: boolean; //         one-thread runs have one core
};

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/**
 * The last processor this process may use: the system's own work is mostly on the first. Undefined where nothing pins.
 */
export function lastCore(): number | undefined {
  const allowed = /Cpus_allowed_list:\s*(\S+)/.exec(read("/proc/self/status"))?.[1]?.split(/[,-]/).at(-1);
  if (allowed === undefined) return undefined;
  try {
    execFileSync("taskset", ["-c", allowed, "true"], { stdio: "ignore" });
    return Number(allowed);
  } catch {
    return undefined;
  }
}

export function describeMachine(core: number | undefined): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: loadavg().map((x) => Number(x.toFixed(2))),
    pinned: core !== undefined,
  };
}

/**
 * Processor seconds used so far: by everyone on this machine, and by one process. NaN where the system does not tell.
 */
export function processorSeconds(id: number): { all: number; own: number } {
  const ticks = (fields: readonly string[]) => fields.reduce((sum, field) => sum + Number(field), 0) / 100;
  const all = read("/proc/stat").split("\n", 1)[0]!.split(/\s+/).slice(1);
  const own = read(`/proc/${id}/stat`).split(") ")[1]?.split(" ") ?? [];
  const [user, nice, system, , , interrupt, soft] = all;
  if (own.length === 0 || soft === undefined) return { all: Number.NaN, own: Number.NaN };
  return { all: ticks([user!, nice!, system!, interrupt!, soft]), own: ticks(own.slice(11, 13)) };
}

/** The most memory a running process has held, in bytes; NaN where the system does not tell. */
export function peakBytes(id: number): number {
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(read(`/proc/${id}/status`))?.[1] ?? Number.NaN);
}

/** x86's names of what the processor has, e.g. "avx2"; empty elsewhere. */
export const flags = (): ReadonlySet<string> =>
  new Set(/^flags\s*:(.*)$/m.exec(read("/proc/cpuinfo"))?.[1]?.trim().split(/\s+/) ?? []);
