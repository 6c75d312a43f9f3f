// The worker that runs the lab: a message is a call of one of its methods, answered by one message.
import { failureOf } from "./error-text.ts";
import { Lab } from "./lab.ts";
import type { LabCall } from "./protocol.ts";
import { DatabaseRunStore } from "./saved-run.ts";
import { trustOwnWorkers } from "./trusted-types.ts";

declare const DELTAPROP_VERSION: string; // set by the bundler, vite.config.ts

trustOwnWorkers(); // this worker starts the engine's pool

const lab = new Lab({
  base: new URL("..", location.href).href, // the scripts are in a folder of their own
  store: new DatabaseRunStore(),
  versions: { deltaprop: DELTAPROP_VERSION, browser: navigator.userAgent },
  emit: (event) => postMessage(event),
});

addEventListener("message", async ({ data: { id, method, args } }: MessageEvent<LabCall>) => {
  try {
    const call = lab[method as keyof Lab] as (this: Lab, ...args: readonly unknown[]) => Promise<unknown>;
    postMessage({ id, value: await call.apply(lab, [...args]) });
  } catch (error) {
    postMessage({ id, failure: failureOf(error) });
  }
});
