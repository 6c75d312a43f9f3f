// The interface of every engine: one kernel per equation of the note. Outputs come first. Kernels return and validate
// nothing.
import type { KeptNorm } from "../network/layer-norm.ts";
import type { Floats } from "../network/memory.ts";
import type { Activation, SlopeKeeper } from "../network/network.ts";
import type { Examples, PlannedDraws, PlannedLoss, Span, View } from "../network/plan.ts";
import type { ParameterSpans } from "../network/slices.ts";

/** How θ follows ∇θ. The formulas stand in reference.ts and docs/beyond-the-note.md (X10 … X14). */
export const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adam", "adamw"] as const;
/** "sgd", "momentum", "nesterov", "adam" or "adamw". */
export type Optimizer = (typeof OPTIMIZERS)[number];

/** Arrays each optimizer keeps beside the parameters. */
export const OPTIMIZER_STATES = { sgd: 0, momentum: 1, nesterov: 1, adam: 2, adamw: 2 } as const satisfies Record<
  Optimizer,
  0 | 1 | 2
>;

/**
 * Every sum has one accumulator, starts at +0 and adds its terms in ascending index order, product rounded and then sum
 * rounded, in the memory's float type. Softmax, loss, tanh and sigmoid run in float64 with numerics/exp-log.ts.
 */
export interface Kernels {
  /**
   * Row r of input and targets = example order[at + r]: x / divisor, and t_c = w_c·((1 − ε)·y_c + ε/C). With a warp x
   * is read between the pixels of the example, as warp-pixels.ts defines it (X47).
   */
  gather(input: View, targets: View, examples: Examples, at: number): void;
  /** output = σ(input·W + b); the bias is added to the finished sum. (E9) */
  dense(output: View, input: View, W: View, b: View, activation: Activation): void;
  /** slopes = σ′(output), then output = σ(output): of a layer whose σ′ needs z, which `dense` left as z. (E9) */
  activate(output: View, slopes: View, activation: SlopeKeeper): void;
  /**
   * delta = ∂ℓ/∂z_L, losses = ℓ, predictions = argmax (the first of equals). Softmax cross-entropy: δ = (Σt)·S − t,
   * ℓ = −Σ t_c log S_c (E2, E8, E10); the others: elementwise-losses.ts (X22 … X29).
   */
  outputDelta(loss: PlannedLoss, delta: View, losses: View, predictions: View, output: View, targets: View): void;
  /**
   * below = (delta·Wᵀ) ⊙ σ′, where σ′ of the layer below is read from `kept`: its a = σ(z), or the slopes of a layer
   * that keeps them. σ′(0) = 0 for ReLU. (E17)
   */
  backpropagate(below: View, delta: View, W: View, kept: View, activation: Activation): void;
  /**
   * dW = inputᵀ·delta · (1/B), B = delta.rows, 1/B rounded once. `adds`: the sum goes on from what dW holds, of the
   * rows before, and is not divided. (E37)
   */
  weightGradient(dW: View, input: View, delta: View, adds?: boolean): void;
  /** db = 1·delta · (1/B); `adds`: as there. (E36) */
  biasGradient(db: View, delta: View, adds?: boolean): void;
  /** θ follows ∇θ by `optimizer` with this step's coefficients: COEFFICIENTS floats at `coefficients`. */
  update(optimizer: Optimizer, spans: ParameterSpans, coefficients: number): void;
  /**
   * weightGradient and then update by "sgd", with decay, in one sweep and with the same bits: W ← W − η(∇W + λW). dW is
   * scratch: its contents afterwards are unspecified. W has dW's shape and stride. (E37, X10)
   */
  updateWeights(W: View, dW: View, input: View, delta: View, coefficients: number): void;
  /**
   * norms_r = (‖input_r‖² + 1)·‖delta_r‖² in doubles: what one layer has of ‖g_r‖². An engine without it runs the loop
   * of example-norms.ts, which defines the order of the sums. (X30)
   */
  exampleNorms?(norms: View, input: View, delta: View): void;
  /**
   * Row r of rows ← λ_r·(row r of rows) + (1 − λ_r)·(row r of partners), λ_r the double at shares + r. An engine
   * without it runs the loop of mixed-rows.ts. (X52)
   */
  mix?(rows: View, partners: View, shares: number): void;
  /**
   * The calls that `work` makes, noted in place of being run, as one function: it runs them in turn, with `at` added to
   * the places of gather and of coefficients. Only of an engine that can.
   */
  note?(work: () => void): (at: number) => void;
  /** An engine without them runs the loops of limits.ts. (X33 … X35, X38) */
  readonly limits?: Partial<LimitKernels> | undefined;
  /** An engine without them runs the loops of between-layers.ts. (X49, X50) */
  readonly between?: Partial<BetweenKernels> | undefined;
  /** An engine without them runs the loops of front-scale-kernels.ts. (X39) */
  readonly front?: Partial<FrontKernels> | undefined;
  /** An engine without them runs the loops of row-draws.ts. (X36, X37) */
  readonly draws?: Partial<DrawKernels> | undefined;
}

/** Kernels of X33 … X35 and X38. An engine without one runs the loop of limits.ts. */
export interface LimitKernels {
  /** squares_k = Σ_o dW_ko² of each row of dW, in doubles. (X33) */
  squares(squares: View, dW: View): void;
  /** g ← factor·g. (X33) */
  clip(gradients: Span, factor: number): void;
  /** w ← sign(w)·max(|w| − by, 0). (X34) */
  shrink(weights: Span, by: number): void;
  /** mean ← mean + share·(θ − mean). (X38) */
  average(mean: Span, parameters: Span, share: number): void;
  /** Each column w of W with ‖w‖ > most: w ← w·(most/‖w‖). (X35) */
  holdUnits(W: View, most: number): void;
}

/** Which draws a step's rows are given: those of `epoch`, from 1, for the examples at `at` in the order; 0: none. */
export type DrawPlace = { readonly epoch: number; readonly at: number };

/** Kernels of X36 and X37. An engine without one runs the loop of row-draws.ts. */
export interface DrawKernels {
  /** input ← input + σ·n, n standard normal draws. (X37) */
  addNoise(input: View, draws: PlannedDraws, place: DrawPlace): void;
  /** mask = 0 or 1/(1 − p), drawn for each unit of layer `layer`, from 0; passed = output ⊙ mask. (X36) */
  drop(passed: View, mask: View, output: View, draws: PlannedDraws, place: DrawPlace, layer: number): void;
  /** delta ← delta ⊙ mask. (X36) */
  mask(delta: View, mask: View): void;
}

/** Kernels of X49 and X50. An engine without one runs the loop of between-layers.ts, which defines every rounding. */
export interface BetweenKernels {
  /**
   * Each row z of output becomes h = γ ∘ n + β, n = (z − μ)/√(v + ε); n and the inverse root stay in `kept`, where it
   * is given. (X49)
   */
  normalize(output: View, gain: View, offset: View, kept?: KeptNorm): void;
  /** output = σ(output). */
  apply(output: View, activation: Activation): void;
  /** delta = above ⊙ σ′, where σ′ is read from `kept` as in `backpropagate`. delta may be `above`. */
  slope(delta: View, above: View, kept: View, activation: Activation): void;
  /** delta = ∂ℓ/∂z from above = ∂ℓ/∂h. (X49) */
  denormalize(delta: View, above: View, gain: View, kept: KeptNorm): void;
  /** sum = x + y; sum may be one of them. (X50) */
  join(sum: View, x: View, y: View): void;
}

/** Kernels of X39, and of ∇γ in X49. An engine without one runs the loop of front-scale-kernels.ts. */
export interface FrontKernels {
  /** scaled = input ⊙ s, s a row for all. */
  scale(scaled: View, input: View, s: View): void;
  /** gradient_j = Σ_i input_ij·delta_ij · (1/B), rows in index order; `adds`: as in `weightGradient`. */
  scaleGradient(gradient: View, input: View, delta: View, adds?: boolean): void;
  /** s ← before + rate·(s − before): an optimizer's step, so many times. */
  extend(s: Span, before: Floats, rate: number): void;
}
