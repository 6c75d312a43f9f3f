// What the reader of the note looks at: an equation, one of its terms, and how far back from it they went.
import { computed, signal } from "@preact/signals";
import type { Quantity } from "../lab/quantity.ts";
import { layer, opened } from "../state/store.ts";
import { equationOf } from "./equations.ts";
import { bind } from "./notation.ts";

export const TABS = { text: "The derivation", step: "One step", weight: "One weight" } as const;
export const tab = signal<keyof typeof TABS>("text");

/** The equation and term looked at; pinned, it stays while the pointer moves on. */
export const focus = signal<{ readonly id: string; readonly term: number }>({ id: "E1", term: 0 });
export const pinned = signal(false);

/** A quantity that the looked-at term was made of, followed back; null for the term itself. */
export const tracedBack = signal<Quantity | null>(null);

export function selectTerm(id: string, term: number): void {
  if (focus.value.id === id && focus.value.term === term) return;
  focus.value = { id, term };
  tracedBack.value = null;
}

/** What the terms of the looked-at equation stand for in the network at hand; undefined where it has no such layer. */
export const boundTerms = computed<readonly (Quantity | undefined)[]>(() => {
  const depth = opened.value ? opened.value.layers.length - 1 : 4;
  const { id } = focus.value;
  return equationOf(id).terms.map((term) => bind(id, term, depth, layer.value));
});

/** What an equation makes on its way without writing it: in E9 each z_l and σ(z_l). */
export const intermediates = computed<readonly Quantity[]>(() => {
  if (focus.value.id !== "E9" || !opened.value) return [];
  const hidden = Array.from({ length: opened.value.layers.length - 2 }, (_, k) => k + 1);
  return hidden.flatMap((l) => (["z", "a"] as const).map((kind) => ({ kind, layer: l, batch: false })));
});

export const keyOf = ({ kind, layer: l, batch }: Quantity): string => `${kind} ${l} ${batch}`;
