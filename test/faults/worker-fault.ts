// Preloaded into every thread of a run (node --import): thread 1 of the team comes to harm. FAULT says how; PHASE when:
// "idle", at its first job; or at its AT-th barrier, "before" it comes there, "within" it (it has arrived and does not
// wait), or "after" it.
import { writeSync } from "node:fs";
import { isMainThread, parentPort } from "node:worker_threads";
import { Control, WORD } from "../../src/engines/control.ts";

const { FAULT, PHASE, AT } = process.env;
let thread = -1;
let meetings = 0;

function harm(): void {
  writeSync(2, `HARM ${performance.timeOrigin + performance.now()}\n`);
  if (FAULT === "throw") throw new Error("planted failure");
  if (FAULT === "exit") process.exit(7);
  const kept: number[][] = []; // fills the thread's heap
  for (;;) kept.push(new Array<number>(2e6).fill(1.5));
}

if (!isMainThread && FAULT !== undefined) {
  const port = parentPort!;
  const on = port.on.bind(port);
  port.on = ((name: "message", listener: (message: object) => void) =>
    on(name, (message: { rank?: { thread: number } }) => {
      if (message.rank) thread = message.rank.thread;
      else if (thread === 1 && PHASE === "idle") harm();
      listener(message);
    })) as typeof port.on;

  const { meet } = Control.prototype;
  Control.prototype.meet = function (this: Control, threads, spins) {
    const due = thread === 1 && ++meetings === Number(AT);
    if (due && PHASE === "before") harm();
    meet.call(this, threads, spins);
    if (due && PHASE === "after") harm();
  };
  const { add } = Atomics;
  Atomics.add = ((words: Int32Array, at: number, by: number) => {
    const before = add(words, at, by);
    if (at === WORD.arrived && thread === 1 && meetings === Number(AT) && PHASE === "within") harm();
    return before;
  }) as typeof Atomics.add;
}
