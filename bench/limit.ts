// What this processor can do at best, as a contender: `node bench/limit.ts KIND THREADS`. The loops are the native
// addon's: multiply and add on registers, nothing loaded or stored. One "step" is LIMIT_STEP_FLOPS floating-point
// operations on every thread.
import { parentPort, Worker } from "node:worker_threads";
import { findAddon } from "../src/engines/native/addon.ts";
import { serve } from "./protocol.ts";
import { LIMIT_STEP_FLOPS } from "./work.ts";

/** Kinds of the addon's `limit`. */
const LIMIT_KINDS = { wide: 0, fused: 1, narrow: 2 } as const;

const kind = process.argv[2] as keyof typeof LIMIT_KINDS;

/** Do `count` steps on this thread. */
function work(count: number): void {
  const found = findAddon();
  if ("missing" in found) throw new Error(found.missing);
  const which = LIMIT_KINDS[kind];
  const rounds = LIMIT_STEP_FLOPS / found.addon.limit(which, 1);
  for (let step = 0; step < count; step++) found.addon.limit(which, rounds);
}

async function compete(threads: number): Promise<void> {
  const helpers = Array.from({ length: threads - 1 }, () => new Worker(import.meta.filename, { argv: [kind, "1"] }));
  await serve(`node ${process.version}`, async () => ({
    async train(_first, count) {
      const done = helpers.map((helper) => new Promise((resolve) => helper.once("message", resolve)));
      for (const helper of helpers) helper.postMessage(count);
      work(count);
      await Promise.all(done);
      return undefined;
    },
  }));
  for (const helper of helpers) await helper.terminate();
}

const port = parentPort;
if (port) port.on("message", (count: number) => port.postMessage(work(count)));
else await compete(Number(process.argv[3]));
