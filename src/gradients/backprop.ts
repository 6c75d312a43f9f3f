// The note's equations, once, for every engine: two passes with a barrier between them. No arithmetic: each line calls
// one kernel.
import type { ForwardLayer } from "../network/forward-plan.ts";
import { keepsSlope, type SlopeKeeper } from "../network/network.ts";
import type { Batch, Examples, Layer, PlannedDraws } from "../network/plan.ts";
import type { WeightSlice } from "../network/slices.ts";
import type { DrawKernels, DrawPlace, Kernels, Optimizer } from "./kernels.ts";

/** What the rows of a step are drawn. */
export type RowDraws = { readonly k: DrawKernels; readonly draws: PlannedDraws; readonly place: DrawPlace };

/** f(x) of rows that lie in the first layer's input: logits out. A sum with a_{l−1} takes the place of a_l. */
export function feedForward(k: Pick<Kernels, "dense" | "between">, layers: readonly ForwardLayer[]): void {
  for (const { output, input, W, b, activation, norm, joins } of layers) {
    if (!norm)
      k.dense(output, input, W, b, activation); //                      a_l = σ(a_{l−1} W_l + b_l)    E9
    else {
      k.dense(output, input, W, b, "identity"); //                               z_l                           E9
      k.between!.normalize!(output, norm.gain, norm.offset); //                  γ ∘ (z_l − μ)/√(v + ε) + β    X49
      k.between!.apply!(output, activation);
    }
    if (joins) k.between!.join!(output, output, input); //                       a_l + a_{l−1}                 X50
  }
}

/** f(x) for a slice of rows: examples order[at …] in, logits out. No slopes are kept. */
export function forward(k: Kernels, batch: Batch, examples: Examples, at: number): void {
  takeRows(k, batch, examples, at);
  feedForward(k, batch.layers);
}

/** δ^L for a slice of rows, with ℓ on the way. */
export function outputDelta(k: Kernels, { targets, losses, predictions, loss, layers }: Batch): void {
  const { delta, output } = layers.at(-1)!;
  //                                                                             δ^L = S(z_L) − y     E2, E8, E10
  k.outputDelta(loss, delta, losses, predictions, output, targets); //           or of another loss   X22 … X29
}

/**
 * What layer 1 is given of a slice of rows in a training step: X and t mixed, noisy and thinned out where it draws so,
 * in `input`, and in `front` where that scales it.
 */
export function takeRows(
  k: Kernels,
  { input, targets, partners, inputMask, layers, front }: Batch,
  examples: Examples,
  at: number,
  drawn?: RowDraws,
): void {
  k.gather(input, targets, examples, at); //                                     X, t                          X47
  const { mix } = examples;
  if (mix && partners) {
    k.gather(partners.input, partners.targets, mix.partners, at); //             X′, t′
    k.mix!(input, partners.input, mix.shares + at); //                           λX + (1 − λ)X′
    k.mix!(targets, partners.targets, mix.shares + at); //                       λt + (1 − λ)t′
  }
  if (drawn) {
    drawn.k.addNoise(input, drawn.draws, drawn.place); //                        X + σn
    const number = layers.length - 1; // of the last layer, which leaves nothing out
    if (inputMask) drawn.k.drop(input, inputMask, input, drawn.draws.ofInputs!, drawn.place, number); // X ⊙ m
  }
  if (front) k.front!.scale!(front.scaled, input, front.scale); //               x ⊙ s
}

/** `forward` that keeps σ′(z_l) where the recursion cannot read it from a_l. */
function forwardKeepingSlopes(
  k: Kernels,
  batch: Batch,
  examples: Examples,
  at: number,
  drawn: RowDraws | undefined,
  done: (() => void) | undefined,
): void {
  takeRows(k, batch, examples, at, drawn);
  const { layers } = batch;
  for (const [n, l] of layers.entries()) {
    const slopes = keepsSlope(l.activation) && l.slopes;
    if (!slopes && !l.norm)
      k.dense(l.output, l.input, l.W, l.b, l.activation); // a_l = σ(a_{l−1} W_l + b_l)  E9
    else {
      k.dense(l.output, l.input, l.W, l.b, "identity"); //                       z_l                           E9
      //                                                                         γ ∘ (z_l − μ)/√(v + ε) + β    X49
      if (l.norm) k.between!.normalize!(l.output, l.norm.gain, l.norm.offset, l.norm.step);
      if (slopes)
        k.activate(l.output, slopes, l.activation as SlopeKeeper); //  σ′(z_l), a_l = σ(z_l)
      else k.between!.apply!(l.output, l.activation);
    }
    if (drawn && l.mask) drawn.k.drop(l.passed!, l.mask, l.output, drawn.draws, drawn.place, n); // a_l ⊙ m
    if (l.joins) k.between!.join!(l.passed!, l.mask ? l.passed! : l.output, l.input); //      a_l + a_{l−1}    X50
    if (n + 1 < layers.length) done?.();
  }
}

/** δ of the layer below: through W, past the layer above where that joins, through σ and a normalization. */
function descend(k: Kernels, above: Layer, below: Layer, drawn: RowDraws | undefined): void {
  const { norm, joined, activation } = below;
  const own = norm?.step?.delta ?? below.delta; //                               ∂ℓ/∂(what σ is given)
  const kept = below.slopes ?? below.output;
  //                                                                             δ^l = (δ^{l+1} W_{l+1}ᵀ) ⊙ σ′(z_l)  E17
  if (!above.joined && !joined) k.backpropagate(own, above.delta, above.W, kept, activation);
  else {
    const passed = joined ?? own; //                                             ∂ℓ/∂(what layer l + 1 is given)
    k.backpropagate(passed, above.delta, above.W, kept, "identity");
    if (above.joined) k.between!.join!(passed, passed, above.joined); //         + ∂ℓ/∂(a_{l+1} + a_l)         X50
    k.between!.slope!(own, passed, kept, activation);
  }
  if (drawn && below.mask) drawn.k.mask(own, below.mask); //                     ⊙ m
  if (norm) k.between!.denormalize!(below.delta, own, norm.gain, norm.step!); // through n                     X49
}

/** Arrays of the row pass that are done one after another: a_1 … a_{L−1}, then δ^L … δ^1. */
export const rowStages = ({ layers }: Pick<Batch, "layers">): number => 2 * layers.length - 1;

/**
 * The row pass: everything that belongs to one example. Rows never meet, so any split of them gives the same bits.
 * `done` is called after every stage.
 */
export function rowPass(
  k: Kernels,
  batch: Batch,
  examples: Examples,
  at: number,
  drawn?: RowDraws,
  done?: () => void,
): void {
  forwardKeepingSlopes(k, batch, examples, at, drawn, done);
  outputDelta(k, batch);
  if (batch.layers.length > 1) done?.();
  const { layers, input, inputDelta, front } = batch;
  for (let l = layers.length - 1; l > 0; l--) {
    descend(k, layers[l]!, layers[l - 1]!, drawn);
    if (l > 1) done?.();
  }
  const first = layers[0]!;
  if (front?.delta) k.backpropagate(front.delta, first.delta, first.W, input, "identity"); // δ⁰ = δ¹ W₁ᵀ
  //                                                                             ∂ℓ/∂x = δ¹ W₁ᵀ               X15
  if (inputDelta) k.backpropagate(inputDelta, first.delta, first.W, input, "identity");
  done?.();
}

/**
 * The gradients of a slice of weights, from every row of the batch. Weights never meet, so any split gives the same
 * bits.
 */
export function weightGradients(k: Kernels, { weights, biases, gains }: WeightSlice): void {
  for (const l of weights) k.weightGradient(l.dW, l.input, l.delta); //          ∇W_l = a_{l−1}ᵀ δ^l / B       E37
  for (const l of biases) k.biasGradient(l.db, l.delta); //                      ∇b_l = 1 δ^l / B              E36
  gainGradients(k, gains);
}

const gainGradients = (k: Kernels, gains: WeightSlice["gains"]): void => {
  for (const l of gains) k.front!.scaleGradient!(l.gradient, l.input, l.delta); // ∇γ_l = Σ_i n_i ⊙ ∂ℓ/∂h_i / B  X49
};

/** The same of a learned scale of the inputs. */
export function scaleGradients(k: Kernels, { scale }: WeightSlice): void {
  if (scale) k.front!.scaleGradient!(scale.gradient, scale.input, scale.delta); // Σ_i x_i ⊙ δ⁰_i / B
}

/** Sums of the same that go on from the rows before, for more rows. */
export function addGradients(k: Kernels, { weights, biases, gains, scale }: WeightSlice): void {
  for (const l of weights) k.weightGradient(l.dW, l.input, l.delta, true); //    Σ a_{l−1}ᵀ δ^l                E37
  for (const l of biases) k.biasGradient(l.db, l.delta, true); //                Σ δ^l                         E36
  for (const l of [...gains, ...(scale ? [scale] : [])]) k.front!.scaleGradient!(l.gradient, l.input, l.delta, true);
}

/** The weight pass: gradients, then the optimizer, for a slice of weights. Plain SGD leaves no ∇W. */
export function weightPass(k: Kernels, slice: WeightSlice, optimizer: Optimizer, coefficients: number): void {
  const { weights, biases, gains } = slice;
  if (optimizer === "sgd") {
    //                                                                           W_l ← W_l − η(∇W_l + λW_l)    E37, X10
    for (const l of weights) k.updateWeights(l.W, l.dW, l.input, l.delta, coefficients);
    for (const l of biases) k.biasGradient(l.db, l.delta); //                    ∇b_l                          E36
    gainGradients(k, gains);
  } else {
    weightGradients(k, slice);
    for (const l of weights) k.update(optimizer, l.spans, coefficients); //      W_l follows ∇W_l              X11 … X14
  }
  //                                                                             b_l follows ∇b_l              X10 … X14
  for (const l of [...biases, ...gains]) k.update(optimizer, l.spans, coefficients);
}

/** The weight pass with noise: ∇θ ← ∇θ + s·ξ before any optimizer sees it, −s as the rate of a plain step. */
export function noisyWeightPass(
  k: Kernels,
  slice: WeightSlice,
  optimizer: Optimizer,
  coefficients: number,
  factor: number,
): void {
  weightGradients(k, slice);
  for (const { spans, noise } of [...slice.weights, ...slice.biases, ...slice.gains]) {
    k.update("sgd", noise!, factor); //                                          Σ c_i g_i/B + s·ξ
    k.update(optimizer, spans, coefficients); //                                 θ follows it                  X10 … X14
  }
}
