// Training rows that are mixed with a partner of the same step (X52), as a value: where the partners' numbers and the
// shares lie. The row pass gathers the partners into arrays of their own and mixes both.
import type { Arena, View } from "./arena.ts";
import { WARP_NUMBERS, type Warp } from "./warp.ts";

/** The partners of an order's rows: the same examples in another order. */
export type Mix<Examples> = {
  readonly partners: Examples;
  readonly shares: number; // [capacity] λ of each row by position in the order, in doubles
};

/** The partners of a batch, row by row. */
export type Partners = { readonly input: View; readonly targets: View };

export const planPartners = (arena: Arena, rows: number, inputs: number, targets: number): Partners => ({
  input: arena.matrix(rows, inputs),
  targets: arena.matrix(rows, targets),
});

/** `examples` with a partner for each of `capacity` positions, which is distorted where the examples are. */
export function withPartners<E extends { readonly order: number; readonly warp?: Warp | undefined }>(
  arena: Arena,
  examples: E,
  capacity: number,
): E & { readonly mix: Mix<E> } {
  const order = arena.take(capacity, 4);
  const shares = arena.take(capacity, 8);
  const warp = examples.warp && { ...examples.warp, numbers: arena.floats(capacity * WARP_NUMBERS).offset };
  return { ...examples, mix: { partners: { ...examples, order, warp }, shares } };
}
