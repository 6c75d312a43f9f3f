// What σ of a layer that normalizes is given, h = γ ∘ n + β, from the n that a step kept.
import type { NormArrays } from "../../network/memory.ts";
import type { Network } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";

/** h_l [n×O] of layer l, from 1; null of one that does not normalize. */
export function innerOf(
  network: Network,
  parameters: Float32Array,
  l: number,
  norm: NormArrays | undefined,
): Float32Array | null {
  if (!norm) return null;
  const { b, outputs: O } = packedLayers(network)[l - 1]!;
  const [gain, offset] = [b + O, b + 2 * O]; // γ and β follow b
  return Float32Array.from(norm.normalized, (n, k) => parameters[gain + (k % O)]! * n + parameters[offset + (k % O)]!);
}
