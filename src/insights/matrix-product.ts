// A product of matrices by an engine's own kernel: rows·W + b is E9 without an activation, at the engine's speed.
import type { EngineChoice } from "../engines/engine.ts";
import { FORWARD_ROWS, openForward } from "../engines/forward.ts";
import type { Floats } from "../network/memory.ts";
import { defineNetwork } from "../network/network.ts";

/** How to run a product. */
export type ProductMachine = { readonly engine?: EngineChoice | undefined; readonly signal?: AbortSignal | undefined };

/** rows [n×K] · W [K×M] + b [M], in the engine's float type: [n×M]. Rejects with the signal's reason. */
export async function matrixProduct(
  rows: Floats,
  W: ArrayLike<number>,
  b: ArrayLike<number>,
  { engine, signal }: ProductMachine,
): Promise<Floats> {
  const M = b.length;
  const K = W.length / M;
  const n = rows.length / K;
  const Values = rows.constructor as new (n: number) => Floats;
  const parameters = new Values(W.length + M);
  parameters.set(W);
  parameters.set(b, W.length);
  const forward = openForward(defineNetwork([K, M], "identity"), parameters, Math.min(n, FORWARD_ROWS), engine);
  const out = new Values(n * M);
  const write = (i: number, input: Floats) => input.set(rows.subarray(i * K, (i + 1) * K));
  await forward.each(n, write, (i, row) => out.set(row, i * M), signal);
  return out;
}
