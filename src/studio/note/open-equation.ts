// The way to an equation of the note from anywhere in the studio. Small, so that linking to the note does not load it.
import { signal } from "@preact/signals";
import { view } from "../state/store.ts";

/** The equation that the note shall open at; "" once it has. */
export const wanted = signal("");

export function goTo(id: string): void {
  wanted.value = id;
  view.value = "note";
}
