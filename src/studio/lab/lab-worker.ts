// The worker that runs the lab: a message is a call of one of its methods, answered by one message.
import { failureOf } from "./error-text.ts";
import { DatabaseRunStore } from "./kept-runs.ts";
import { Lab } from "./lab.ts";
import type { LabCall } from "./protocol.ts";
import type { Claim } from "./run-keeper.ts";
import { trustOwnWorkers } from "./trusted-types.ts";

declare const DELTAPROP_VERSION: string; // set by the bundler, vite.config.ts

trustOwnWorkers(); // this worker starts the engine's pool

const RELOAD_MS = 500; // in which the worker of a reloaded page lets its run go

/** A run belongs to one tab: it holds a lock until its worker ends. Without locks every tab has its way. */
const claim: Claim = (id) => {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((settle) => {
    const held = () => new Promise<void>((release) => settle(release));
    navigator.locks
      .request(`deltaprop run ${id}`, { signal: AbortSignal.timeout(RELOAD_MS) }, held)
      .catch(() => settle(null));
  });
};

const lab = new Lab({
  base: new URL("..", location.href).href, // the scripts are in a folder of their own
  store: new DatabaseRunStore(),
  claim,
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
