// What a layer hands to the next where that is not its output a_l, and what it is drawn with.
import type { Arena, View } from "./arena.ts";

/** What a training step draws. */
export type Draws = {
  /** Of every draw: an integer in [0, 2⁵³). */
  readonly seed: number;
  /** p in [0, 1): the chance of every hidden unit to be left out of an example. Default 0. */
  readonly dropout?: number | undefined;
  /** p in [0, 1): the chance of every input to be left out of an example. Default 0. */
  readonly inputDropout?: number | undefined;
  /** σ ≥ 0 of the normal noise on every input. Default 0. */
  readonly inputNoise?: number | undefined;
};

/**
 * The same, with the place of the examples' numbers by position in the order, in integers [capacity], and the dropout
 * of the inputs as one of a layer.
 */
export type PlannedDraws = Draws & { readonly examples: number; readonly ofInputs?: PlannedDraws | undefined };

export function planDraws(arena: Arena, { seed, inputDropout, ...others }: Draws, capacity: number): PlannedDraws {
  const examples = arena.take(capacity, 4);
  const ofInputs = inputDropout ? { seed, dropout: inputDropout, examples } : undefined;
  return { seed, inputDropout, ...others, examples, ofInputs };
}

/** The layers of a training step with room for what each hands on; the first is given `first`. */
export function withPassed<L extends { readonly input: View; readonly output: View; readonly joins: boolean }>(
  arena: Arena,
  first: View,
  layers: readonly L[],
  draws: Draws | undefined,
): readonly (L & { readonly mask?: View; readonly passed?: View; readonly joined?: View })[] {
  let input = first;
  return layers.map((layer, l) => {
    const own = { ...layer, input };
    input = layer.output;
    const drops = draws?.dropout && l < layers.length - 1;
    if (!drops && !layer.joins) return own;
    const { rows, cols } = layer.output;
    const room = () => arena.matrix(rows, cols);
    const mask = drops ? { mask: room() } : {};
    const passed = room();
    input = passed;
    return { ...own, ...mask, passed, ...(layer.joins && { joined: room() }) };
  });
}
