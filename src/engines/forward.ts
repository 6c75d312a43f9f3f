// f(x) at once, on the calling thread: a model's parameters and room for a few rows, opened once and then reused. No
// promise, no order, no data set. The logits have the bits of a session's.
import { EnvironmentFailure } from "../errors.ts";
import { feedForward } from "../gradients/backprop.ts";
import { completeKernels } from "../gradients/complete-kernels.ts";
import type { Kernels } from "../gradients/kernels.ts";
import { referenceKernels } from "../gradients/reference.ts";
import { type ForwardLayer, type ForwardPlan, forwardLayers, planForward } from "../network/forward-plan.ts";
import { type Floats, type Memory, unpackBlock, viewMemory } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import type { Backend } from "./backend.ts";
import { BACKENDS } from "./backends.ts";
import { chooseEngine } from "./registry.ts";
import { Turns } from "./turns.ts";
import { withRowKernel } from "./wasm/row-kernel.ts";
import { wasmBackend } from "./wasm/wasm-backend.ts";

/** Rows of a pass over many: enough to make reading W cheap, few enough to stay small. */
export const FORWARD_ROWS = 64;

export class Forward {
  readonly engine: string;
  /** Rows of one pass, at most. */
  readonly rows: number;
  readonly #plan: ForwardPlan;
  readonly #kernels: Kernels;
  readonly #inputs: readonly Floats[]; //             rows of X, views [D]
  readonly #outputs: readonly Floats[]; //            rows of z_L, views [C]
  readonly #layers: (readonly ForwardLayer[])[] = []; // by the number of rows

  constructor(engine: string, plan: ForwardPlan, { floats }: Memory, kernels: Kernels) {
    this.engine = engine;
    this.rows = plan.rows;
    this.#plan = plan;
    this.#kernels = kernels;
    const rowsOf = ({ offset, cols, stride }: ForwardPlan["batch"]["input"]) =>
      Array.from({ length: plan.rows }, (_, r) => floats.subarray(offset + r * stride, offset + r * stride + cols));
    this.#inputs = rowsOf(plan.batch.input);
    this.#outputs = rowsOf(plan.batch.layers.at(-1)!.output);
  }

  /** Where row `row` of X is to be written before `run`, already scaled: [D]. */
  input(row: number): Floats {
    return this.#inputs[row]!;
  }

  /** f of the first `rows` rows. */
  run(rows: number): void {
    this.#layers[rows] ??= forwardLayers(this.#plan, rows);
    feedForward(this.#kernels, this.#layers[rows]!);
  }

  /** The logits of row `row`: [C], until the next `run`. */
  logits(row: number): Floats {
    return this.#outputs[row]!;
  }

  /**
   * Passes over rows 0 … `count` − 1: `write` puts row i of X, scaled, into `input`; `read` takes its logits at once.
   * The event loop gets turns in between. Rejects with the signal's reason.
   */
  async each(
    count: number,
    write: (i: number, input: Floats) => void,
    read: (i: number, logits: Floats) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const turns = new Turns(signal);
    for (let from = 0; from < count; from += this.rows) {
      if (turns.due) await turns.take();
      const rows = Math.min(this.rows, count - from);
      for (let r = 0; r < rows; r++) write(from + r, this.#inputs[r]!);
      this.run(rows);
      for (let r = 0; r < rows; r++) read(from + r, this.#outputs[r]!);
    }
  }
}

/**
 * A forward pass of at most `rows` rows over these packed parameters, without a promise. Where the engine's kernels
 * need one, the reference takes its place: slower, with the same bits. Raises InvalidInput or EngineUnavailable.
 */
export function openForward(network: Network, parameters: Floats, rows: number, engine = "auto"): Forward {
  const { name } = chooseEngine(engine);
  const backend = BACKENDS.find((candidate) => candidate.name === name)!;
  const plan = planForward(network, rows, backend.floatBytes, backend.scratchBytes(network, rows));
  const { store, memory } = take(backend, plan);
  unpackBlock(plan, memory.floats, plan.parameters, parameters);
  const finite = parameters.every(Number.isFinite);
  const made = backend.kernelsAtOnce?.(store, memory, plan, finite);
  const oneByOne = made && finite && backend === wasmBackend;
  const kernels = oneByOne ? withRowKernel(made, store as WebAssembly.Memory, plan.scratch.offset) : made;
  const all = completeKernels(kernels ?? referenceKernels(memory), memory, plan.batch);
  return new Forward(kernels ? name : "reference", plan, memory, all);
}

function take(backend: Backend, { bytes, floatBytes }: ForwardPlan) {
  try {
    const store = backend.allocate(bytes, false);
    return { store, memory: viewMemory("buffer" in store ? store.buffer : store, floatBytes) };
  } catch (cause) {
    const reason = `this model needs ${Math.ceil(bytes / 2 ** 20)} MiB of memory to predict and could not get it.`;
    throw new EnvironmentFailure("OUT_OF_MEMORY", reason, {}, { cause });
  }
}
