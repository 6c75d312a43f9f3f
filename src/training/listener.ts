// The events of a run, for a function that answers at once: nothing waits for a listener.
import { must } from "../errors.ts";
import type { TrainEvent } from "./training-result.ts";

/** Calls `onEvent`. Raises InvalidInput where it is asynchronous: its rejection would end the program. */
export function listening(onEvent: ((event: TrainEvent) => void) | undefined): (event: TrainEvent) => void {
  must(onEvent === undefined || typeof onEvent === "function", "onEvent", "a function", onEvent);
  return (event) => {
    const answer: unknown = onEvent?.(event);
    if (!(answer instanceof Promise)) return;
    answer.catch(() => {});
    const remedy = "It is not awaited. fit awaits onEpoch; a run of openRun can be awaited between calls of train.";
    must(false, "onEvent", "a function that is not asynchronous", answer, remedy);
  };
}
