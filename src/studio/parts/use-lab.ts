// A view's repeated call of the lab: one at a time, the newest request next, the last result kept until a newer one.
import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { opened, tick } from "../state/store.ts";

const SLOW_MS = 60; //         a look, with its drawing, that took longer is followed by a pause as long …
const MOST_PAUSE_MS = 1000; // … so that a slow machine looks less often, and still answers

/** Once the page has drawn what changed; a hidden page draws nothing. */
const painted = () =>
  document.hidden ? Promise.resolve() : new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/**
 * The newest result, null before the first. `prepare` reads the signals that the call depends on, and returns the call
 * or null for none. It runs when they change and, if the result depends on parameters, whenever these have.
 */
export function useLab<T>(prepare: () => (() => Promise<T>) | null, dependsOn: "parameters" | "data" = "parameters") {
  const result = useSignal<T | null>(null);
  const calls = useRef<{ running: boolean; next: (() => Promise<T>) | null }>({ running: false, next: null });
  useSignalEffect(() => {
    if (dependsOn === "parameters") tick.value;
    const { current } = calls;
    current.next = opened.value ? prepare() : null;
    if (current.running) return;
    current.running = true;
    (async () => {
      while (current.next) {
        const call = current.next;
        current.next = null;
        const begun = performance.now();
        try {
          result.value = await call();
        } catch {
          result.value = null; // another set-up was opened meanwhile, and calls again
        }
        await painted();
        const took = performance.now() - begun;
        if (took > SLOW_MS) await new Promise((resolve) => setTimeout(resolve, Math.min(took, MOST_PAUSE_MS)));
      }
      current.running = false;
    })();
  });
  return result as ReadonlySignal<T | null>;
}
