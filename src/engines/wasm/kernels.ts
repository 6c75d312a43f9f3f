// The kernels of gradients/kernels.ts as one WebAssembly module over the session's memory, and the source that offers them.
// Instructions of the core specification only: no relaxed vector instructions, so every machine gives the same bits.
import type { Kernels, Optimizer } from "../../gradients/kernels.ts";
import type { Memory } from "../../network/memory.ts";
import { type Plan, padded, type View } from "../../network/plan.ts";
import type { Backend, Rank, Store } from "../backend.ts";
import { f32x4, ModuleBuilder, v128 } from "./assembler.ts";
import { number } from "./loops.ts";
import { definePointwise } from "./pointwise.ts";
import { COEFFICIENTS_AT, defineProducts, FUSED, PRODUCT_SCRATCH } from "./products.ts";
import { defineRules } from "./rules.ts";
import type { Unroll } from "./tile.ts";

const PAGE = 65536; //  bytes
const MOST_PAGES = 65536 - 128; // 4 GiB less 8 MiB, so that a pointer one row past a matrix does not wrap to 0
const QUOTIENTS = 0; // address of the table of byte / divisor, in the plan's reserved bytes

type Exported = Record<
  | ("dense" | "backpropagate" | "weightGradient" | "biasGradient" | "softmaxCrossEntropy")
  | ("gatherBytes" | "gatherFloats" | "gatherTargets" | "tanh" | "sigmoid" | Optimizer),
  (...args: number[]) => void
>;

/** The module's binary: the same for every network, so one process compiles it once. */
export function kernelModule(shared: boolean, unroll: Unroll): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineProducts(module, unroll);
  definePointwise(module);
  defineRules(module);
  return module.finish(shared);
}

function kernelsOf(k: Exported, { floats }: Memory, scratch: number): Kernels {
  const place = scratch + COEFFICIENTS_AT;
  /** With toW, the bytes from dW to W, it is W that changes; share, rate and decay are read from memory. */
  const weightGradient = (dW: View, input: View, delta: View, toW: number, rate: number, decay: number) => {
    floats[place / 4] = 1 / delta.rows;
    floats[place / 4 + 1] = rate;
    floats[place / 4 + 2] = decay;
    k.weightGradient(
      ...([4 * dW.offset, 4 * dW.stride, dW.rows, dW.cols, delta.rows] as const),
      ...([4 * input.offset, 4 * input.stride, 4 * delta.offset, 4 * delta.stride] as const),
      ...([toW, place, scratch] as const),
    );
  };
  return {
    gather(input, targets, { cols, classes, form, divisor, features, labels, soft, order, scale, shift }, at) {
      const rows = 4 * (order + at);
      if (form === "bytes")
        k.gatherBytes(4 * input.offset, 4 * input.stride, input.rows, cols, rows, features, QUOTIENTS);
      else k.gatherFloats(4 * input.offset, 4 * input.stride, input.rows, cols, rows, 4 * features, divisor);
      k.gatherTargets(
        ...([4 * targets.offset, 4 * targets.stride, targets.rows, classes] as const),
        ...([rows, 4 * labels, soft === undefined ? 0 : 4 * soft, 8 * scale, 8 * shift] as const),
      );
    },

    dense(output, input, W, b, activation) {
      k.dense(
        ...([4 * output.offset, 4 * output.stride, output.rows, W.cols, W.rows] as const),
        ...([4 * input.offset, 4 * input.stride, 4 * W.offset, 4 * W.stride] as const),
        ...([4 * b.offset, FUSED[activation], scratch] as const),
      );
      if (activation === "tanh" || activation === "sigmoid")
        k[activation](4 * output.offset, 4 * output.stride, output.rows, W.cols);
    },

    softmaxCrossEntropy(delta, losses, predictions, logits, targets) {
      k.softmaxCrossEntropy(
        ...([4 * delta.offset, 4 * delta.stride, 8 * losses.offset, 4 * predictions.offset] as const),
        ...([4 * logits.offset, 4 * logits.stride, 4 * targets.offset, 4 * targets.stride] as const),
        ...([logits.rows, logits.cols, scratch] as const),
      );
    },

    backpropagate(below, delta, W, output, activation) {
      k.backpropagate(
        ...([4 * below.offset, 4 * below.stride, below.rows, W.rows, W.cols] as const),
        ...([4 * delta.offset, 4 * delta.stride, 4 * W.offset, 4 * W.stride] as const),
        ...([4 * (output.offset - below.offset), FUSED[activation], scratch] as const),
      );
    },

    weightGradient(dW, input, delta) {
      weightGradient(dW, input, delta, 0, 0, 0);
    },

    biasGradient(db, delta) {
      k.biasGradient(4 * db.offset, db.cols, 4 * delta.offset, 4 * delta.stride, delta.rows, 1 / delta.rows);
    },

    descend(rule, { parameters, gradients, states, decays }, coefficients) {
      k[rule](
        ...([4 * parameters.offset, 4 * (parameters.offset + parameters.length), 4 * gradients.offset] as const),
        ...([4 * (states[0]?.offset ?? 0), 4 * (states[1]?.offset ?? 0), 4 * coefficients] as const),
        decays ? floats[coefficients + 1]! : 0,
      );
    },

    descendWeights(W, dW, input, delta, coefficients) {
      const toW = 4 * (W.offset - dW.offset);
      weightGradient(dW, input, delta, toW, floats[coefficients]!, floats[coefficients + 1]!);
    },
  };
}

/** A module with one vector instruction: what the whole needs of the machine. */
function smallest(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.define("", [], () => [v128.store(number(0), f32x4.sqrt(v128.zero))]);
  return module.finish(false);
}

/** The source with a given length of the tile's loop: it changes the pace and never a bit. */
export function wasmSourceWith(unroll: Unroll): Backend {
  const compiled = new Map<boolean, Promise<WebAssembly.Module>>();
  const compile = (shared: boolean) => {
    const made = compiled.get(shared) ?? WebAssembly.compile(kernelModule(shared, unroll));
    compiled.set(shared, made);
    return made;
  };
  return {
    name: "wasm",
    floatBytes: 4,

    missing() {
      if (typeof WebAssembly === "undefined") return "there is no WebAssembly";
      return WebAssembly.validate(smallest()) ? undefined : "its WebAssembly has no vector instructions (SIMD)";
    },

    about: () => "WebAssembly, 128-bit vectors",

    scratchBytes: ({ layers }) => Math.max(PRODUCT_SCRATCH, 8 * padded(layers.at(-1)!)),

    allocate(bytes, shared) {
      const pages = Math.ceil(bytes / PAGE);
      if (pages > MOST_PAGES) throw new RangeError(`${bytes} bytes do not fit a WebAssembly memory`);
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    },

    async kernels(store: Store, memory: Memory, plan: Plan, { thread, threads }: Rank) {
      const module = await compile(
        typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer,
      );
      const { exports } = await WebAssembly.instantiate(module, { env: { memory: store as WebAssembly.Memory } });
      const { form, divisor } = plan.examples;
      if (form === "bytes") for (let byte = 0; byte < 256; byte++) memory.floats[QUOTIENTS / 4 + byte] = byte / divisor;
      const scratch = plan.scratch.offset + (plan.scratch.length / threads) * thread;
      return kernelsOf(exports as Exported, memory, scratch);
    },
  };
}

/** V8's major version in Node; undefined elsewhere. */
const v8 = globalThis.process?.versions?.v8;

export const wasmSource = wasmSourceWith(v8 !== undefined && Number.parseInt(v8, 10) < 13 ? 1 : 8);
