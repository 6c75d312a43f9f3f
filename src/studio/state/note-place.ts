// Where in the note one looks: its tab, the selected equation and term. It is state of the page because the address
// has it.
import { signal } from "@preact/signals";
import type { NoteTab } from "./looks.ts";

export const tab = signal<NoteTab>("text");

/** The selected equation and term, from 0; while pinned, the pointer does not change them. */
export const focus = signal<{ readonly id: string; readonly term: number }>({ id: "E1", term: 0 });
export const pinned = signal(false);
