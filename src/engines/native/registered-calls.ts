// Calls of the native kernels that the addon has checked: each is described once, and then runs by its number.
import { OPTIMIZERS, type Optimizer } from "../../gradients/kernels.ts";
import type { Activation } from "../../network/network.ts";
import type { View } from "../../network/plan.ts";
import type { ParameterSpans } from "../../network/slices.ts";
import type { Opened } from "./addon.ts";

/** Kernels in the order of `enum kind` in native/call.h. */
export const KINDS = [
  "gather",
  "dense",
  "activate",
  "outputDelta",
  "backpropagate",
  "weightGradient",
  "biasGradient",
  "exampleNorms",
  "mask",
  "squares",
  "drop",
  "addNoise",
  "clip",
  "shrinkWeights",
  "moveMean",
  "holdUnits",
  "normalize",
  "apply",
  "slope",
  "denormalize",
  "join",
  "scaleGradient",
  "scaleRows",
  "update",
  "updateWeights",
  "noisyUpdate",
] as const;
export type Kind = (typeof KINDS)[number];

/** The order of `enum activation` in native/kernels.h. */
export const NATIVE_ACTIVATIONS: readonly Activation[] = [
  "identity",
  "relu",
  "leaky-relu",
  "tanh",
  "sigmoid",
  "selu",
  "elu",
  "softplus",
  "gelu",
  "silu",
  "mish",
];

/** A registered call and the objects that described it. */
type Call = {
  readonly number: number;
  readonly a: unknown;
  readonly b?: unknown;
  readonly c?: unknown;
  readonly d?: unknown;
};

/**
 * Cache of one kernel's registered calls: by identity of the views (fast, plans reuse theirs), else by their numbers.
 */
export class Calls {
  readonly #kind: number;
  readonly #register: Opened["register"];
  readonly #byObject = new WeakMap<object, Call>();
  readonly #byNumbers = new Map<string, number>();

  constructor(kind: Kind, { register }: Opened) {
    this.#kind = KINDS.indexOf(kind);
    this.#register = register;
  }

  /** The number of the call on the objects key, a, b, c, d; `numbers` describes them to the addon. */
  of(key: object, numbers: () => readonly number[], a: unknown, b?: unknown, c?: unknown, d?: unknown): number {
    const known = this.#byObject.get(key);
    if (known && known.a === a && known.b === b && known.c === c && known.d === d) return known.number;
    const description = numbers();
    const name = description.join();
    const number = this.#byNumbers.get(name) ?? this.#register(this.#kind, Float64Array.from(description));
    this.#byNumbers.set(name, number);
    this.#byObject.set(key, { number, a, b, c, d });
    return number;
  }
}

/** A view as the addon reads it. */
export const viewNumbers = ({ offset, rows, cols, stride }: View): readonly number[] => [offset, rows, cols, stride];

export const activated = (activation: Activation) => NATIVE_ACTIVATIONS.indexOf(activation);

/** An update as the addon reads it. */
export function updateNumbers(optimizer: Optimizer, { parameters, gradients, states, decays }: ParameterSpans) {
  const offsets = [parameters, gradients, ...states].map(({ offset }) => offset);
  return [OPTIMIZERS.indexOf(optimizer), decays ? 1 : 0, parameters.length, ...offsets];
}
