// E9 of one row in plain loops: the definition that the reference runs row by row, and all that a program which only
// predicts needs.
import type { Floats } from "../network/memory.ts";
import type { Activation } from "../network/network.ts";
import { ACTIVATE, type Round } from "./activations.ts";

/** Places in an array of parameters: the first element of W [I×O], elements from row to row, the first element of b. */
export type DensePlaces = { readonly W: number; readonly stride: number; readonly b: number };

/**
 * z = σ(x·W + b) for x [I] and z [O], arrays of their own. `finite`: every weight is, so terms of ±0 are left out; they
 * change no bit of a sum that starts at +0.
 */
export function denseRow(
  z: Floats,
  x: Floats,
  parameters: Floats,
  { W, stride, b }: DensePlaces,
  activation: Activation,
  round: Round,
  finite = false,
): void {
  const activate = ACTIVATE[activation];
  const O = z.length;
  z.fill(0);
  for (let k = 0; k < x.length; k++) {
    const a = x[k]!;
    if (finite && a === 0) continue;
    const w = W + k * stride;
    for (let o = 0; o < O; o++) z[o] = z[o]! + round(a * parameters[w + o]!);
  }
  for (let o = 0; o < O; o++) z[o] = activate(round(z[o]! + parameters[b + o]!), round);
}
