// Where the units of a layer lie in its drawing, 0 … 1 across and down: one below the other while they are few, else in
// a block.

export const FEW = 16; //         units that are circles, with edges between them
export const MOST_SHOWN = 256; // units of a block

export type Spot = { readonly x: number; readonly y: number };

/** How many lie side by side, and below each other. */
export function gridOf(units: number): readonly [across: number, down: number] {
  const shown = Math.min(units, MOST_SHOWN);
  const across = units <= FEW ? 1 : Math.ceil(Math.sqrt(shown / 4));
  return [across, Math.ceil(shown / across)];
}

/** Places of the first min(units, MOST_SHOWN) units. */
export function spotsOf(units: number): readonly Spot[] {
  const [across, down] = gridOf(units);
  return Array.from({ length: Math.min(units, MOST_SHOWN) }, (_, o) => ({
    x: ((o % across) + 0.5) / across,
    y: (Math.floor(o / across) + 0.5) / down,
  }));
}
