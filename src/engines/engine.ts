// What an engine offers: it opens sessions. A session holds data, parameters and scratch, and steps through orders of
// examples.
import type { Optimizer } from "../gradients/kernels.ts";
import type { Loss, LossName } from "../network/losses.ts";
import type { BatchArrays, Floats } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import type { Arithmetic, Draws } from "../network/plan.ts";
import type { Clipping } from "../network/row-clipping.ts";
import type { ClassIndices } from "../network/targets.ts";
import type { WarpForm } from "../network/warp.ts";

/** The engines there are. Only "reference-float64" gives other bits. */
export type EngineName = "native" | "wasm" | "reference" | "reference-float64";

/** An engine's name, or "auto" for the fastest that can run here. A text of the program's user is checked later. */
export type EngineChoice = "auto" | EngineName | (string & Record<never, never>);

/** Rows of D numbers, row-major. */
export type Features = Uint8Array | Float32Array | Float64Array;

/** Rows of features that are read as a session takes them. */
export interface FeatureRows {
  /** N. */
  readonly rows: number;
  /** What `gathering` gives: bytes, or floats that are scaled already. */
  readonly form: "bytes" | "floats";
  /** The most bytes of rows in memory where the setup has no `room`, > 0. Default: all. */
  readonly room?: number | undefined;
  /** The rows with these numbers, in their order: [n×D]. */
  gathering(rows: Uint32Array): Generator<undefined, Features, undefined>;
}

/** What a session needs before its first step. Checked by `Engine.open`. */
export type Setup = {
  /** Sizes and activation. */
  readonly network: Network;
  /** B, examples of a training step: an integer in [1, 65536]. */
  readonly batchSize: number;
  /** [N×D], or its blocks one after another, all bytes or all floats that are scaled already; or rows to be read. */
  readonly features: Features | readonly Features[] | FeatureRows;
  /**
   * Of features that are read: the most bytes they may take at once, > 0. Where they are more, a call reads the rows
   * of its order some at a time, ahead of the steps that use them, with the same bits; such a session has no
   * `setExample`.
   * Default: all rows lie in the session.
   */
  readonly room?: number | undefined;
  /** Bytes are divided by it; a finite number > 0. Default 1. */
  readonly divisor?: number | undefined;
  /** [N], class indices in [0, C). Default: 0 each. */
  readonly labels?: ClassIndices | undefined;
  /** Default: softmax cross-entropy. Another needs `targets`. */
  readonly loss?: LossName | Loss | undefined;
  /**
   * [N×T], target rows; the labels then do not enter the loss. Of softmax: probability rows, T = C. Default: rows of
   * the labels.
   */
  readonly targets?: Float32Array | Float64Array | undefined;
  /**
   * Whether rows of `targets` carry weights: of softmax they may sum to any number ≥ 0; of any other loss they have one
   * column more, the row's weight ≥ 0. Default false.
   */
  readonly weightedTargets?: boolean | undefined;
  /** Default "sgd". */
  readonly optimizer?: Optimizer | undefined;
  /** ε in [0, 1): y ← (1 − ε)y + ε/C; of labels that are there or not, ε/2. Not for numbers. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** [C], each ≥ 0: ℓ = −Σ w_c y_c log S_c. Of softmax alone. Default 1 each. */
  readonly classWeights?: ArrayLike<number> | undefined;
  /** Whether `gradients` also gives ∂ℓ/∂x = δ¹W₁ᵀ. Default false. */
  readonly inputDelta?: boolean | undefined;
  /** Whether `train`, `gradients` and `examples` also give ‖g_i‖² of every row and layer. Default false. */
  readonly exampleNorms?: boolean | undefined;
  /**
   * > 0: a learned scale s of the inputs before the first layer, and its rate in that of θ. Parameters are then [W₁,
   * b₁, …, s], and s is 0 until they are written. Not with `inputDelta`. Default: none.
   */
  readonly frontScale?: number | undefined;
  /** Of rows that are images: room for distortions, which every call of `train` is then given. Default: none. */
  readonly warp?: WarpForm | undefined;
  /** Whether training steps mix rows with others: every call of `train` is then given mixes. Default false. */
  readonly mix?: boolean | undefined;
  /** Whether to keep the mean of θ over steps, in shares that the coefficients give. Default false. */
  readonly average?: boolean | undefined;
  /**
   * Clips every row's gradient to norm C, and divides their sum by B = `expected` instead of the rows at hand: in
   * `train`, `gradients` and `noisyStep`. The δ of a batch are then scaled. Default: none.
   */
  readonly clipping?: Clipping | undefined;
  /** Dropout and input noise of training steps, from a seed. Default: none. */
  readonly draws?: Draws | undefined;
  /** The most of ‖∇θ‖ in a training step, > 0: a longer gradient is shortened to it. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** The most of the norm of a unit's incoming weights after a training step, > 0. Default: no limit. */
  readonly maxNorm?: number | undefined;
  /** Longest order of one call, ≥ 1. Default N. */
  readonly capacity?: number | undefined;
  /** Default "exact": the same bits on every engine. */
  readonly arithmetic?: Arithmetic | undefined;
  /** 1 … 256. Never changes a bit. Default: by the size of the work. */
  readonly threads?: number | undefined;
  /** Whether a team of one is a worker, too, so that sessions compute beside each other. Default false. */
  readonly aside?: boolean | undefined;
};

/** Features that are rows to be read. */
export const isRows = (features: Setup["features"]): features is FeatureRows =>
  !ArrayBuffer.isView(features) && "gathering" in features;

/** The blocks of features in arrays, first rows first: all bytes or all floats. */
export function featureBlocks(features: Features | readonly Features[]): readonly Features[] {
  return ArrayBuffer.isView(features) ? [features] : features;
}

/** How the images of an order are distorted (X47). */
export type Warps = {
  /** [n × WARP_NUMBERS], in the places of WARP_NUMBER. */
  readonly numbers: Float64Array;
  /** [3 × (fieldSize + height) × (fieldSize + width)]: Δu, Δv, noise. The same array as before is not copied again. */
  readonly fields: Float32Array;
};

/** What the rows of an order are mixed with (X52): x ← λx + (1 − λ)x′, and the targets alike. */
export type Mixes = {
  /** [n], positions in the order: each row's partner, of the same step. */
  readonly partners: Uint32Array;
  /** [n], λ in [0, 1]: the share of the row itself. */
  readonly shares: Float64Array;
};

/** Which draws of a setup with `draws`, a `warp` or `mix` the rows of a call are given. */
export type DrawnRows = {
  /** From 1. */
  readonly epoch: number;
  /** The examples' numbers, by position in the order. Default: the order itself. */
  readonly examples?: Uint32Array | undefined;
  /** Of a setup with a warp: how each image is distorted. What evaluates sees every image as it is. */
  readonly warps?: Warps | undefined;
  /** Of a setup with `mix`: what each row is mixed with. What evaluates sees every row as it is. */
  readonly mixes?: Mixes | undefined;
};

/** What stepping through an order gave, by position in the order. Copies: the next call does not change them. */
export type StepResults = {
  /** ℓ_i, before the update of its step. */
  readonly losses: Float64Array;
  /** argmax of the logits; the first of equals. */
  readonly predictions: Int32Array;
  /** The first step (from 0) with a loss that is not finite; it was not applied. −1 if there is none. */
  readonly stoppedAt: number;
  /**
   * [n×L], ‖∇W_l ℓ_i‖² + ‖∇b_l ℓ_i‖² = (‖a_{l−1}‖² + 1)·‖δ^l‖² of each row and layer, before the update of its step: of
   * a setup with `exampleNorms`, after `train`, `gradients` and `examples`. Their sum over l is ‖g_i‖² (X30).
   */
  readonly norms?: Float64Array | undefined;
};

/**
 * Called about ten times a second with the number of steps done so far. `false` stops the training after the step at
 * hand.
 */
export type OnProgress = (steps: number) => boolean;

/**
 * Calls that overlap run one after another, in the order of the calls. What reads or writes at once (parameters,
 * states, an example, arrays) raises SESSION_BUSY while a call is under way: await it first.
 */
export interface Session extends AsyncDisposable {
  /** The engine's name. */
  readonly engine: EngineName;
  /** Threads of a step, ≥ 1; 1 where workers cannot start. In a job of several ranks those of rank 0. */
  readonly threads: number;
  /** Processes that share a step, ≥ 1: the ranks of an MPI job, else 1. */
  readonly ranks: number;
  /** In a job of several ranks what they exchange; else left out. */
  readonly exchange?: RankExchange | undefined;
  /** Sizes and activation. */
  readonly network: Network;
  /** B. */
  readonly batchSize: number;
  /** Bytes of a parameter, an activation or an error: 4, or 8 in the float64 reference. */
  readonly floatBytes: 4 | 8;
  /** The longest order for which a call takes little memory beside its rows', ≥ B. Default: any. */
  readonly rowsACall?: number | undefined;
  /** θ as one packed block [W₁, b₁, …]; a copy. */
  readParameters(): Floats;
  /** Replace θ by a packed block. Raises InvalidInput for another length. */
  writeParameters(packed: Floats): void;
  /** The optimizer's arrays, packed, and last the mean of θ in a setup with `average`; copies. */
  readStates(): readonly Floats[];
  /** Replace the same arrays. */
  writeStates(states: readonly Floats[]): void;
  /**
   * Replace row `row` of the data: its features, in the data's type and already scaled, and its label; in a session
   * with `targets` also its target row [C], as it is. Default: 1 for the label, 0 for the others.
   */
  setExample(row: number, features: Features, label: number, targets?: Floats): void;
  /**
   * One step a mini-batch of `order` (row numbers; the last batch may be smaller), with COEFFICIENTS floats a step.
   * A loss that is not finite stops the training before its update. If onProgress stops it, `losses` covers the steps
   * done. `draws`: of a setup with draws, a warp or mix; left out, no row is given any. With a warp or mix they are
   * needed.
   */
  train(
    order: Uint32Array,
    coefficients: Float64Array,
    onProgress?: OnProgress,
    draws?: DrawnRows,
  ): Promise<StepResults>;
  /**
   * One step of the rows of `order`, 0 … B of them, whose clipped gradient gets deviation·`noise` before the optimizer
   * sees it: standard normal draws [P], each of its own. Of a setup with `clipping`.
   */
  noisyStep(
    order: Uint32Array,
    coefficients: Float64Array,
    noise: Float32Array | Float64Array,
    deviation: number,
  ): Promise<StepResults>;
  /** Forward and loss only. */
  evaluate(
    order: Uint32Array,
    options?: {
      /** Cross-entropy without label smoothing and class weights. Default false. */
      readonly plain?: boolean;
    },
  ): Promise<StepResults>;
  /** The row pass of every row of `order`, without a weight's gradient: losses, predictions and `norms`. */
  examples(order: Uint32Array): Promise<StepResults>;
  /** The logits [n×C] of `order`, packed. */
  logits(order: Uint32Array): Promise<Floats>;
  /**
   * Both passes of one mini-batch of at most B rows, without an update: losses, predictions and every array. `draws`:
   * as in `train`.
   */
  gradients(order: Uint32Array, draws?: DrawnRows): Promise<StepResults & BatchArrays>;
  /**
   * The arrays that the last step left, for its first `rows` rows (B); copies. After a step of "sgd" ∇W holds nothing.
   */
  arrays(rows?: number): BatchArrays;
  /** ℓ at positions [from, to) of the last order; while `train` runs, of the steps that onProgress has reported. */
  readLosses(from: number, to: number): Float64Array;
  /** Give workers and memory back: the session is over. `await using` does it, too. */
  close(): Promise<void>;
}

/** What the ranks of a job give each other in a training step, for the same bits. */
export type RankExchange = {
  /** "arrays": activations and errors, gathered by all. "sums": partial sums of gradients, from rank to rank. */
  readonly kind: "arrays" | "sums";
  /** Bytes that a rank is given in a step by arrays, in the mean over ranks. */
  readonly arraysBytes: number;
  /** The same by sums. */
  readonly sumsBytes: number;
};

/** A table of kernels, and what its products reached here in GFLOP/s. */
export type KernelTable = {
  /** Its vectors, e.g. "AVX2". */
  readonly name: string;
  /** 10⁹ floating-point operations a second. */
  readonly gigaflops: number;
};

/** The tables of one arithmetic, the widest vectors first; none where it cannot run. `chosen` is the place of one. */
export type KernelChoice = {
  /** The widest first. */
  readonly tables: readonly KernelTable[];
  /** Index of the one in use. */
  readonly chosen: number;
};

/** The tables of each arithmetic. */
export type KernelChoices = Readonly<Record<Arithmetic, KernelChoice>>;

/** Opens sessions. */
export interface Engine {
  /** What `engine` options call it. */
  readonly name: EngineName;
  /** Bytes of a float: 4, or 8 in the float64 reference. */
  readonly floatBytes: 4 | 8;
  /** Why it cannot run here, or undefined if it can. */
  missing(): string | undefined;
  /** What it runs on here, in a few words. */
  about(): string;
  /** Of a backend with several tables of kernels: which there are here, how fast, and which is used. */
  tables?: (() => KernelChoices) | undefined;
  /** Raises InvalidInput for a bad setup, EngineUnavailable where it cannot run. */
  open(setup: Setup): Promise<Session>;
}
