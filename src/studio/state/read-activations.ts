// σ of the hidden layers as one word of an address: a name for all of them, or one for each.
import { ACTIVATIONS, type Activation, type Network, readActivation } from "../../network/network.ts";

/** Undefined where a name is none. */
export function readActivations(text: string): Network["activation"] | undefined {
  const read = readActivation(text);
  const names: readonly string[] = typeof read === "string" ? [read] : read;
  return names.every((name) => ACTIVATIONS.includes(name as Activation)) ? read : undefined;
}
