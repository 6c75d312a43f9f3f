// Finding and loading the addon that speaks MPI, in Node: native/mpi.c, one file for each MPI, which `npm run
// build:mpi` makes in a checkout.
import { EnvironmentFailure } from "../../errors.ts";
import { MPI_NAMES, type MpiKind } from "./launcher.ts";

/** The addon's functions, which check all their arguments. All but `library` and `arm` are for one thread alone. */
export type Mpi = {
  readonly interface: number;
  /** Join the job. `stop`: not 0 ends every wait. */
  init(stop: Int32Array): { readonly rank: number; readonly size: number };
  /** The MPI's name and version. */
  library(): string;
  open(bytes: Uint8Array): Exchanges;
  /** Equal parts, one a rank, of which this rank's is filled. */
  share(bytes: Uint8Array, seconds: number): number;
  /** Rank 0's bytes to all. */
  broadcast(bytes: Uint8Array, seconds: number): number;
  /**
   * Leave with this exit status in so many seconds, whatever happens, and with these words; 0 seconds: not any more.
   */
  arm(status: number, seconds: number, words: string): void;
  abort(status: number): void;
  /** Leave the job with every rank; `status` is this process's exit status, should the MPI not let it go. */
  finalize(status: number, seconds: number): number;
};

/**
 * Exchanges over one memory: registered once with the parts of every rank, then begun by number and finished together.
 * Every rank begins the same ones in the same order.
 */
export type Exchanges = {
  /** `parts`: for each segment R starts and R lengths, in bytes. */
  register(segments: number, parts: Float64Array): number;
  begin(number: number): number;
  /** Between two pieces of other work: an MPI moves bytes while it is called. */
  look(): number;
  finish(seconds: number): number;
  /** Starts and lengths of the parts of a chain, in bytes: whole cache lines, one behind the other. Once. */
  chain(parts: Float64Array): void;
  /**
   * Part 0, 1, … has come from the rank before; the number after the last: all parts have come from the last rank. Part
   * 0 begins a round.
   */
  take(part: number, seconds: number): number;
  /** The part goes to the next rank, or from the last one to all. */
  pass(part: number): number;
};

const INTERFACE = 3; // of native/mpi.c
/** `enum outcome` of native/mpi.c. */
const OUTCOMES = ["done", "late", "stopped", "failed"] as const;

const CHECKOUT = /^(.*)[\\/](?:src|dist)[\\/]/; // this file lies in one of the two

/** The addon for an MPI, or why there is none. */
export function findMpi(kind: MpiKind): { readonly mpi: Mpi } | { readonly missing: string } {
  const { join } = process.getBuiltinModule("node:path");
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const name = MPI_NAMES[kind];
  const here = String(import.meta.url);
  if (process.platform === "win32") return { missing: "ranks are not built on Windows" };
  if (!here.startsWith("file:")) return { missing: "ranks run from the program's own files only" };
  const [, root = ""] = CHECKOUT.exec(fileURLToPath(here)) ?? [];
  const file = join(root, "build", `deltaprop-mpi-${kind}-${process.platform}-${process.arch}.node`);
  const remedy = `In a checkout of Deltaprop build it with: npm run build:mpi (needs ${name}'s mpicc).`;
  if (!existsSync(file)) return { missing: `there is no addon for ${name} here. ${remedy}` };
  try {
    const mpi = process.getBuiltinModule("node:module").createRequire(here)(file) as Mpi;
    if (mpi.interface === INTERFACE) return { mpi };
    return { missing: `the addon for ${name} belongs to another version. ${remedy}` };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    return { missing: `the addon for ${name} cannot be loaded (${reason}). ${remedy}` };
  }
}

/** The addon for an MPI. Raises EnvironmentFailure where there is none. */
export function needMpi(kind: MpiKind): Mpi {
  const found = findMpi(kind);
  if ("mpi" in found) return found.mpi;
  throw new EnvironmentFailure("MPI_UNAVAILABLE", `${found.missing}`);
}

/** Raises EnvironmentFailure unless every rank came: `what` it was for, and how long this one waited. */
export function came(outcome: number, what: string, seconds: number): void {
  const word = OUTCOMES[outcome];
  if (word === "done") return;
  const why = {
    late: `no word from another rank for ${Math.round(10 * seconds) / 10} s (${what}): it was killed or stopped, hangs, or its network is gone`,
    stopped: `this rank stopped waiting for the others (${what}), as it has failed itself`,
    failed: `the MPI reports that another rank, or the way to it, is gone (${what})`,
  }[word ?? "failed"];
  throw new EnvironmentFailure("RANK_LOST", why);
}
