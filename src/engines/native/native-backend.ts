// The native backend: registers each kernel call with the addon once and then runs it by number. The kernels themselves
// are C, in native/; the addon checks every view against the memory.
import type { Kernels } from "../../gradients/kernels.ts";
import { LOSSES } from "../../network/losses.ts";
import type { Memory } from "../../network/memory.ts";
import type { KernelPlan, Plan } from "../../network/plan.ts";
import type { Backend, Rank, Store } from "../backend.ts";
import type { EngineName, KernelChoices } from "../engine.ts";
import { type Addon, findAddon, type Opened, VARIANT } from "./addon.ts";
import { betweenOf } from "./between-calls.ts";
import { chooseTables } from "./kernel-tables.ts";
import { activated, Calls, type Kind, updateNumbers, viewNumbers } from "./registered-calls.ts";
import { drawCalls, limitCalls, privateCalls } from "./step-calls.ts";

const PAGE = 65536; //      bytes of a WebAssembly.Memory
const MOST_PAGES = 65536;
const LINE = 64; //         bytes
/**
 * θ of so many floats is written past the caches where several threads, or processes, read it: a line that two cores
 * have read costs the one that writes it 7 ns, or 27 where they share no cache. Above, what leaves the caches is missed
 * in them.
 */
const MOST_STREAMED = { threads: 2 ** 20, ranks: 2 ** 19 } as const;

function kernelsOf(opened: Opened, finite: boolean): Kernels {
  let noted: number[] | undefined; // [call, place, …] while `note` collects them: the addon refuses calls with a value
  const run: Opened["run"] = (call, at, value) => {
    if (noted) noted.push(call, at);
    else opened.run(call, at, value);
  };
  const noting = { ...opened, run };
  const calls = (kind: Kind) => new Calls(kind, opened);
  const [gather, dense, activate, outputDelta] = [
    calls("gather"),
    calls("dense"),
    calls("activate"),
    calls("outputDelta"),
  ];
  const [backpropagate, weightGradient] = [calls("backpropagate"), calls("weightGradient")];
  const [biasGradient, exampleNorms] = [calls("biasGradient"), calls("exampleNorms")];
  const [update, updateWeights] = [calls("update"), calls("updateWeights")];

  return {
    ...betweenOf(noting),

    gather(input, targets, examples, at) {
      const numbers = () => {
        const { rows, form, divisor, features, labels, soft, order, scale, shift, warp } = examples;
        const data = [rows, form === "floats" ? 1 : 0, divisor, features, labels, scale, shift, order];
        const { width = 0, height = 0, channels = 0, fieldSize = 0, fill = 0, numbers = 0, fields = 0 } = warp ?? {};
        const bent = warp ? [width, height, channels, fieldSize, fill, numbers, fields] : [];
        return [
          ...viewNumbers(input),
          ...viewNumbers(targets),
          ...data,
          ...(soft === undefined ? [0] : [1, soft]),
          ...bent,
        ];
      };
      run(gather.of(input, numbers, targets, examples), at);
    },

    // E9
    dense(output, input, W, b, activation) {
      const numbers = () => [
        ...viewNumbers(output),
        ...viewNumbers(input),
        ...viewNumbers(W),
        ...viewNumbers(b),
        activated(activation),
        Number(finite),
      ];
      run(dense.of(output, numbers, input, W, b, activation), 0);
    },

    // X18 … X20
    activate(output, slopes, activation) {
      run(
        activate.of(
          output,
          () => [...viewNumbers(output), ...viewNumbers(slopes), activated(activation)],
          slopes,
          activation,
        ),
        0,
      );
    },

    // E2, E8, E10; X22 … X29: a session has one loss
    outputDelta(loss, delta, losses, predictions, output, targets) {
      const numbers = () => {
        const arrays = [
          ...viewNumbers(delta),
          ...viewNumbers(output),
          ...viewNumbers(targets),
          losses.offset,
          predictions.offset,
        ];
        return [...arrays, LOSSES.indexOf(loss.name), loss.perTarget, loss.parameters];
      };
      run(outputDelta.of(delta, numbers, losses, loss, output, targets), 0);
    },

    // E17 and X15
    backpropagate(below, delta, W, kept, activation) {
      const numbers = () => [
        ...viewNumbers(below),
        ...viewNumbers(delta),
        ...viewNumbers(W),
        ...viewNumbers(kept),
        activated(activation),
      ];
      run(backpropagate.of(below, numbers, delta, W, kept, activation), 0);
    },

    // E37
    weightGradient(dW, input, delta, adds = false) {
      const numbers = () => [...viewNumbers(dW), ...viewNumbers(input), ...viewNumbers(delta), Number(adds)];
      run(weightGradient.of(dW, numbers, input, delta, adds), 0);
    },

    // E36
    biasGradient(db, delta, adds = false) {
      const numbers = () => [...viewNumbers(db), ...viewNumbers(delta), Number(adds)];
      run(biasGradient.of(db, numbers, delta, adds), 0);
    },

    // X30
    exampleNorms(norms, input, delta) {
      run(
        exampleNorms.of(norms, () => [...viewNumbers(input), ...viewNumbers(delta), norms.offset], input, delta),
        0,
      );
    },

    // X10 … X14
    update(optimizer, arrays, coefficients) {
      run(
        update.of(arrays, () => updateNumbers(optimizer, arrays), optimizer),
        coefficients,
      );
    },

    // E37 and X10 in one sweep
    updateWeights(W, dW, input, delta, coefficients) {
      const numbers = () => [...viewNumbers(dW), ...viewNumbers(input), ...viewNumbers(delta), ...viewNumbers(W)];
      run(updateWeights.of(dW, numbers, W, input, delta), coefficients);
    },

    draws: drawCalls(noting),
    limits: limitCalls(noting),
    private: privateCalls(noting),

    note(work) {
      noted = [];
      try {
        work();
        const list = opened.note(Float64Array.from(noted));
        return (at) => opened.runList(list, at);
      } finally {
        noted = undefined;
      }
    },
  };
}

const needFound = () => {
  const found = findAddon();
  if ("missing" in found) throw new Error(found.missing);
  return found;
};

const needAddon = (): Addon => needFound().addon;

/** The tables of kernels in use, chosen in this process when first asked for. */
function tables(): KernelChoices {
  const { addon, build } = needFound();
  return chooseTables(addon, build);
}

/** The kernels on the widest vectors of this machine, or on 128 bits. */
const backend = (name: EngineName, narrow: boolean): Backend => ({
  name,
  floatBytes: 4,

  missing() {
    const found = findAddon();
    return "missing" in found ? found.missing : undefined;
  },

  about() {
    const { exact } = tables();
    return `C, ${exact.tables[exact.chosen]!.name}`;
  },

  tables,

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

  /**
   * Always shared: the addon keeps the address, and shared memory cannot be detached. A WebAssembly.Memory is
   * page-aligned.
   */
  allocate(bytes) {
    const pages = Math.ceil(bytes / PAGE);
    const wide = pages > MOST_PAGES;
    tables(); // before any thread opens its kernels
    const memory = wide ? undefined : new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const buffer = memory?.buffer ?? new SharedArrayBuffer(bytes);
    needAddon().largePages(new Uint8Array(buffer)); // before the first write: pages in use stay small
    return memory ?? buffer;
  },

  async kernels(_store: Store, { bytes }: Memory, plan: Plan, rank: Rank, sent = false) {
    const most = rank.threads > 1 ? MOST_STREAMED.threads : sent ? MOST_STREAMED.ranks : 0;
    return open(bytes, plan, rank, narrow, false, plan.parameters.length <= most ? 1 : 0);
  },

  kernelsAtOnce: (_store: Store, { bytes }: Memory, plan: KernelPlan, finite: boolean) =>
    open(bytes, plan, { thread: 0, threads: 1 }, narrow, finite, 0),
});

function open(
  bytes: Uint8Array,
  plan: KernelPlan,
  { thread, threads }: Rank,
  narrow: boolean,
  finite: boolean,
  streams: 0 | 1,
): Kernels {
  const length = plan.scratch.length / threads / 4;
  const variant = narrow ? VARIANT.narrow : VARIANT[plan.arithmetic];
  return kernelsOf(
    needAddon().open(bytes, variant, plan.scratch.offset / 4 + length * thread, length, streams),
    finite,
  );
}

export const nativeBackend = backend("native", false);

/** The same kernels on 128-bit vectors: the tests run the code of older processors with it. */
export const narrowBackend = backend("native on 128 bits" as "native", true);
