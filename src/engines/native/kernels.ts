// The native kernels as a source: registers each call with the addon once and then runs it by number. The kernels themselves are
// in native/; the addon checks every view against the memory.
import { type Kernels, OPTIMIZERS } from "../../gradients/kernels.ts";
import type { Memory } from "../../network/memory.ts";
import type { Activation } from "../../network/network.ts";
import type { Plan, Span, View } from "../../network/plan.ts";
import type { Backend, Rank, Store } from "../backend.ts";
import { type Addon, CHOICE, findAddon, type Opened } from "./addon.ts";

const PAGE = 65536; //      bytes of a WebAssembly.Memory
const MOST_PAGES = 65536;
const LINE = 64; //         bytes

/** The order of `enum kind` in native/addon.c. */
const KINDS = [
  ...(["gather", "dense", "softmax", "backpropagate"] as const),
  ...(["weightGradient", "biasGradient", "descend", "descendWeights"] as const),
] as const;
/** The order of `enum activation` in native/kernels.h. */
const NATIVE_ACTIVATIONS: readonly Activation[] = ["identity", "relu", "leaky-relu", "tanh", "sigmoid"];

/** A registered call and the objects it was made from; a call with the same objects is the same call. */
type Call = {
  readonly number: number;
  readonly a: unknown;
  readonly b?: unknown;
  readonly c?: unknown;
  readonly d?: unknown;
};

/** Calls of one kernel. Plans and slices keep their views, so the objects find the number; fresh views of a known place do too. */
class Calls {
  readonly #kind: number;
  readonly #register: Opened["register"];
  readonly #byObject = new WeakMap<object, Call>();
  readonly #byPlace = new Map<string, number>();

  constructor(kind: (typeof KINDS)[number], { register }: Opened) {
    this.#kind = KINDS.indexOf(kind);
    this.#register = register;
  }

  /** The number of the call on these objects; `numbers` describes them to the addon. */
  of(key: object, numbers: () => readonly number[], a: unknown, b?: unknown, c?: unknown, d?: unknown): number {
    const known = this.#byObject.get(key);
    if (known && known.a === a && known.b === b && known.c === c && known.d === d) return known.number;
    const place = numbers();
    const name = place.join();
    const number = this.#byPlace.get(name) ?? this.#register(this.#kind, Float64Array.from(place));
    this.#byPlace.set(name, number);
    this.#byObject.set(key, { number, a, b, c, d });
    return number;
  }
}

const view = ({ offset, rows, cols, stride }: View): readonly number[] => [offset, rows, cols, stride];

function kernelsOf(opened: Opened): Kernels {
  const { run } = opened;
  const [gather, dense, softmax, backpropagate, weightGradient, biasGradient, descend, descendWeights] = KINDS.map(
    (kind) => new Calls(kind, opened),
  ) as [Calls, Calls, Calls, Calls, Calls, Calls, Calls, Calls];
  const activated = (activation: Activation) => NATIVE_ACTIVATIONS.indexOf(activation);

  return {
    gather(input, targets, examples, at) {
      const numbers = () => {
        const { rows, form, divisor, features, labels, soft, order, scale, shift } = examples;
        const places = [rows, form === "floats" ? 1 : 0, divisor, features, labels, scale, shift, order];
        return [...view(input), ...view(targets), ...places, ...(soft === undefined ? [] : [soft])];
      };
      run(gather.of(input, numbers, targets, examples), at);
    },

    dense(output, input, W, b, activation) {
      const numbers = () => [...view(output), ...view(input), ...view(W), ...view(b), activated(activation)];
      run(dense.of(output, numbers, input, W, b, activation), 0);
    },

    softmaxCrossEntropy(delta, losses, predictions, logits, targets) {
      const numbers = () => [...view(delta), ...view(logits), ...view(targets), losses.offset, predictions.offset];
      run(softmax.of(delta, numbers, losses, predictions, logits, targets), 0);
    },

    backpropagate(below, delta, W, output, activation) {
      const numbers = () => [...view(below), ...view(delta), ...view(W), ...view(output), activated(activation)];
      run(backpropagate.of(below, numbers, delta, W, output, activation), 0);
    },

    weightGradient(dW, input, delta) {
      run(
        weightGradient.of(dW, () => [...view(dW), ...view(input), ...view(delta)], input, delta),
        0,
      );
    },

    biasGradient(db, delta) {
      run(
        biasGradient.of(db, () => [...view(db), ...view(delta)], delta),
        0,
      );
    },

    descend(rule, update, coefficients) {
      const { parameters, gradients, states, decays } = update;
      const places = (spans: readonly Span[]) => spans.map(({ offset }) => offset);
      const numbers = () => [
        ...[OPTIMIZERS.indexOf(rule), decays ? 1 : 0, parameters.length],
        ...places([parameters, gradients, ...states]),
      ];
      run(descend.of(update, numbers, rule), coefficients);
    },

    descendWeights(W, dW, input, delta, coefficients) {
      const numbers = () => [...view(dW), ...view(input), ...view(delta), ...view(W)];
      run(descendWeights.of(dW, numbers, W, input, delta), coefficients);
    },
  };
}

const needAddon = (): Addon => {
  const found = findAddon();
  if ("missing" in found) throw new Error(found.missing);
  return found.addon;
};

/** The widest vectors of this machine, or always 128 bits. */
const source = (name: string, narrow: boolean): Backend => ({
  name,
  floatBytes: 4,

  missing() {
    const found = findAddon();
    return "missing" in found ? found.missing : undefined;
  },

  about() {
    const found = findAddon();
    return "missing" in found ? "C" : `C, ${found.addon.instructions}`;
  },

  missingFused() {
    const found = findAddon();
    if ("missing" in found) return found.missing;
    return found.addon.fused ? undefined : "this processor has no fused multiply-add";
  },

  scratchBytes({ layers }, rows) {
    const addon = needAddon();
    const floats = layers.slice(1).map((outputs, l) => addon.scratch(rows, layers[l]!, outputs));
    return Math.ceil((4 * Math.max(...floats)) / LINE) * LINE;
  },

  /** Always shared: the addon keeps its address, and shared memory cannot be detached. WebAssembly's begins at a page. */
  allocate(bytes) {
    const pages = Math.ceil(bytes / PAGE);
    const wide = pages > MOST_PAGES;
    const memory = wide ? undefined : new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const buffer = memory?.buffer ?? new SharedArrayBuffer(bytes);
    needAddon().largePages(new Uint8Array(buffer)); // before anything is written: pages that are there stay small
    return memory ?? buffer;
  },

  async kernels(_store: Store, { bytes }: Memory, plan: Plan, { thread, threads }: Rank) {
    const length = plan.scratch.length / threads / 4;
    const opened = needAddon().open(
      bytes,
      narrow ? CHOICE.narrow : CHOICE[plan.arithmetic],
      plan.scratch.offset / 4 + length * thread,
      length,
    );
    return kernelsOf(opened);
  },
});

export const nativeSource = source("native", false);

/** The same kernels on 128-bit vectors: for the suite, which so reaches the code of older processors too. */
export const narrowSource = source("native on 128 bits", true);
