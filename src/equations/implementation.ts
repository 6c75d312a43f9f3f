// What a check looks at: something that computes a batch's activations, errors and gradients. Here as an interface, and as the kernels
// of gradients/ over their own memory; engines/engine-implementation.ts shows any engine's session to the checks.
import { rowPass, weightGradients, weightPass } from "../gradients/backprop.ts";
import { type Kernels, type Rule, STATES } from "../gradients/kernels.ts";
import { referenceKernels } from "../gradients/reference.ts";
import { type Memory, packBlock, readView, unpackBlock, viewMemory } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import { type Plan, planSession } from "../network/plan.ts";
import { rowSlice, weightSlice } from "../network/slices.ts";
import { targetCoefficients } from "../network/targets.ts";
import { floatPrecision, type Precision } from "../numerics/rounding.ts";

/** A network with its parameters and data. Parameters, features and targets must be exact in the implementation's float type. */
export type Problem = {
  readonly network: Network;
  readonly parameters: Float64Array; //    packed θ
  readonly batchSize: number; //           B that memory is planned for; a batch may be smaller
  readonly features: Float64Array; //      [N×D]
  readonly labels: Int32Array; //          [N]
  readonly targets?: Float64Array; //      [N×C] probability rows; then labels do not enter
  readonly labelSmoothing?: number; //     ε
  readonly classWeights?: Float64Array; // [C]
  readonly optimizer?: Rule; //                 "sgd"
  readonly inputDelta?: boolean; //        whether ∂ℓ/∂x is worked out too
};

/** What one mini-batch of n rows left in memory. Matrices are packed, row-major; [l − 1] belongs to layer l. */
export type Observation = {
  readonly rows: number; //                       n
  readonly input: Float64Array; //                X     [n×D]
  readonly outputs: readonly Float64Array[]; //   a_l   [n×O], the last the logits
  readonly deltas: readonly Float64Array[]; //    δ^l   [n×O]
  readonly inputDelta?: Float64Array; //          ∂ℓ/∂x [n×D], where the problem asks
  readonly losses: Float64Array; //               ℓ     [n]
  readonly gradients: Float64Array; //            ∇θ, packed like θ; not after a step of "sgd", which leaves none
  readonly parameters: Float64Array; //           θ, packed, after the update if there was one
};

/** A problem, opened. Rows of `order` are row numbers of the problem's features. */
export interface OpenProblem {
  gradients(order: Uint32Array): Promise<Observation>;
  /** One training step with COEFFICIENTS numbers; the optimizer's state lives on between calls. */
  step(order: Uint32Array, coefficients: Float64Array): Promise<Observation>;
  close(): Promise<void>;
}

/** The constants of an optimizer, as training/optimizer.ts takes them. */
export type OptimizerConstants = {
  readonly optimizer: Rule;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
};

/** Coefficients of the steps `firstStep`, … (from 1), one learning rate each. */
export type Coefficients = (constants: OptimizerConstants, rates: Float64Array, firstStep: number) => Float64Array;

export interface Implementation {
  readonly name: string;
  readonly precision: Precision;
  /** How optimizers get their coefficients. Without it the rows on optimizers have nothing to look at. */
  readonly coefficients?: Coefficients | undefined;
  open(problem: Problem): Promise<OpenProblem>;
}

/** Read a batch of n rows out of a session's memory, where both passes left it. */
export function observe(plan: Plan, memory: Memory, n: number): Observation {
  const { floats, doubles } = memory;
  const { input, layers, losses, inputDelta } = rowSlice(plan.batch, 0, n);
  const read = (view: typeof input) => new Float64Array(readView(floats, view));
  return {
    rows: n,
    input: read(input),
    outputs: layers.map(({ output }) => read(output)),
    deltas: layers.map(({ delta }) => read(delta)),
    ...(inputDelta && { inputDelta: read(inputDelta) }),
    losses: doubles.slice(losses.offset, losses.offset + n),
    gradients: new Float64Array(packBlock(plan, floats, plan.gradients)),
    parameters: new Float64Array(packBlock(plan, floats, plan.parameters)),
  };
}

/**
 * The reference kernels over a memory of their own, in float64 (8) or float32 (4). `wrap` may change the kernels: the tests plant mistakes
 * through it.
 */
export function referenceImplementation(options: {
  readonly floatBytes?: 4 | 8;
  readonly coefficients?: Coefficients | undefined;
  readonly wrap?: (kernels: Kernels, memory: Memory, plan: Plan) => Kernels;
}): Implementation {
  const { floatBytes = 8, coefficients, wrap = (kernels) => kernels } = options;
  return {
    name: floatBytes === 8 ? "the float64 reference" : "the float32 reference",
    precision: floatPrecision(floatBytes),
    coefficients,
    async open(problem) {
      const { plan, memory } = prepare(problem, floatBytes);
      const kernels = wrap(referenceKernels(memory), memory, plan);
      const optimizer = problem.optimizer ?? "sgd";
      const rows = (order: Uint32Array) => {
        memory.integers.set(order, plan.examples.order);
        rowPass(kernels, rowSlice(plan.batch, 0, order.length), plan.examples, 0);
        return weightSlice(plan, order.length, 0, 1);
      };
      return {
        async gradients(order) {
          weightGradients(kernels, rows(order));
          return observe(plan, memory, order.length);
        },
        async step(order, row) {
          const slice = rows(order);
          memory.floats.set(row, plan.coefficients.offset);
          weightPass(kernels, slice, optimizer, plan.coefficients.offset);
          return observe(plan, memory, order.length);
        },
        async close() {},
      };
    },
  };
}

function prepare(problem: Problem, floatBytes: 4 | 8): { plan: Plan; memory: Memory } {
  const { network, batchSize, features, labels, targets, inputDelta = false } = problem;
  const request = { network, batchSize, capacity: batchSize, rows: labels.length, divisor: 1, inputDelta };
  const states = STATES[problem.optimizer ?? "sgd"];
  const plan = planSession({ ...request, states, form: "floats", soft: targets !== undefined }, floatBytes);
  const memory = viewMemory(new ArrayBuffer(plan.bytes), floatBytes);
  const { examples } = plan;
  memory.floats.set(features, examples.features);
  memory.integers.set(labels, examples.labels);
  if (targets && examples.soft !== undefined) memory.floats.set(targets, examples.soft);
  const { scale, shift } = targetCoefficients(examples.classes, problem.labelSmoothing, problem.classWeights);
  memory.doubles.set(scale, examples.scale);
  memory.doubles.set(shift, examples.shift);
  unpackBlock(plan, memory.floats, plan.parameters, problem.parameters);
  return { plan, memory };
}
