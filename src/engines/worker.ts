// The module a pool's worker runs: joins its team over the shared memory, then does one job a message.
import { viewMemory } from "../network/memory.ts";
import type { Plan } from "../network/plan.ts";
import { bufferOf, type Rank, type Store } from "./backend.ts";
import { BACKENDS } from "./backends.ts";
import { Control, TeamBroken } from "./control.ts";
import { type TeamJob, type TeamResult, TeamThread } from "./thread.ts";
import { serveOwner } from "./worker-port.ts";

/** The first message. */
export type JoinMessage = {
  readonly backend: string;
  readonly store: Store;
  readonly plan: Plan;
  readonly rank: Rank;
  readonly spins: number;
};

/** An answer: `ready` once the kernels are there, then one a job. `broken`: another thread failed and reports why. */
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | ({ readonly kind: "done" } & TeamResult)
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "broken" };

let thread: TeamThread | undefined;
let control: Control | undefined;

serveOwner(async (message: JoinMessage | TeamJob, answer: (message: WorkerAnswer) => void) => {
  try {
    if ("rank" in message) {
      const { store, plan, rank, spins } = message;
      const backend = BACKENDS.find(({ name }) => name === message.backend)!;
      const memory = viewMemory(bufferOf(store), backend.floatBytes);
      control = new Control(plan, memory);
      const kernels = await backend.kernels(store, memory, plan, rank);
      thread = new TeamThread(kernels, plan, memory, rank, { spins, pause: (team) => team.stopWanted });
      answer({ kind: "ready" });
    } else {
      answer({ kind: "done", ...thread!.do(message) });
    }
  } catch (error) {
    control?.breakTeam();
    if (error instanceof TeamBroken) answer({ kind: "broken" });
    else answer({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
});
