// The lab's end of the line: one message is one call of a method of Lab, one answer back.
import { failureOf } from "./error-text.ts";
import { Lab } from "./lab.ts";
import type { Call } from "./protocol.ts";
import { DatabaseKeeper } from "./saved-run.ts";
import { trustOwnWorkers } from "./trusted-types.ts";

declare const DELTAPROP_VERSION: string; // put in by the bundler

trustOwnWorkers(); // the engine's pool is started from here

const lab = new Lab({
  base: new URL("..", location.href).href, // scripts lie in a folder of their own
  keeper: new DatabaseKeeper(),
  versions: { deltaprop: DELTAPROP_VERSION, browser: navigator.userAgent },
  tell: (event) => postMessage(event),
});

addEventListener("message", async ({ data: { id, method, args } }: MessageEvent<Call>) => {
  try {
    const work = lab[method as keyof Lab] as (this: Lab, ...args: readonly unknown[]) => Promise<unknown>;
    postMessage({ id, value: await work.call(lab, ...args) });
  } catch (error) {
    postMessage({ id, failure: failureOf(error) });
  }
});
