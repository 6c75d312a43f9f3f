// The module a pool's worker runs.

import type { TeamJob } from "./team-job.ts";
import { type JoinMessage, teamMember, type WorkerAnswer } from "./team-member.ts";
import { serveOwner } from "./worker-port.ts";

const member = teamMember();
serveOwner(async (message: JoinMessage | TeamJob, answer: (message: WorkerAnswer) => void) =>
  answer(await member(message)),
);
