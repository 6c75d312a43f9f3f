// A pool worker that fails on purpose (for pool.test.ts): thread 1 throws, exits, never joins, says nothing, or is late
// for its first job: so late that the others have begun everything there is to evaluate.
import { parentPort } from "node:worker_threads";
import { WORD } from "../../src/engines/control.ts";
import type { TeamJob } from "../../src/engines/team-job.ts";
import type { JoinMessage } from "../../src/engines/team-member.ts";

const fault = process.env.FAULT; // a worker inherits its maker's environment
const port = parentPort!;
const on = port.on.bind(port);
let joined: JoinMessage | undefined;

/** Wait until `length` positions are begun; for ever, if nobody takes over. */
function beLate({ store, plan }: JoinMessage, length: number): void {
  const buffer = store instanceof WebAssembly.Memory ? store.buffer : store;
  const control = new Int32Array(buffer, 4 * plan.control.offset);
  while (Atomics.load(control, WORD.begun) < length) Atomics.wait(control, WORD.failed, 0, 1);
}

port.on = ((name: "message", listener: (message: object) => void) =>
  on(name, (message: JoinMessage | TeamJob) => {
    if ("rank" in message && message.rank.thread === 1 && fault === "unborn") throw new Error("planted failure");
    if ("rank" in message && message.rank.thread === 1 && fault === "mute") return;
    if ("rank" in message) joined = message;
    else if (joined?.rank.thread === 1 && fault === "throw") throw new Error("planted failure");
    else if (joined?.rank.thread === 1 && fault === "exit") process.exit(7);
    else if (joined?.rank.thread === 1 && fault === "late") beLate(joined, message.length);
    listener(message);
  })) as typeof port.on;
await import("../../src/engines/worker.ts");
