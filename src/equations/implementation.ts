// What a check looks at: something that computes a batch's activations, errors and gradients. Here as an interface, and as any
// engine's sessions; the reference's kernels can be wrapped on the way, so that tests can plant mistakes.
import type { Backend } from "../engines/backend.ts";
import type { Engine } from "../engines/engine.ts";
import { float64Backend, referenceBackend } from "../engines/reference-backend.ts";
import { engineOf } from "../engines/registry.ts";
import type { Kernels, Optimizer } from "../gradients/kernels.ts";
import { type BatchArrays, type Floats, type Memory, packGradients } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import type { Plan } from "../network/plan.ts";
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
  readonly optimizer?: Optimizer; //                 "sgd"
  readonly inputDelta?: boolean; //        whether ∂ℓ/∂x is worked out too
};

/** What one mini-batch of n rows left in memory. Matrices are packed, row-major; [l − 1] belongs to layer l. */
export type Observation = {
  readonly rows: number; //                       n
  readonly input: Float64Array; //                X     [n×D]
  readonly outputs: readonly Float64Array[]; //   a_l   [n×O], the last the logits
  readonly deltas: readonly Float64Array[]; //    δ^l   [n×O]
  readonly inputDelta?: Float64Array | undefined; //          ∂ℓ/∂x [n×D], where the problem asks
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
  readonly optimizer: Optimizer;
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

/** An engine's sessions as an implementation, on one thread unless `threads` says otherwise. */
export function engineImplementation(
  engine: Engine,
  options: { readonly coefficients?: Coefficients | undefined; readonly threads?: number | undefined } = {},
): Implementation {
  const { coefficients, threads = 1 } = options;
  return {
    name: `engine ${engine.name}`,
    precision: floatPrecision(engine.floatBytes),
    coefficients,
    open: (problem) => openProblem(engine, problem, threads),
  };
}

/**
 * The reference kernels behind a session, in float64 (8) or float32 (4). `wrap` may change the kernels: the tests plant mistakes
 * through it.
 */
export function referenceImplementation(options: {
  readonly floatBytes?: 4 | 8;
  readonly coefficients?: Coefficients | undefined;
  readonly wrap?: (kernels: Kernels, memory: Memory, plan: Plan) => Kernels;
}): Implementation {
  const { floatBytes = 8, coefficients, wrap = (kernels) => kernels } = options;
  const reference = floatBytes === 8 ? float64Backend : referenceBackend;
  const wrapped: Backend = {
    ...reference,
    kernels: async (store, memory, plan, rank) =>
      wrap(await reference.kernels(store, memory, plan, rank), memory, plan),
  };
  const name = floatBytes === 8 ? "the float64 reference" : "the float32 reference";
  return { ...engineImplementation(engineOf(wrapped), { coefficients }), name };
}

async function openProblem(engine: Engine, problem: Problem, threads: number): Promise<OpenProblem> {
  const { parameters, features, targets, ...rest } = problem;
  const floats = (values: Float64Array) => (engine.floatBytes === 4 ? new Float32Array(values) : values);
  const session = await engine.open({
    ...rest,
    threads,
    capacity: problem.batchSize,
    features: floats(features),
    targets: targets && floats(targets),
  });
  session.writeParameters(floats(parameters));
  return {
    async gradients(order) {
      const batch = await session.gradients(order);
      return observe(batch, batch.losses, session.readParameters());
    },
    async step(order, row) {
      const { losses } = await session.train(order, row);
      return observe(session.arrays(order.length), losses, session.readParameters());
    },
    close: () => session.close(),
  };
}

function observe({ layers, inputDelta }: BatchArrays, losses: Float64Array, parameters: Floats): Observation {
  const wide = (values: Floats) => new Float64Array(values);
  return {
    rows: losses.length,
    input: wide(layers[0]!.input),
    outputs: layers.map(({ output }) => wide(output)),
    deltas: layers.map(({ delta }) => wide(delta)),
    inputDelta: inputDelta && wide(inputDelta),
    losses,
    gradients: wide(packGradients(layers)),
    parameters: wide(parameters),
  };
}
