// The activations that the page shows: one for all hidden layers, whose σ′ its formulas read from σ(z).
import { InvalidInput } from "../../errors.ts";
import { ACTIVATIONS, type Activation, keepsSlope, type Network } from "../../network/network.ts";

export const PAGE_ACTIVATIONS: readonly Activation[] = ACTIVATIONS.filter((activation) => !keepsSlope(activation));

/** The activation of a network that the page can show. Raises InvalidInput. */
export function pageActivation(network: Pick<Network, "activation" | "layerNorm" | "residual">): Activation {
  const { activation } = network;
  if (network.layerNorm || network.residual)
    throw new InvalidInput(
      "BAD_MODEL",
      "the page shows networks without layer normalization and residual connections. The command line goes on with this one: train --from.",
    );
  if (typeof activation === "string" && PAGE_ACTIVATIONS.includes(activation)) return activation;
  const shown = PAGE_ACTIVATIONS.join(", ");
  throw new InvalidInput("BAD_MODEL", `the page shows one activation for all layers, of ${shown}; got ${activation}.`);
}
