// Whether a run that plays has gone on: what follows it then waits for its turn, what the visitor changed does not.
import type { ReadonlySignal } from "@preact/signals";
import { progress } from "./store.ts";

/** Tells, at each call, whether `clock` has changed since the last one while the run plays; reads `clock`. */
export function whetherItWentOn(clock: ReadonlySignal<unknown>): () => boolean {
  let last = clock.peek();
  return () => {
    const moved = clock.value !== last;
    last = clock.peek();
    return moved && progress.peek()?.playing === true;
  };
}
