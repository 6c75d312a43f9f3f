// Clipping of every row's gradient, and the room that the noise of a private step takes.
import type { Arena, Span } from "./arena.ts";

/** How each row's gradient is clipped, and by how many rows the sum is divided. */
export type Clipping = {
  /** C > 0: c_i = min(1, C/‖g_i‖). */
  readonly norm: number;
  /** B ≥ 1, the expected rows of a batch whose rows are drawn: the divisor, however many there are. */
  readonly expected: number;
};

/** Clipping, and where a step's noise lies: standard normal draws laid out like θ, and their factor as coefficients. */
export type PlannedClipping = Clipping & { readonly noise: Span; readonly factor: number };

/** Room for the noise beside θ, a block of `length` floats, and for the `coefficients` of its update. */
export function planClipping(arena: Arena, clipping: Clipping, length: number, coefficients: number): PlannedClipping {
  return { ...clipping, noise: arena.floats(length), factor: arena.floats(coefficients).offset };
}
