// The implementation under test: opens a problem, and gives the activations, δ and gradients of a batch as an
// observation. The sessions of every engine are one; the kernels of the reference can be wrapped, so that tests can
// plant mistakes.
import type { Backend } from "../engines/backend.ts";
import type { DrawnRows, Engine, StepResults, Warps } from "../engines/engine.ts";
import { float64Backend, referenceBackend } from "../engines/reference-backend.ts";
import { engineOf } from "../engines/registry.ts";
import type { Kernels, Optimizer } from "../gradients/kernels.ts";
import type { Loss } from "../network/losses.ts";
import { type BatchArrays, type Floats, type Memory, packGradients } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import type { Draws, Plan } from "../network/plan.ts";
import type { Clipping } from "../network/row-clipping.ts";
import type { WarpForm } from "../network/warp.ts";
import { floatPrecision, type Precision } from "../numerics/rounding.ts";

/** A network with parameters and data. Parameters, features and targets are exact in the implementation's floats. */
export type Problem = {
  /** Sizes and activation. */
  readonly network: Network;
  /** θ, packed as [W₁, b₁, W₂, …]. */
  readonly parameters: Float64Array;
  /** B that the memory is planned for. A batch may be smaller. */
  readonly batchSize: number;
  /** X [N×D]. */
  readonly features: Float64Array;
  /** Class indices [N]. */
  readonly labels: Int32Array;
  /** Default: softmax cross-entropy. */
  readonly loss?: Loss | undefined;
  /** Target rows [N×T]: probability rows y of softmax (T = C), numbers of others. With them labels are not used. */
  readonly targets?: Float64Array | undefined;
  /** ε in [0, 1). Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** w [C]. Default 1 each. */
  readonly classWeights?: Float64Array | undefined;
  /** Of `step`. Default "sgd". */
  readonly optimizer?: Optimizer | undefined;
  /** > 0: a learned scale of the inputs, and its rate in that of θ, which then ends with s. Default: none. */
  readonly frontScale?: number | undefined;
  /** Whether to keep the mean of θ over steps. Default false. */
  readonly average?: boolean | undefined;
  /** Dropout and input noise. Default: none. */
  readonly draws?: Draws | undefined;
  /** The most of ‖∇θ‖ in a step. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** The most of the norm of a unit's weights after a step. Default: no limit. */
  readonly maxNorm?: number | undefined;
  /** How each row's gradient is clipped. Default: not at all. */
  readonly clipping?: Clipping | undefined;
  /** Whether to compute ∂ℓ/∂x. Default false. */
  readonly inputDelta?: boolean | undefined;
  /** Whether steps mix rows with others. Default false. */
  readonly mix?: boolean | undefined;
  /** Of rows that are images: room for distortions, which every step is then given. Default: none. */
  readonly warp?: WarpForm | undefined;
};

/** The arrays of one mini-batch of n rows. Matrices are packed, row-major; [l − 1] belongs to layer l. */
export type Observation = {
  /** n. */
  readonly rows: number;
  /** X [n×D]. */
  readonly input: Float64Array;
  /** a_l [n×O] of each layer; the last are the logits. */
  readonly outputs: readonly Float64Array[];
  /** δ^l [n×O] of each layer. */
  readonly deltas: readonly Float64Array[];
  /** ∂ℓ/∂x [n×D], if the problem has `inputDelta`. */
  readonly inputDelta?: Float64Array | undefined;
  /** ℓ [n]. */
  readonly losses: Float64Array;
  /** [n×L], ‖∇W_l‖² + ‖∇b_l‖² of each row alone. */
  readonly norms?: Float64Array | undefined;
  /** ∇θ, packed like θ. Unspecified after a step of "sgd". */
  readonly gradients: Float64Array;
  /** θ, packed; after a step the new one. */
  readonly parameters: Float64Array;
  /** The mean of θ over steps, packed, if the problem has `average`. */
  readonly average?: Float64Array | undefined;
};

/** A problem, opened. `order` holds row numbers of the problem's features. */
export interface OpenProblem {
  /** Activations, δ and gradients of one mini-batch. */
  gradients(order: Uint32Array, draws?: DrawnRows): Promise<Observation>;
  /** One training step with COEFFICIENTS numbers. The optimizer's state is kept between calls. */
  step(order: Uint32Array, coefficients: Float64Array, warps?: Warps): Promise<Observation>;
  /**
   * Of a problem with `clipping`: one step with COEFFICIENTS numbers whose gradient gets deviation·noise; θ after it.
   * Without it the rows on private training are absent.
   */
  noisyStep?(
    order: Uint32Array,
    coefficients: Float64Array,
    noise: Float64Array,
    deviation: number,
  ): Promise<Float64Array>;
  /** Give threads and memory back. */
  close(): Promise<void>;
}

/** The constants of an optimizer, as training/optimizer.ts takes them. */
export type OptimizerConstants = {
  /** Which of them are used. */
  readonly optimizer: Optimizer;
  /** λ ≥ 0. */
  readonly weightDecay: number;
  /** μ in [0, 1). */
  readonly momentum: number;
  /** β₁ in [0, 1). */
  readonly beta1: number;
  /** β₂ in [0, 1). */
  readonly beta2: number;
  /** ε > 0. */
  readonly epsilon: number;
  /** λ₁ > 0. Default: no L1 penalty. */
  readonly l1?: number | undefined;
  /** β in [0, 1) of the mean of θ. Default 0. */
  readonly averageDecay?: number | undefined;
};

/** Coefficients of the steps `firstStep`, … (from 1), one learning rate each. */
export type Coefficients = (constants: OptimizerConstants, rates: Float64Array, firstStep: number) => Float64Array;

/** An implementation under test. */
export interface Implementation {
  /** For the report. */
  readonly name: string;
  /** Of its floats; the bounds follow from it. */
  readonly precision: Precision;
  /** The coefficients of its optimizers' steps. Without them the rows on optimizers are absent. */
  readonly coefficients?: Coefficients | undefined;
  /** Whether its steps distort images as a problem's `warp` asks. Default: no, and no rows on distortions. */
  readonly distorts?: boolean | undefined;
  /** Place the problem in its memory. */
  open(problem: Problem): Promise<OpenProblem>;
}

/** What an implementation has beside its sessions. */
export type ImplementationOptions = {
  /** Coefficients of its optimizers' steps. Default: none, and no rows on optimizers. */
  readonly coefficients?: Coefficients | undefined;
};

/** The sessions of an engine as an implementation, on one thread by default. */
export function engineImplementation(
  engine: Engine,
  options: ImplementationOptions & {
    /** 1 … 256. Default 1. */
    readonly threads?: number | undefined;
  } = {},
): Implementation {
  const { coefficients, threads = 1 } = options;
  return {
    name: `engine ${engine.name}`,
    precision: floatPrecision(engine.floatBytes),
    coefficients,
    distorts: true,
    open: (problem) => openProblem(engine, problem, threads),
  };
}

/** The reference kernels behind a session, in float64 (8) or float32 (4). Tests plant mistakes with `wrap`. */
export function referenceImplementation(
  options: ImplementationOptions & {
    /** Default 8. */
    readonly floatBytes?: 4 | 8 | undefined;
    /**
     * Mistakes to plant. Default: none.
     * @internal
     */
    readonly wrap?: ((kernels: Kernels, memory: Memory, plan: Plan) => Kernels) | undefined;
  },
): Implementation {
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
    exampleNorms: problem.frontScale === undefined,
  });
  session.writeParameters(floats(parameters));
  return {
    async gradients(order, draws) {
      const batch = await session.gradients(order, draws);
      return observe(batch, batch, session.readParameters());
    },
    async step(order, row, warps) {
      const results = await session.train(order, row, undefined, warps && { epoch: 1, warps });
      const observation = observe(session.arrays(order.length), results, session.readParameters());
      const average = problem.average ? new Float64Array(session.readStates().at(-1)!) : undefined;
      return { ...observation, average };
    },
    async noisyStep(order, row, noise, deviation) {
      await session.noisyStep(order, row, floats(noise), deviation);
      return new Float64Array(session.readParameters());
    },
    close: () => session.close(),
  };
}

/** One array after the other; a spread of a large one would overflow the stack. */
function joined(first: Floats, second: ArrayLike<number>): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function observe(
  { layers, inputDelta, scaleGradient }: BatchArrays,
  { losses, norms }: StepResults,
  parameters: Floats,
): Observation {
  const wide = (values: Floats) => new Float64Array(values);
  return {
    rows: losses.length,
    input: wide(layers[0]!.input),
    outputs: layers.map(({ output }) => wide(output)),
    deltas: layers.map(({ delta }) => wide(delta)),
    inputDelta: inputDelta && wide(inputDelta),
    losses,
    norms,
    gradients: joined(packGradients(layers), scaleGradient ?? []),
    parameters: wide(parameters),
  };
}
