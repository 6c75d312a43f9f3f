// The memory plan of a forward pass alone: θ, one block of rows, and two rooms that the layers' outputs take in turn.
// No gradients, no δ, no data set: a model that only predicts takes little more than its parameters.
import { activationOf, isResidual, type Network } from "./network.ts";
import { Arena, type Plan, padded, type Span, type View } from "./plan.ts";
import { layerSizes, weightViews } from "./weight-views.ts";

/** One layer of a forward pass: output = σ(input·W + b), with what the layer has beside. */
export type ForwardLayer = Pick<
  Plan["batch"]["layers"][number],
  "activation" | "input" | "W" | "b" | "norm" | "joins" | "output"
>;

export type ForwardPlan = {
  readonly network: Network;
  readonly rows: number; //                        of the longest pass
  readonly floatBytes: 4 | 8;
  readonly arithmetic: "exact";
  readonly parameters: Span; //                    θ, all layers, padded
  readonly batch: { readonly input: View; readonly layers: readonly ForwardLayer[] };
  readonly examples: { readonly form: "floats"; readonly divisor: 1 };
  readonly scratch: Span; //                       bytes
  readonly bytes: number;
};

/** Layer l writes room l mod 2 and reads the other one, so two rooms of the widest layer are enough for any depth. */
export function planForward(network: Network, rows: number, floatBytes: 4 | 8, scratchBytes: number): ForwardPlan {
  const [D, ...widths] = network.layers as [number, ...number[]];
  const arena = new Arena(floatBytes);
  const parameters = arena.floats(layerSizes(network).reduce((sum, { blockLength }) => sum + blockLength, 0));
  const input = arena.matrix(rows, D);
  const rooms = [0, 1].map((odd) => {
    const widest = Math.max(1, ...widths.filter((_, l) => l % 2 === odd));
    return arena.floats(rows * padded(widest)).offset;
  });
  const outputs = widths.map((cols, l): View => ({ offset: rooms[l % 2]!, rows, cols, stride: padded(cols) }));
  const layers = weightViews(network, parameters).map(
    ({ W, b, norm }, l): ForwardLayer => ({
      activation: activationOf(network, l + 1),
      input: l === 0 ? input : outputs[l - 1]!,
      W,
      b,
      norm,
      joins: isResidual(network, l + 1),
      output: outputs[l]!,
    }),
  );
  return {
    network,
    rows,
    floatBytes,
    arithmetic: "exact",
    parameters,
    batch: { input, layers },
    examples: { form: "floats", divisor: 1 },
    scratch: arena.span(scratchBytes, 1),
    bytes: arena.bytes,
  };
}

/** The layers for the first `rows` rows. */
export function forwardLayers({ batch }: ForwardPlan, rows: number): readonly ForwardLayer[] {
  const first = (view: View): View => ({ ...view, rows });
  return batch.layers.map((layer) => ({ ...layer, input: first(layer.input), output: first(layer.output) }));
}
