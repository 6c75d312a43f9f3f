// The selection in the note: an equation, one of its terms, and a quantity traced back from it.
import { computed, signal } from "@preact/signals";
import type { Quantity } from "../lab/quantity.ts";
import { focus, pinned, tab } from "../state/note-place.ts";
import { layer, opened } from "../state/store.ts";
import { equationOf } from "./equations.ts";
import { bind } from "./notation.ts";

export { focus, pinned, tab };

/** An operand of the selected term, opened by its link; null: the term itself is shown. */
export const tracedBack = signal<Quantity | null>(null);

export function selectTerm(id: string, term: number): void {
  if (focus.value.id === id && focus.value.term === term) return;
  focus.value = { id, term };
  tracedBack.value = null;
}

/** The quantities of the selected equation's terms in the open network; undefined where it has no such layer. */
export const boundTerms = computed<readonly (Quantity | undefined)[]>(() => {
  const depth = opened.value ? opened.value.layers.length - 1 : 4;
  const { id } = focus.value;
  return equationOf(id).terms.map((term) => bind(id, term, depth, layer.value));
});

/** Quantities that an equation computes without naming them: each z_l and σ(z_l) in E9. */
export const intermediates = computed<readonly Quantity[]>(() => {
  if (focus.value.id !== "E9" || !opened.value) return [];
  const hidden = Array.from({ length: opened.value.layers.length - 2 }, (_, k) => k + 1);
  return hidden.flatMap((l) => (["z", "a"] as const).map((kind) => ({ kind, layer: l, batch: false })));
});

export const keyOf = ({ kind, layer: l, batch }: Quantity): string => `${kind} ${l} ${batch}`;

/** A term that the equation does not have, as an address may say, becomes its first. */
if (focus.peek().term >= equationOf(focus.peek().id).terms.length) focus.value = { id: focus.peek().id, term: 0 };
