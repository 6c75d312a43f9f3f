// Where W_l and b_l of every layer lie in a block of parameters.
import { padded, type Span, type View } from "./arena.ts";
import type { Network } from "./network.ts";

/** I and O of each layer, first to last, and the floats of its W and b with their padding. */
export function layerSizes({ layers }: Network): readonly { I: number; O: number; blockLength: number }[] {
  return layers.slice(1).map((O, l) => {
    const I = layers[l]!;
    return { I, O, blockLength: (padded(I) + 1) * padded(O) };
  });
}

/** W_l and b_l of every layer in a block laid out like θ: W₁, b₁, W₂, … */
export function weightViews(network: Network, block: Span): readonly { W: View; b: View }[] {
  let at = block.offset;
  return layerSizes(network).map(({ I, O, blockLength }) => {
    const stride = padded(O);
    const W: View = { offset: at, rows: I, cols: O, stride };
    const b: View = { offset: at + padded(I) * stride, rows: 1, cols: O, stride };
    at += blockLength;
    return { W, b };
  });
}
