// The memory plan of a session as a value: where every array of a training step lies. Computed from the network, the
// batch size and the data's form alone, so it is the same in every engine. Nothing is allocated here.
//
// Rows of every float matrix are padded to 16 elements, and W and dW also have rows up to that multiple. Padding is 0
// and stays 0 (while the numbers are finite), so an engine may sweep whole vectors; sums never run over padding.
import { Arena, PAD, padded, type Span, type View } from "./arena.ts";
import { COEFFICIENTS } from "./coefficients.ts";
import { type FrontScale, frontLength, planFront } from "./front-scale.ts";
import { type LayerNorm, planNorm } from "./layer-norm.ts";
import { type Loss, type LossName, outputsPerTarget, SOFTMAX, targetColumns } from "./losses.ts";
import { type Mix, type Partners, planPartners, withPartners } from "./mix.ts";
import { type Activation, activationOf, isResidual, keepsSlope, type Network } from "./network.ts";
import { type Draws, type PlannedDraws, planDraws, withPassed } from "./passed.ts";
import { type Clipping, type PlannedClipping, planClipping } from "./row-clipping.ts";
import { planWarp, type Warp, type WarpForm } from "./warp.ts";
import { layerSizes, weightViews } from "./weight-views.ts";

export { Arena, PAD, padded, type Span, type View } from "./arena.ts";
export { COEFFICIENT, COEFFICIENTS } from "./coefficients.ts";
export type { Draws, PlannedDraws } from "./passed.ts";

/** The arrays of layer l. Its `input` is the `output` of layer l − 1, the same view. */
export type Layer = {
  readonly activation: Activation; // "identity" for l = L
  readonly input: View; //            a_{l−1}                            [B×I]
  readonly W: View; //                W_l                                [I×O]
  readonly b: View; //                b_l                                [1×O]
  readonly output: View; //           a_l = σ(z_l); for l = L the logits [B×O]
  readonly mask?: View | undefined; //   m of dropout                    [B×O]
  readonly norm?: LayerNorm | undefined; // between z_l and σ
  readonly joins: boolean; //         whether layer l + 1 is given a_l + a_{l−1}
  readonly passed?: View | undefined; // what it is given, where that is not a_l: a_l ⊙ m, a_l ⊙ m + a_{l−1} [B×O]
  readonly joined?: View | undefined; // ∂ℓ/∂passed of a layer that joins, of a training step [B×O]
  readonly slopes?: View | undefined; // σ′(z_l), where σ′ needs z_l     [B×O]
  readonly delta: View; //            δ^l = ∂ℓ/∂z_l                      [B×O]
  readonly dW: View; //               ∇W_l                               [I×O]
  readonly db: View; //               ∇b_l                               [1×O]
  readonly norms?: View | undefined; // ‖∇W_l‖² + ‖∇b_l‖² of each row alone, in doubles, if planned [B×1]
  readonly squares?: View | undefined; // Σ g² of each row of ∇W_l, in doubles, if the gradient is clipped [I×1]
  readonly biasSquares?: View | undefined; // g² of each element of ∇b_l, beside them [O×1]
};

/** The loss as kernels take it. */
export type PlannedLoss = {
  readonly name: LossName;
  readonly perTarget: number; //  outputs for each column of the targets
  readonly parameters: number; // in doubles: w [C], then the constant of each output [C]; softmax reads neither
};

/** The arrays of the row pass for one mini-batch, or for a slice of its rows. */
export type Batch = {
  readonly input: View; //       X                             [B×D]
  readonly targets: View; //     t: y smoothed and weighted    [B×T], with weights of rows [B×(T + 1)]
  readonly losses: View; //      ℓ, in doubles                 [B×1]
  readonly predictions: View; // argmax of z_L, in integers    [B×1]
  readonly loss: PlannedLoss;
  readonly partners?: Partners | undefined; // x and t to mix with, of a training step, if planned
  readonly inputMask?: View | undefined; // m of the inputs' dropout, of a training step, if planned [B×D]
  readonly layers: readonly Layer[];
  readonly inputDelta?: View | undefined; // ∂ℓ/∂x, if planned [B×D]
  readonly front?: FrontScale | undefined; // of a learned scale of the inputs
};

/** Offsets of the examples, and of the coefficients that make a label a target row. */
export type Examples = {
  readonly rows: number; //                   N
  readonly cols: number; //                   D
  readonly classes: number; //                columns of a target row: C for softmax
  readonly form: "bytes" | "floats";
  readonly divisor: number; //                x = byte / divisor; 1 for floats
  readonly features: number; //               [N×D], in bytes or floats, no padding
  readonly labels: number; //                 [N], in integers
  readonly soft: number | undefined; //       [N×classes] target rows, in floats
  readonly order: number; //                  [capacity] row numbers, in integers
  readonly scale: number; //                  [classes], in doubles: t_c = scale_c · y_c + shift_c
  readonly shift: number; //                  [classes], in doubles
  readonly warp?: Warp | undefined; //        where pixels are read, of images that are distorted
  readonly mix?: Mix<Examples> | undefined; // what each row is mixed with, where rows are mixed
};

/** Sizes and forms of the arrays that a session needs. */
export type PlanRequest = {
  readonly network: Network;
  readonly batchSize: number;
  readonly states: 0 | 1 | 2; //      arrays an optimizer keeps beside the parameters
  readonly capacity: number; //       longest order of one call
  readonly rows: number; //           N
  readonly form: "bytes" | "floats";
  readonly divisor: number;
  readonly soft: boolean;
  readonly loss?: Loss | undefined; //            default: softmax cross-entropy
  readonly rowWeights?: boolean | undefined; //   whether a target row ends with a weight; not for softmax
  readonly inputDelta?: boolean | undefined; //   room for ∂ℓ/∂x; default false
  readonly exampleNorms?: boolean | undefined; // room for each row's ‖∇W_l‖² + ‖∇b_l‖²; default false
  readonly warp?: WarpForm | undefined; //        room for distortions of images; default: none
  readonly mix?: boolean | undefined; //          room for partners of rows; default false
  readonly clipping?: Clipping | undefined; //    of each row's gradient, with room for noise; default none
  readonly clipNorm?: number | undefined; //      most of ‖∇θ‖ in a step; default: no limit
  readonly maxNorm?: number | undefined; //       most of ‖w‖ of each unit after a step; default: no limit
  readonly average?: boolean | undefined; //      room for the mean of θ over steps; default false
  readonly draws?: Draws | undefined; //          default: none
  readonly frontScale?: number | undefined; //    its rate, in that of θ; default: no scale
  readonly arithmetic?: Arithmetic | undefined; // default "exact"
  readonly scratchBytes?: number | undefined; //  scratch of an engine; default 0
};

export type Plan = {
  readonly network: Network;
  readonly batchSize: number;
  readonly capacity: number;
  readonly floatBytes: 4 | 8;
  readonly arithmetic: Arithmetic;
  readonly control: Span; //                  integers of engines/control.ts
  readonly parameters: Span; //               θ, all layers, padded
  readonly gradients: Span; //                ∇θ, laid out like θ
  readonly states: readonly Span[]; //        the optimizer's arrays, laid out like θ
  readonly average?: Span | undefined; //     the mean of θ over steps, laid out like θ, if planned
  readonly coefficients: Span; //             COEFFICIENTS floats a step
  readonly losses: Span; //                   doubles, by position in the order
  readonly predictions: Span; //              integers, by position in the order
  readonly norms?: Span | undefined; //       doubles [capacity × L], by position in the order, if planned
  readonly clipping?: PlannedClipping | undefined;
  readonly clipNorm?: number | undefined;
  readonly maxNorm?: number | undefined;
  readonly draws?: PlannedDraws | undefined;
  readonly frontScale?: number | undefined;
  readonly examples: Examples;
  readonly trained?: Examples | undefined; // the same with a warp or partners, as training steps read them, if planned
  readonly batch: Batch; //                   of a training step: B rows
  readonly evaluated: Batch; //               of a forward pass alone: forwardRows rows, the first B those of `batch`
  readonly scratch: Span; //                  bytes
  readonly bytes: number;
};

/** What kernels have to be given of a plan before their first call. */
export type KernelPlan = Pick<Plan, "network" | "arithmetic" | "scratch"> & {
  readonly examples: Pick<Examples, "form" | "divisor">;
};

/** exact: sums rounded as in reference.ts, the same bits everywhere. fused: multiply-add, faster; bits may differ. */
export const ARITHMETICS = ["exact", "fused"] as const;
/** How sums are rounded: "exact", the same bits on every engine, or "fused". */
export type Arithmetic = (typeof ARITHMETICS)[number];

export const MOST_THREADS = 256;
export const MOST_PARTS = 8; // of one W, where ranks give it away part by part
const CONTROL_WORDS = PAD * (1 + MOST_THREADS); // a cache line of the team, and one of each thread
const FORWARD_ROWS = 512; //        of a forward pass alone: so many rows make reading W cheap, whatever B is
const FORWARD_ROOM = 2 ** 21; //    floats that these rows may take

/** Rows of one forward pass, of all threads together: B, or more where an evaluation has them and they fit. */
export function forwardRows(request: Pick<PlanRequest, "network" | "batchSize" | "capacity">): number {
  const { network, batchSize, capacity } = request;
  const [D, ...outputs] = network.layers as [number, ...number[]];
  const width = padded(D) + padded(outputs.at(-1)!) + 2 * outputs.reduce((sum, O) => sum + padded(O), 0);
  return Math.max(batchSize, Math.min(FORWARD_ROWS, capacity, Math.floor(FORWARD_ROOM / width)));
}

/** Lay out a session's memory for float32 (4) or float64 (8) arithmetic. The order of the calls below is the layout. */
export function planSession(request: PlanRequest, floatBytes: 4 | 8): Plan {
  const { network, batchSize, capacity, arithmetic = "exact" } = request;
  const arena = new Arena(floatBytes);
  const control = arena.span(CONTROL_WORDS + padded(MOST_PARTS * (network.layers.length - 1)), 4);
  const ofLayers = layerSizes(network).reduce((sum, { blockLength }) => sum + blockLength, 0);
  const blockLength = ofLayers + frontLength(network.layers[0]!, request.frontScale !== undefined);
  const parameters = arena.floats(blockLength);
  const gradients = arena.floats(blockLength);
  const states = Array.from({ length: request.states }, () => arena.floats(blockLength));
  const rows = forwardRows(request);
  const loss = request.loss ?? SOFTMAX;
  const width = targetColumns(loss, network.layers.at(-1)!) + Number(request.rowWeights ?? false);
  const arrays = planRowArrays(arena, network, rows, width);
  const coefficients = arena.floats(Math.ceil(capacity / batchSize) * COEFFICIENTS);
  const losses = arena.span(capacity, 8);
  const predictions = arena.span(capacity, 4);
  const examples = planExamples(arena, request, width);
  // After all else, so that no other offset depends on them.
  const inputDelta = request.inputDelta ? arena.matrix(batchSize, network.layers[0]!) : undefined;
  const soft = loss.name === "softmax-cross-entropy";
  const planned: PlannedLoss = {
    name: loss.name,
    perTarget: outputsPerTarget(loss),
    parameters: arena.take(soft ? 0 : 2 * network.layers.at(-1)!, 8),
  };
  const training = batchOf(network, arrays, parameters, gradients, batchSize, planned);
  const views = weightViews(network, gradients);
  const layers = training.layers.map((layer, l): Layer => {
    const slopes = keepsSlope(layer.activation) ? arena.matrix(batchSize, layer.output.cols) : undefined;
    const { norm, output } = layer;
    const clips = request.clipNorm !== undefined;
    return { ...layer, slopes, norm: norm && planNorm(arena, norm, views[l]!.norm!, output, clips) };
  });
  const distorted = request.warp && { ...examples, warp: planWarp(arena, request.warp, capacity) };
  const trained = request.mix ? withPartners(arena, distorted ?? examples, capacity) : distorted;
  const partners = request.mix && planPartners(arena, batchSize, network.layers[0]!, width);
  const scratch = arena.span(request.scratchBytes ?? 0, 1);
  const L = network.layers.length - 1;
  const { clipping, clipNorm, maxNorm, frontScale } = request;
  const norms = request.exampleNorms ? arena.span(capacity * L, 8) : undefined;
  const rowNorms = Array.from({ length: norms || clipping ? L : 0 }, () => arena.column(batchSize, 8));
  const average = request.average ? arena.floats(blockLength) : undefined;
  const draws = request.draws && planDraws(arena, request.draws, capacity);
  const squares = (I: number, O: number) => ({ squares: arena.column(I, 8), biasSquares: arena.column(O, 8) });
  const clipped = layerSizes(network).map(({ I, O }) => (clipNorm === undefined ? {} : squares(I, O)));
  const front = frontScale && planFront(arena, training.input, ofLayers, parameters, gradients, clipNorm !== undefined);
  const input = front ? front.scaled : training.input;
  const evaluated = batchOf(network, arrays, parameters, gradients, rows, planned);
  return {
    network,
    batchSize,
    capacity,
    floatBytes,
    arithmetic,
    control,
    parameters,
    gradients,
    states,
    average,
    coefficients,
    losses,
    predictions,
    norms,
    clipping: clipping && planClipping(arena, clipping, blockLength, COEFFICIENTS),
    clipNorm,
    maxNorm,
    draws,
    frontScale,
    examples,
    trained,
    batch: {
      ...training,
      layers: withPassed(
        arena,
        input,
        layers.map((layer, l) => ({ ...layer, norms: rowNorms[l], ...clipped[l] })),
        draws,
      ),
      partners: partners || undefined,
      inputMask: draws?.ofInputs && arena.matrix(batchSize, network.layers[0]!),
      inputDelta,
      front: front || undefined,
    },
    // in place: nothing there reads x again
    evaluated: front ? { ...evaluated, front: { scale: front.scale, scaled: evaluated.input } } : evaluated,
    scratch,
    bytes: arena.bytes,
  };
}

/** The arrays with a row an example, of as many rows as the longest pass takes. */
type RowArrays = Pick<Batch, "input" | "targets" | "losses" | "predictions"> & {
  readonly outputs: readonly View[]; // a_l of each layer
  readonly deltas: readonly View[]; //  δ^l of each layer
};

function planRowArrays(arena: Arena, { layers }: Network, rows: number, targetWidth: number): RowArrays {
  const [D, ...widths] = layers as [number, ...number[]];
  const input = arena.matrix(rows, D);
  const outputs = widths.map((O) => arena.matrix(rows, O));
  const deltas = widths.map((O) => arena.matrix(rows, O));
  const targets = arena.matrix(rows, targetWidth);
  return { input, outputs, deltas, targets, losses: arena.column(rows, 8), predictions: arena.column(rows, 4) };
}

/** The first `rows` rows of the arrays, with every layer's parameters and gradients. */
function batchOf(
  network: Network,
  arrays: RowArrays,
  parameters: Span,
  gradients: Span,
  rows: number,
  loss: PlannedLoss,
): Batch {
  const first = (view: View): View => ({ ...view, rows });
  const input = first(arrays.input);
  const outputs = arrays.outputs.map(first);
  const weights = weightViews(network, parameters);
  const weightGradients = weightViews(network, gradients);
  return {
    input,
    targets: first(arrays.targets),
    losses: first(arrays.losses),
    predictions: first(arrays.predictions),
    loss,
    layers: outputs.map((output, l) => ({
      activation: activationOf(network, l + 1),
      input: l === 0 ? input : outputs[l - 1]!,
      W: weights[l]!.W,
      b: weights[l]!.b,
      norm: weights[l]!.norm,
      joins: isResidual(network, l + 1),
      output,
      delta: first(arrays.deltas[l]!),
      dW: weightGradients[l]!.W,
      db: weightGradients[l]!.b,
    })),
  };
}

function planExamples(arena: Arena, request: PlanRequest, classes: number): Examples {
  const { network, capacity, rows, form, divisor, soft } = request;
  const D = network.layers[0]!;
  const order = arena.take(capacity, 4);
  const scale = arena.take(classes, 8);
  const shift = arena.take(classes, 8);
  const labels = arena.take(rows, 4);
  return {
    rows,
    cols: D,
    classes,
    form,
    divisor,
    order,
    scale,
    shift,
    labels,
    soft: soft ? arena.floats(rows * classes).offset : undefined,
    features: form === "bytes" ? arena.take(rows * D, 1) : arena.floats(rows * D).offset,
  };
}
