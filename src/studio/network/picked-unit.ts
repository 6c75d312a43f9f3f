// The unit that is looked at: by the pointer while it is over one, else the one that was picked.
import { computed, effect, signal } from "@preact/signals";
import { layer, opened } from "../state/store.ts";

export type UnitPlace = { readonly layer: number; readonly unit: number }; // l from 1, o from 0

export const picked = signal<UnitPlace>({ layer: 1, unit: 0 });
export const hovered = signal<UnitPlace | null>(null);
export const shownUnit = computed<UnitPlace>(() => hovered.value ?? picked.value);

effect(() => {
  opened.value; // another network
  picked.value = { layer: 1, unit: 0 };
  hovered.value = null;
});

/** Pick a unit; its layer becomes the chosen one of every view. */
export function pick(place: UnitPlace): void {
  picked.value = place;
  layer.value = place.layer;
}

const MOVES: Readonly<Record<string, readonly [layer: number, unit: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Move by an arrow key among the layers of these sizes (D first); whether the key was one. */
export function moveBy(key: string, layers: readonly number[]): boolean {
  const move = MOVES[key];
  if (!move) return false;
  const { layer: l, unit } = picked.value;
  const next = Math.min(layers.length - 1, Math.max(1, l + move[0]));
  pick({ layer: next, unit: Math.min(layers[next]! - 1, Math.max(0, unit + move[1])) });
  return true;
}
