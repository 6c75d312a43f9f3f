// Whether a part of the page is in sight, or nearly so: what is out of sight does not follow a run that plays.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";

export type Sight = {
  readonly seen: ReadonlySignal<boolean>; // true while there is no element
  /** The `ref` of the part's element. */
  readonly place: (element: Element | null) => void;
};

export function useSight(): Sight {
  const seen = useSignal(true);
  const watched = useRef<IntersectionObserver | null>(null);
  const place = useCallback((element: Element | null) => {
    watched.current?.disconnect();
    watched.current = null;
    seen.value = true;
    if (!element) return;
    const observer = new IntersectionObserver(
      (entries) => {
        seen.value = entries.at(-1)!.isIntersecting;
      },
      { rootMargin: "100px" },
    );
    observer.observe(element);
    watched.current = observer;
  }, []);
  useEffect(() => () => watched.current?.disconnect(), []);
  return { seen, place };
}
