// A pool worker that fails on purpose: thread 1 throws or exits when its first training job comes (for pool.test.ts).
import { parentPort } from "node:worker_threads";

const fault = process.env.FAULT; // a worker inherits its maker's environment
const port = parentPort!;
const on = port.on.bind(port);
let thread = 0;
port.on = ((name: "message", listener: (message: object) => void) =>
  on(name, (message: { seat?: { thread: number } }) => {
    if (message.seat) thread = message.seat.thread;
    else if (thread === 1 && fault === "throw") throw new Error("planted failure");
    else if (thread === 1 && fault === "exit") process.exit(7);
    listener(message);
  })) as typeof port.on;
await import("../../src/engines/worker.ts");
