// Two memories laid out alike, one under the reference and one under the engine in question, and their comparison bit
// for bit. The harness of conformance.ts; it holds no tests.
import { expect } from "vitest";
import type { Backend, Rank } from "../../src/engines/backend.ts";
import { referenceBackend } from "../../src/engines/reference-backend.ts";
import { completeKernels } from "../../src/gradients/complete-kernels.ts";
import { type Kernels, OPTIMIZER_STATES, type Optimizer } from "../../src/gradients/kernels.ts";
import type { Loss } from "../../src/network/losses.ts";
import { type Memory, viewMemory } from "../../src/network/memory.ts";
import { type Activation, defineNetwork, type LayerOptions } from "../../src/network/network.ts";
import {
  type Batch,
  type Draws,
  forwardRows,
  type Plan,
  padded,
  planSession,
  type View,
} from "../../src/network/plan.ts";
import type { Clipping } from "../../src/network/row-clipping.ts";
import { rowShare, rowSlice, type WeightSlice, weightSlice } from "../../src/network/slices.ts";
import { pairFloats, type WarpForm } from "../../src/network/warp.ts";
import { Random } from "../../src/numerics/random.ts";

const RESERVED = 4096; // bytes at address 0 that are the engine's own
export const EXAMPLES = 23; // in memory
export const PURPOSE = 99;

/** Kinds of numbers. A prime many of each, dealt out in turn, so that no two rows of a matrix are alike. */
export const FLAVOURS = {
  ordinary: (r: Random) => [0, -0, r.normal(), r.normal(), r.normal(), r.normal() * 30][r.integer(6)]!,
  tiny: (r: Random) =>
    [r.normal() * 1e-23, r.normal() * 1e-40, r.normal() * 1e-20, 1e-45, -0, r.normal()][r.integer(6)]!,
  huge: (r: Random) => [r.normal() * 1e19, r.normal() * 1e38, r.normal(), 0, -0][r.integer(5)]!,
  wild: (r: Random) =>
    r.integer(12) > 0 ? r.normal() : [Infinity, -Infinity, NaN, 0, -0, 1e-45, 3e38, -3e38][r.integer(8)]!,
  hollow: (r: Random) =>
    r.integer(10) > 0 ? [0, -0][r.integer(2)]! : r.integer(300) > 0 ? r.normal() : [Infinity, NaN][r.integer(2)]!,
  scattered: (r: Random) => (r.integer(4) > 0 ? [0, -0][r.integer(2)]! : r.normal()), // zeros that may be left out
} as const satisfies Record<string, (random: Random) => number>;
export type Flavour = keyof typeof FLAVOURS;

export const DEALT = 4099;
export const dealt = Object.fromEntries(
  Object.entries(FLAVOURS).map(([name, draw], f) => {
    const random = new Random(7, PURPOSE, f);
    return [name, Float32Array.from({ length: DEALT }, () => draw(random))];
  }),
) as Record<Flavour, Float32Array>;

export type Case = {
  readonly layers: readonly number[];
  readonly activation?: Activation;
  readonly options?: LayerOptions;
  readonly loss?: Loss;
  readonly batchSize: number;
  readonly optimizer?: Optimizer;
  readonly threads?: number;
  readonly features?: Uint8Array | Float32Array;
  readonly divisor?: number;
  readonly soft?: boolean;
  readonly warp?: WarpForm;
  readonly clipping?: Clipping;
  readonly draws?: Draws;
};

/** The same memory twice: once under the reference, once under the engine, with one set of kernels a thread. */
export class Twins {
  readonly plan: Plan;
  readonly wanted: Memory;
  readonly got: Memory;
  readonly reference: Kernels;
  readonly engine: readonly Kernels[];
  #turn = 0;

  private constructor(plan: Plan, wanted: Memory, got: Memory, reference: Kernels, engine: readonly Kernels[]) {
    this.plan = plan;
    this.wanted = wanted;
    this.got = got;
    this.reference = reference;
    this.engine = engine;
  }

  static async of(source: Backend, given: Case): Promise<Twins> {
    const { batchSize, optimizer = "sgd", threads = 1, divisor = 1, soft = false } = given;
    const network = defineNetwork(given.layers, given.activation ?? "relu", given.options);
    const features = given.features ?? new Float32Array(EXAMPLES * network.layers[0]!);
    const rows = features.length / network.layers[0]!;
    const capacity = 3 * batchSize;
    const plan = planSession(
      {
        ...{ network, batchSize, rows, divisor, soft, capacity, loss: given.loss },
        ...{ states: OPTIMIZER_STATES[optimizer], form: features instanceof Uint8Array ? "bytes" : "floats" },
        warp: given.warp,
        clipping: given.clipping,
        draws: given.draws,
        scratchBytes:
          Math.max(
            source.scratchBytes(network, forwardRows({ network, batchSize, capacity })),
            given.warp ? 4 * padded(pairFloats(given.warp)) : 0,
          ) * threads,
      },
      4,
    );
    const store = source.allocate(plan.bytes, false);
    const got = viewMemory(store instanceof WebAssembly.Memory ? store.buffer : store, 4);
    const wanted = viewMemory(new ArrayBuffer(plan.bytes), 4);
    (features instanceof Uint8Array ? wanted.bytes : wanted.floats).set(features, plan.examples.features);
    const seats = Array.from({ length: threads }, (_, thread): Rank => ({ thread, threads }));
    const engine = await Promise.all(seats.map((seat) => source.kernels(store, got, plan, seat)));
    const reference = await referenceBackend.kernels(wanted.buffer as ArrayBuffer, wanted, plan, seats[0]!);
    const complete = (k: Kernels, memory: Memory) => completeKernels(k, memory, plan.batch);
    const own = engine.map((k) => complete(k, got));
    return new Twins(plan, wanted, got, complete(reference, wanted), own);
  }

  /** Fill a matrix's elements, not its padding. */
  fill({ offset, rows, cols, stride }: View, flavour: Flavour): void {
    const values = dealt[flavour];
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < cols; j++) this.wanted.floats[offset + i * stride + j] = values[this.#turn++ % DEALT]!;
  }

  /** Fresh numbers everywhere: what a kernel does not write, or writes wrongly, shows. */
  refill(flavour: Flavour): void {
    const { batch, parameters, gradients, states } = this.plan;
    for (const l of batch.layers) {
      for (const view of [l.input, l.output, l.delta, l.dW, l.db, l.W, l.b]) this.fill(view, flavour);
      if (l.slopes) this.fill(l.slopes, flavour);
      for (const view of [l.passed, l.joined, l.norm?.gain, l.norm?.offset, l.norm?.step?.normalized])
        if (view) this.fill(view, flavour);
      const { step } = l.norm ?? {};
      for (const view of step ? [step.delta, step.gradients.gain, step.gradients.offset] : []) this.fill(view, flavour);
      for (let r = 0; step && r < step.inverses.rows; r++)
        this.wanted.doubles[step.inverses.offset + r] = 0.1 + dealt.ordinary[this.#turn++ % DEALT]! ** 2;
      for (const state of [...states, gradients])
        for (const view of [l.W, l.b])
          this.fill({ ...view, offset: view.offset - parameters.offset + state.offset }, flavour);
    }
    this.fill(batch.targets, flavour);
  }

  /** Do the same on both memories and compare them. */
  run(what: string, flavour: Flavour, reference: (k: Kernels) => void, engine: () => void): void {
    const { offset, length } = this.plan.scratch;
    this.got.bytes.set(this.wanted.bytes.subarray(RESERVED, offset), RESERVED);
    this.got.bytes.set(this.wanted.bytes.subarray(offset + length), offset + length);
    reference(this.reference);
    engine();
    const finite = flavour === "ordinary" || flavour === "tiny" || flavour === "scattered";
    const bad = this.#firstDifference(finite);
    if (bad !== undefined) expect.fail(`${what}, ${flavour} numbers: ${bad}`);
  }

  /**
   * Finite numbers: the whole memory, padding too, must agree. Otherwise padding may hold NaN, and only elements count.
   */
  #firstDifference(finite: boolean): string | undefined {
    const { wanted, got, plan } = this;
    const [scratch, behind] = [plan.scratch.offset / 4, (plan.scratch.offset + plan.scratch.length) / 4];
    const [a, b] = [wanted.integers, got.integers];
    const [losses, lossesEnd] = [plan.batch.losses.offset * 2, (plan.batch.losses.offset + plan.batch.losses.rows) * 2];
    for (let i = RESERVED / 4; i < plan.bytes / 4; i++) {
      if (a[i] === b[i] || (i >= scratch && i < behind)) continue;
      const double = i >= losses && i < lossesEnd;
      const [x, y] = double ? [wanted.doubles[i >> 1]!, got.doubles[i >> 1]!] : [wanted.floats[i]!, got.floats[i]!];
      if (x !== x && y !== y) continue;
      const place = this.#placeOf(i);
      if (place === "padding" && !finite) continue;
      return `${place} (word ${i}) should be ${x} and is ${y}`;
    }
    return undefined;
  }

  #placeOf(word: number): string {
    const { batch, parameters, gradients, states } = this.plan;
    const views: [string, View][] = batch.layers.flatMap((l, n): [string, View][] => [
      ...Object.entries({ input: l.input, W: l.W, b: l.b, output: l.output, delta: l.delta, dW: l.dW, db: l.db }).map(
        ([name, view]): [string, View] => [`layer ${n + 1} ${name}`, view],
      ),
      ...states.flatMap((state, s) =>
        [l.W, l.b].map((view): [string, View] => [
          `layer ${n + 1} state ${s}`,
          { ...view, offset: view.offset - parameters.offset + state.offset },
        ]),
      ),
    ]);
    views.push(["targets", batch.targets], ["predictions", batch.predictions]);
    views.push(["losses", { ...batch.losses, offset: batch.losses.offset * 2, cols: 2, stride: 2 }]);
    for (const [name, { offset, rows, cols, stride }] of views) {
      const at = word - offset;
      const [row, col] = [Math.floor(at / stride), at % stride];
      if (at >= 0 && row < rows && col < cols) return `${name}[${row}, ${col}]`;
    }
    return word < gradients.offset + gradients.length || word < batch.predictions.offset ? "padding" : "other memory";
  }

  /** A kernel of the row pass: the reference on the whole batch of `rows`, the engine's threads on their slices. */
  rows(what: string, flavour: Flavour, rows: number, call: (k: Kernels, batch: Batch, first: number) => void): void {
    const { plan, engine } = this;
    this.run(
      `${what} of ${rows} rows on ${engine.length} threads`,
      flavour,
      (k) => call(k, rowSlice(plan.batch, 0, rows), 0),
      () =>
        engine.forEach((k, t) => {
          const [from, to] = rowShare(rows, t, engine.length);
          if (from < to) call(k, rowSlice(plan.batch, from, to), from);
        }),
    );
  }

  /** A kernel of the weight pass, shared out likewise. */
  weights(what: string, flavour: Flavour, rows: number, call: (k: Kernels, slice: WeightSlice) => void): void {
    const { plan, engine } = this;
    this.run(
      `${what} over ${rows} rows on ${engine.length} threads`,
      flavour,
      (k) => call(k, weightSlice(plan, rows, 0, 1)),
      () => {
        for (const [t, k] of engine.entries()) call(k, weightSlice(plan, rows, t, engine.length));
      },
    );
  }
}
