// What an engine offers. An engine opens sessions; a session holds dataset, parameters and scratch in one memory and walks orders of examples.
import type { Kernels, Rule } from "../gradients/kernels.ts";
import type { Floats, Memory } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import type { Arithmetic, Plan } from "../network/plan.ts";

/** Rows of D numbers, row-major. */
export type Features = Uint8Array | Float32Array | Float64Array;

/** Everything a session needs before its first step. Checked by `openSession`. */
export type Setup = {
  readonly network: Network;
  readonly batchSize: number; //                                B ≥ 1, at most 65,536
  readonly features: Features | readonly Features[]; //         [N×D], or its parts one after another; floats already scaled
  readonly divisor?: number; //                                 bytes are divided by it (255)
  readonly labels?: Int32Array; //                              [N]; without labels and targets every label is 0
  readonly targets?: Float32Array | Float64Array; //            [N×C] probability rows; then labels do not enter the loss
  readonly optimizer?: Rule; //                                      "sgd"
  readonly labelSmoothing?: number; //                          ε in [0, 1): y ← (1 − ε)y + ε/C
  readonly classWeights?: ArrayLike<number>; //                 [C], ≥ 0: ℓ = −Σ w_c y_c log S_c
  readonly inputDelta?: boolean; //                             whether `gradients` also leaves ∂ℓ/∂x = δ¹W₁ᵀ in memory (false)
  readonly capacity?: number; //                                longest order of one call; N if not given
  readonly arithmetic?: Arithmetic; //                          "exact"
  readonly threads?: number; //                                 chosen by the size of the work if not given; never changes a bit
};

/** The parts of a setup's features, first rows first: all bytes or all floats. */
export function featureBlocks({ features }: Pick<Setup, "features">): readonly Features[] {
  return ArrayBuffer.isView(features) ? [features] : features;
}

/** What walking an order gave, by position in the order. Copies: the next call does not change them. */
export type StepResults = {
  readonly losses: Float64Array; //    ℓ_i, before the update of its step
  readonly predictions: Int32Array; // argmax of the logits
  readonly stoppedAt: number; //       the first step (from 0) whose loss was not finite and which was not applied; −1 if none
};

/** Called between slices of work, about ten times a second, with the number of steps walked so far. `false` stops the walk. */
export type OnProgress = (steps: number) => boolean;

export interface Session {
  readonly engine: string;
  readonly threads: number;
  readonly plan: Plan;
  readonly memory: Memory;
  /** θ as one packed block [W₁, b₁, …]; a copy. */
  readParameters(): Floats;
  writeParameters(packed: Floats): void;
  /** The optimizer's arrays, packed; copies. */
  readStates(): readonly Floats[];
  writeStates(states: readonly Floats[]): void;
  /**
   * One step a mini-batch of `order` (row numbers; the last batch may be smaller), with COEFFICIENTS floats a step.
   * A loss that is not finite stops the walk before its update. If onProgress stops it, `losses` covers the steps walked.
   */
  train(order: Uint32Array, coefficients: Float64Array, onProgress?: OnProgress): Promise<StepResults>;
  /** Forward and loss only. */
  evaluate(order: Uint32Array): Promise<StepResults>;
  /** The logits [n×C] of `order`, packed. */
  logits(order: Uint32Array): Promise<Floats>;
  /** Both passes of one mini-batch (at most B rows), no update: activations, δ and ∇ are then in `memory`, ∂ℓ/∂x where the setup asks. Its Walk has n rows. */
  gradients(order: Uint32Array): Promise<StepResults>;
  /** Give workers and memory back. The session is over. */
  close(): Promise<void>;
}

/** Memory that a thread can be handed: a buffer, or the WebAssembly memory around one. */
export type Store = ArrayBuffer | SharedArrayBuffer | WebAssembly.Memory;

/** Which of `threads` threads asks for kernels; each has its own share of the plan's scratch. */
export type Rank = { readonly thread: number; readonly threads: number };

/** Where an engine's kernels come from. The session, the pool and its workers are the same for all of them. */
export interface Backend {
  readonly name: string;
  readonly floatBytes: 4 | 8;
  /** Why they cannot run here, or undefined if they can. */
  missing(): string | undefined;
  /** What they run on here, in a few words, e.g. the instruction set. Only asked where nothing is missing. */
  about(): string;
  /** Why "fused" arithmetic cannot run here; a source without this member never fuses. */
  missingFused?(): string | undefined;
  /** Private bytes each thread needs for batches of at most `rows` rows; 0 if none. */
  scratchBytes(network: Network, rows: number): number;
  /** Zeroed memory of at least `bytes`; `shared` when workers will use it. */
  allocate(bytes: number, shared: boolean): Store;
  /** The kernels over `memory`, which views `store`. Called once in every thread. */
  kernels(store: Store, memory: Memory, plan: Plan, seat: Rank): Promise<Kernels>;
}

export interface Engine {
  readonly name: string;
  /** Why it cannot run here, or undefined if it can. */
  missing(): string | undefined;
  /** What it runs on here, in a few words. */
  about(): string;
  /** Raises InvalidInput for a bad setup, EngineUnavailable where it cannot run. */
  open(setup: Setup): Promise<Session>;
}
