// The lab's end of the line: one message is one call of a method of Lab, one answer back.

import { DeltapropError } from "../../errors.ts";
import { Lab } from "./lab.ts";
import type { Call, Failure } from "./protocol.ts";
import { trustOwnWorkers } from "./trusted.ts";

trustOwnWorkers(); // the engine's pool is started from here

const lab = new Lab((event) => postMessage(event));

addEventListener("message", async ({ data: { id, method, args } }: MessageEvent<Call>) => {
  try {
    const work = lab[method as keyof Lab] as (this: Lab, ...args: readonly unknown[]) => Promise<unknown>;
    postMessage({ id, value: await work.call(lab, ...args) });
  } catch (error) {
    postMessage({ id, failure: failureOf(error) });
  }
});

function failureOf(error: unknown): Failure {
  if (error instanceof DeltapropError) return { code: error.code, message: error.line };
  return { code: "BUG", message: `error BUG ${error instanceof Error ? error.message : String(error)}` };
}
