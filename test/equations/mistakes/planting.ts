// How a mistake is planted, and what the lists of mistakes share. Loops are plain on purpose; only the mistake differs
// from the reference.
import type { Formulas } from "../../../src/equations/formulas.ts";
import { betweenOver } from "../../../src/gradients/between-layers.ts";
import type { DeltaAnswers } from "../../../src/gradients/delta-answers.ts";
import { frontOver } from "../../../src/gradients/front-scale-kernels.ts";
import type {
  BetweenKernels,
  DrawKernels,
  FrontKernels,
  Kernels,
  LimitKernels,
} from "../../../src/gradients/kernels.ts";
import { limitsOver } from "../../../src/gradients/limits.ts";
import { mixOver } from "../../../src/gradients/mixed-rows.ts";
import { drawsOver } from "../../../src/gradients/row-draws.ts";
import type { Floats, Memory } from "../../../src/network/memory.ts";
import type { Plan, View } from "../../../src/network/plan.ts";
import { WARP_NUMBERS } from "../../../src/network/warp.ts";
import { exp } from "../../../src/numerics/exp-log.ts";

export type Mistake = {
  readonly name: string;
  /** Rows that must turn red. */
  readonly red: string;
  /** Rows that must stay green. */
  readonly green: string;
  readonly wrap?: (kernels: Kernels, memory: Memory, plan: Plan) => Kernels;
  readonly formulas?: Formulas;
  readonly answers?: DeltaAnswers;
  readonly activation?: "tanh" | "leaky-relu";
};

export const kernel =
  (change: (k: Kernels, memory: Memory, plan: Plan) => Partial<Kernels>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => {
    const changes = change(k, memory, plan);
    const { weightGradient, update } = { ...k, ...changes };
    return {
      ...k,
      updateWeights(W, dW, input, delta, coefficients) {
        const length = W.rows * W.stride;
        weightGradient(dW, input, delta);
        const spans = { parameters: { offset: W.offset, length }, gradients: { offset: dW.offset, length } };
        update("sgd", { ...spans, states: [], decays: true }, coefficients);
      },
      ...changes,
    };
  };

/** An element of a view. */
export const at = ({ offset, stride }: View, i: number, j: number): number => offset + i * stride + j;

/** f[view] ← value(i, j). */
export function fill({ floats: f }: Memory, view: View, value: (i: number, j: number) => number): void {
  for (let i = 0; i < view.rows; i++) for (let j = 0; j < view.cols; j++) f[at(view, i, j)] = value(i, j);
}

export const scale = (memory: Memory, view: View, by: number): void =>
  fill(memory, view, (i, j) => memory.floats[at(view, i, j)]! * by);

/** Which layer of the plan a view of δ belongs to, from 0. */
export const layerOf = (plan: Plan, delta: View): number =>
  plan.batch.layers.findIndex((l) => l.delta.offset === delta.offset);

/** A kernel of ‖g_i‖² with another product of ‖a_{l−1}‖² and ‖δ^l‖². */
export const norms = (product: (a: number, d: number, B: number) => number) =>
  kernel((_, { floats: f, doubles }, { batchSize }) => ({
    exampleNorms(out, input, delta) {
      for (let r = 0; r < out.rows; r++) {
        let [a, d] = [0, 0];
        for (let k = 0; k < input.cols; k++) a += f[at(input, r, k)]! ** 2;
        for (let o = 0; o < delta.cols; o++) d += f[at(delta, r, o)]! ** 2;
        doubles[out.offset + r * out.stride] = product(a, d, batchSize);
      }
    },
  }));

/** The numbers of each distorted image changed before its pixels are read. */
export const numbersChanged = (change: (numbers: Floats) => void) =>
  kernel((k, { floats }) => ({
    gather(input, targets, examples, from) {
      const { numbers } = examples.warp ?? {};
      for (let r = 0; numbers !== undefined && r < input.rows; r++) {
        const first = numbers + (from + r) * WARP_NUMBERS;
        change(floats.subarray(first, first + WARP_NUMBERS));
      }
      k.gather(input, targets, examples, from);
    },
  }));
/** What bounds a step, with one of its kernels wrong. */
export const limits =
  (change: (own: LimitKernels, memory: Memory) => Partial<LimitKernels>) =>
  (k: Kernels, memory: Memory): Kernels => ({ ...k, limits: change(limitsOver(memory), memory) });

/** Dropout and noise, with one kernel wrong. */
export const draws =
  (change: (own: DrawKernels, memory: Memory, plan: Plan) => Partial<DrawKernels>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => ({ ...k, draws: change(drawsOver(memory), memory, plan) });

/** Mixed rows, with the kernel wrong. */
export const mixing =
  (change: (own: NonNullable<Kernels["mix"]>, memory: Memory, plan: Plan) => NonNullable<Kernels["mix"]>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => ({ ...k, mix: change(mixOver(memory), memory, plan) });

/** A scale of the inputs, with one kernel wrong. */
export const front =
  (change: (own: FrontKernels, plan: Plan, memory: Memory) => Partial<FrontKernels>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => ({ ...k, front: change(frontOver(memory), plan, memory) });

/** Layer normalization and residuals, with one kernel wrong. */
export const between =
  (change: (own: BetweenKernels, memory: Memory) => Partial<BetweenKernels>) =>
  (k: Kernels, memory: Memory): Kernels => ({ ...k, between: change(betweenOver(memory), memory) });

/** δ through a normalization as `wrong` has it, of p = γη, n, their means and 1/√(v + ε). */
export const denormalized = (wrong: (p: number, n: number, m1: number, m2: number, inverse: number) => number) =>
  between((_, memory) => ({
    denormalize(delta, above, gain, { normalized, inverses }) {
      const { floats: f, doubles } = memory;
      for (let r = 0; r < delta.rows; r++) {
        const n = Float64Array.from({ length: delta.cols }, (_, j) => f[at(normalized, r, j)]!);
        const p = n.map((_, j) => f[at(gain, 0, j)]! * f[at(above, r, j)]!);
        const mean = (of: (j: number) => number) => n.reduce((sum, _, j) => sum + of(j) / n.length, 0);
        const [m1, m2] = [mean((j) => p[j]!), mean((j) => p[j]! * n[j]!)];
        for (let j = 0; j < delta.cols; j++)
          f[at(delta, r, j)] = wrong(p[j]!, n[j]!, m1, m2, doubles[at(inverses, r, 0)]!);
      }
    },
  }));

export const LOSS_ROWS = ["X22", "X23", "X24", "X25", "X26", "X27", "X28", "X29"];
/** δ instead of `delta`, for the output z and the target t among C outputs. */
export type WrongDelta = (delta: number, z: number, t: number, C: number) => number;
export const p = (z: number): number => 1 / (1 + exp(-z));

export const SOFTMAX_ONLY = "E1 E4 E5 E6 E7";
export const ABOVE = "E3 E8 E9 E10 E11 E13 E14 E19 E23 E24 E25"; // what the last layer alone decides
/** Row i of n rows. */
export function rowAt(rows: ArrayLike<number>, n: number, i: number): number[] {
  const cols = rows.length / n;
  return Array.from({ length: cols }, (_, k) => rows[i * cols + k]!);
}

export const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, v, k) => sum + v * y[k]!, 0);
