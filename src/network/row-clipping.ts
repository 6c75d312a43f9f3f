// Clipping of every row's gradient, and the room that the noise of a private step takes.
import { KEY_WORDS } from "../privacy/private-draws.ts";
import type { Arena, Span, View } from "./arena.ts";

/** How each row's gradient is clipped, and by how many rows the sum is divided. */
export type Clipping = {
  /** C > 0: c_i = min(1, C/‖g_i‖). */
  readonly norm: number;
  /** B ≥ 1, the expected rows of a batch whose rows are drawn: the divisor, however many there are. */
  readonly expected: number;
};

/** Clipping, and what a step's noise is made of: draws laid out like θ, or a key, and their factor as coefficients. */
export type PlannedClipping = Clipping & {
  readonly noise: Span;
  readonly key: number; //     words of a key, in integers
  readonly factor: number;
  readonly factors: View; //   c_i·n/B of each row, in doubles [B×1]
};

/** Room for the noise beside θ, a block of `length` floats, and for the `coefficients` of its update. */
export function planClipping(
  arena: Arena,
  clipping: Clipping,
  length: number,
  coefficients: number,
  rows: number,
): PlannedClipping {
  const [noise, factor] = [arena.floats(length), arena.floats(coefficients).offset];
  return { ...clipping, noise, factor, key: arena.take(KEY_WORDS, 4), factors: arena.column(rows, 8) };
}
