// A pool worker that fails on purpose: thread 1 throws or exits when its first training job comes (for pool.test.ts).
import { parentPort } from "node:worker_threads";

const fault = process.env.FAULT; // a worker inherits its maker's environment
let thread = 0;
parentPort?.on("message", (message) => {
  if ("seat" in message) thread = message.seat.thread;
  else if (thread === 1 && fault === "throw") throw new Error("planted failure");
  else if (thread === 1 && fault === "exit") process.exit(7);
});
await import("../../src/engines/worker.ts");
