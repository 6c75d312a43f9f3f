// What a view asks the lab for, again and again: one question at a time, the newest last, and the answer kept until a newer one comes.
import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { opened, tick } from "../state/store.ts";

/**
 * The newest answer, null before the first. `prepare` reads the signals that the question depends on, and gives the question. It is asked
 * when they change and, if it is about parameters, whenever these have; null asks nothing.
 */
export function useLab<T>(prepare: () => (() => Promise<T>) | null, about: "parameters" | "data" = "parameters") {
  const answer = useSignal<T | null>(null);
  const line = useRef<{ asking: boolean; next: (() => Promise<T>) | null }>({ asking: false, next: null });
  useSignalEffect(() => {
    if (about === "parameters") tick.value;
    const { current } = line;
    current.next = opened.value ? prepare() : null;
    if (current.asking) return;
    current.asking = true;
    (async () => {
      while (current.next) {
        const ask = current.next;
        current.next = null;
        try {
          answer.value = await ask();
        } catch {
          answer.value = null; // another set-up was opened meanwhile, and asks anew
        }
      }
      current.asking = false;
    })();
  });
  return answer as ReadonlySignal<T | null>;
}
