// Opens an equation of the note from any view. A module of its own, so that a link to the note does not load it.
import { signal } from "@preact/signals";
import { view } from "../state/store.ts";

/** The equation at which the note is to open; "" once it has. */
export const requestedEquation = signal("");

export function openEquation(id: string): void {
  requestedEquation.value = id;
  view.value = "note";
}
