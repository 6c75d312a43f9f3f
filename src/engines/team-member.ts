// A worker's place in its team: it joins over the shared memory, then does one job a message. worker.ts is the module
// a pool starts; in a job of several ranks ranks/rank-worker.ts is, for thread 0.
import { EnvironmentFailure, type EnvironmentFailureCode } from "../errors.ts";
import { type Memory, viewMemory } from "../network/memory.ts";
import type { Plan } from "../network/plan.ts";
import { bufferOf, type Rank, type Store } from "./backend.ts";
import { BACKENDS } from "./backends.ts";
import { Control, TeamBroken } from "./control.ts";
import { findAddon } from "./native/addon.ts";
import type { Ranks } from "./ranks/shares.ts";
import type { TeamJob, TeamResult } from "./team-job.ts";
import { type Exchange, TeamThread } from "./thread.ts";

/** The first message. */
export type JoinMessage = {
  readonly backend: string;
  readonly store: Store;
  readonly plan: Plan;
  readonly rank: Rank;
  readonly spins: number;
  /** In a job of several ranks. */
  readonly ranks?: Ranks | undefined;
};

/** An answer: `ready` once the kernels are there, then one a job. `broken`: another thread failed and reports why. */
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | ({ readonly kind: "done" } & TeamResult)
  | { readonly kind: "failed"; readonly reason: string; readonly code?: EnvironmentFailureCode | undefined }
  | { readonly kind: "broken" };

/** What a worker does with a message. `exchangeOf` makes thread 0's exchange in a job of several ranks. */
export function teamMember(
  exchangeOf?: (ranks: Ranks, plan: Plan, memory: Memory) => Exchange,
): (message: JoinMessage | TeamJob) => Promise<WorkerAnswer> {
  let thread: TeamThread | undefined;
  let control: Control | undefined;
  return async (message) => {
    try {
      if (!("rank" in message)) return { kind: "done", ...thread!.do(message) };
      const { store, plan, rank, spins, ranks } = message;
      const backend = BACKENDS.find(({ name }) => name === message.backend)!;
      const memory = viewMemory(bufferOf(store), backend.floatBytes);
      control = new Control(plan, memory);
      const kernels = await backend.kernels(store, memory, plan, rank, ranks !== undefined);
      const exchange = ranks && exchangeOf?.(ranks, plan, memory);
      const found = findAddon(); // whatever the backend: JavaScript has no such call
      const giveWay = "addon" in found ? found.addon.giveWay : undefined;
      const pacing = { spins, giveWay, pause: (team: Control) => team.stopWanted };
      thread = new TeamThread(kernels, plan, memory, rank, pacing, ranks, exchange);
      return { kind: "ready" };
    } catch (error) {
      control?.breakTeam();
      if (error instanceof TeamBroken) return { kind: "broken" };
      if (error instanceof EnvironmentFailure) return { kind: "failed", reason: error.reason, code: error.code };
      return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  };
}
