// The module a pool's worker runs: takes its seat over the shared memory, then does one job a message.
import { viewMemory } from "../network/memory.ts";
import type { Plan } from "../network/plan.ts";
import { BACKENDS } from "./backends.ts";
import { breakTeam, TeamBroken } from "./barrier.ts";
import { CrewMember, type TeamJob, type TeamResult } from "./crew.ts";
import type { Rank, Store } from "./engine.ts";
import { serveOwner } from "./worker-host.ts";

/** The first message. */
export type SeatMessage = {
  readonly source: string;
  readonly store: Store;
  readonly plan: Plan;
  readonly seat: Rank;
  readonly spins: number;
};

/** An answer: `ready` once seated, then one a job. `broken` means that another thread failed and reports why. */
export type Answer =
  | { readonly kind: "ready" }
  | ({ readonly kind: "done" } & TeamResult)
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "broken" };

let member: CrewMember | undefined;
let control: Int32Array | undefined;

serveOwner(async (message: SeatMessage | TeamJob, answer: (message: Answer) => void) => {
  try {
    if ("seat" in message) {
      const { store, plan, seat, spins } = message;
      const source = BACKENDS.find(({ name }) => name === message.source)!;
      const memory = viewMemory(store instanceof WebAssembly.Memory ? store.buffer : store, source.floatBytes);
      control = memory.integers.subarray(plan.control.offset, plan.control.offset + plan.control.length);
      member = new CrewMember(await source.kernels(store, memory, plan, seat), plan, memory, seat, spins);
      answer({ kind: "ready" });
    } else {
      answer({ kind: "done", ...member!.do(message) });
    }
  } catch (error) {
    if (control) breakTeam(control);
    if (error instanceof TeamBroken) answer({ kind: "broken" });
    else answer({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
});
