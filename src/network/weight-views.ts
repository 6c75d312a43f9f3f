// Where W_l and b_l of every layer lie in a block of parameters.
import { padded, type Span, type View } from "./arena.ts";
import type { GainAndOffset } from "./layer-norm.ts";
import { isNormalized, type Network } from "./network.ts";

/** I and O of each layer, first to last, and the floats of its W, b, γ and β with their padding. */
export function layerSizes(network: Network): readonly { I: number; O: number; blockLength: number }[] {
  const { layers } = network;
  return layers.slice(1).map((O, l) => {
    const I = layers[l]!;
    return { I, O, blockLength: (padded(I) + (isNormalized(network, l + 1) ? 3 : 1)) * padded(O) };
  });
}

/** W_l and b_l of every layer in a block laid out like θ: W₁, b₁, W₂, …; behind b_l γ_l and β_l, where it has them. */
export function weightViews(
  network: Network,
  block: Span,
): readonly { readonly W: View; readonly b: View; readonly norm?: GainAndOffset | undefined }[] {
  let at = block.offset;
  return layerSizes(network).map(({ I, O, blockLength }, l) => {
    const stride = padded(O);
    const W: View = { offset: at, rows: I, cols: O, stride };
    const row = (n: number): View => ({ offset: at + (padded(I) + n) * stride, rows: 1, cols: O, stride });
    const norm = isNormalized(network, l + 1) ? { gain: row(1), offset: row(2) } : undefined;
    const views = { W, b: row(0), norm };
    at += blockLength;
    return views;
  });
}
