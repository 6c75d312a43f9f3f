// Small texts in the browser's own storage. Where it refuses, as with all cookies blocked, nothing is remembered.

export const PRIVATE = "deltaprop-keep-nothing"; // of the machine: keep no runs here
export const OWN_RUN = "deltaprop-run"; //           of the tab: its run among the kept ones

type Where = "localStorage" | "sessionStorage";

export function recall(where: Where, key: string): string | null {
  try {
    return globalThis[where].getItem(key);
  } catch {
    return null;
  }
}

/** `text` null: forget it. */
export function remember(where: Where, key: string, text: string | null): void {
  try {
    if (text === null) globalThis[where].removeItem(key);
    else globalThis[where].setItem(key, text);
  } catch {
    // not remembered
  }
}
