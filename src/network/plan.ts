// The memory of a session as a value: where every array of a training step lies. Computed from the network, the batch size
// and the data's form alone, so it is the same in every engine. Nothing is allocated here.
//
// Rows of every float matrix are padded to 16 elements, and W and dW also have rows up to that multiple. Padding is zero
// and stays zero (while the numbers are finite), so an engine may sweep whole vectors; sums never run over padding.
import type { Activation, Network } from "./network.ts";

/** A matrix inside a typed array: element (i, j) at offset + i·stride + j. The offset counts elements, not bytes. */
export type View = { readonly offset: number; readonly rows: number; readonly cols: number; readonly stride: number };

/** A run of elements. */
export type Span = { readonly offset: number; readonly length: number };

/** What layer l reads and writes; its `input` is the very view that layer l − 1 calls `output`. */
export type Layer = {
  readonly activation: Activation; // "identity" for l = L
  readonly input: View; //            a_{l−1}                            [B×I]
  readonly W: View; //                W_l                                [I×O]
  readonly b: View; //                b_l                                [1×O]
  readonly output: View; //           a_l = σ(z_l); for l = L the logits [B×O]
  readonly delta: View; //            δ^l = ∂ℓ/∂z_l                      [B×O]
  readonly dW: View; //               ∇W_l                               [I×O]
  readonly db: View; //               ∇b_l                               [1×O]
};

/** One mini-batch: everything the row pass reads and writes. A slice of rows has the same type. */
export type Batch = {
  readonly input: View; //       X                    [B×D]
  readonly targets: View; //     y, class weights in  [B×C]
  readonly losses: View; //      ℓ, in doubles        [B×1]
  readonly predictions: View; // argmax, in integers  [B×1]
  readonly layers: readonly Layer[];
  readonly inputDelta?: View; // ∂ℓ/∂x, where asked for  [B×D]
};

/** The examples in memory, and how a label becomes a target row. */
export type Examples = {
  readonly rows: number; //                   N
  readonly cols: number; //                   D
  readonly classes: number; //                C
  readonly form: "bytes" | "floats";
  readonly divisor: number; //                bytes are divided by it; 1 for floats
  readonly features: number; //               [N×D], in bytes or floats, no padding
  readonly labels: number; //                 [N], in integers
  readonly soft: number | undefined; //       [N×C] probability rows, in floats
  readonly order: number; //                  [capacity] row numbers, in integers
  readonly scale: number; //                  [C], in doubles: t_c = scale_c · y_c + shift_c
  readonly shift: number; //                  [C], in doubles
};

/** What a session's memory must hold. */
export type PlanRequest = {
  readonly network: Network;
  readonly batchSize: number;
  readonly states: 0 | 1 | 2; //      arrays an optimizer keeps beside the parameters
  readonly capacity: number; //       longest order walked in one call
  readonly rows: number; //           N
  readonly form: "bytes" | "floats";
  readonly divisor: number;
  readonly soft: boolean;
  readonly inputDelta?: boolean; //   room for ∂ℓ/∂x; false
  readonly arithmetic?: Arithmetic; // "exact"
  readonly scratchBytes?: number; //  an engine's private room, last, so that no other offset depends on it
};

export type Plan = {
  readonly network: Network;
  readonly batchSize: number;
  readonly capacity: number;
  readonly floatBytes: 4 | 8;
  readonly arithmetic: Arithmetic;
  readonly control: Span; //                  integers: barrier, progress, failure
  readonly parameters: Span; //               θ, all layers, padded
  readonly gradients: Span; //                ∇θ, laid out like θ
  readonly states: readonly Span[]; //        the optimizer's arrays, laid out like θ
  readonly coefficients: Span; //             COEFFICIENTS floats a step
  readonly losses: Span; //                   doubles, by position in the order
  readonly predictions: Span; //              integers, by position in the order
  readonly examples: Examples;
  readonly batch: Batch; //                   of a step, B rows
  readonly evaluated: Batch; //               of a forward pass that no step follows: the same memory, and rows after it
  readonly scratch: Span; //                  bytes
  readonly bytes: number;
};

/** Sums as reference.ts rounds them, the same everywhere; or products and sums rounded once, faster, and no two machines alike. */
export const ARITHMETICS = ["exact", "fused"] as const;
export type Arithmetic = (typeof ARITHMETICS)[number];

export const PAD = 16; //           elements: one cache line of float32
export const COEFFICIENTS = 8; //   floats a step for the optimizer
/** Where each of them stands; training/optimizer.ts computes them, `enum coefficient` of native/kernels.h has the same places. */
export const COEFFICIENT = {
  rate: 0, //           η; adam, adamw: η/(1 − β₁ᵗ)
  decay: 1, //          λ; adamw: ηλ
  momentum: 2, //       μ of momentum and nesterov
  beta1: 2, //          β₁ of adam and adamw, in the same place
  oneMinusBeta1: 3,
  beta2: 4,
  oneMinusBeta2: 5,
  epsilon: 6, //        ε
  correction: 7, //     κ = 1/√(1 − β₂ᵗ)
} as const;
export const MOST_THREADS = 256;
const CONTROL_WORDS = PAD * (1 + MOST_THREADS); // a line for the crew, and one for each thread
const RESERVED = 4096; //           bytes at address 0 for an engine's constants
const LINE = 64; //                 bytes
const FORWARD_ROWS = 512; //        of an evaluation: what W costs to read is small then, whatever B is
const FORWARD_ROOM = 2 ** 21; //    and at most so many floats

export const padded = (n: number): number => Math.ceil(n / PAD) * PAD;

/** Rows of one forward pass, of all threads together: B, or more where an evaluation has them and they fit. */
export function forwardRows(request: Pick<PlanRequest, "network" | "batchSize" | "capacity">): number {
  const { network, batchSize, capacity } = request;
  const [D, ...outputs] = network.layers as [number, ...number[]];
  const width = padded(D) + padded(outputs.at(-1)!) + 2 * outputs.reduce((sum, O) => sum + padded(O), 0);
  return Math.max(batchSize, Math.min(FORWARD_ROWS, capacity, Math.floor(FORWARD_ROOM / width)));
}

/** Lay out a session's memory for float32 (4) or float64 (8) arithmetic. */
export function planSession(request: PlanRequest, floatBytes: 4 | 8): Plan {
  const { network, batchSize: B, capacity, rows, form, arithmetic = "exact" } = request;
  const { layers } = network;
  const C = layers.at(-1)!;
  const D = layers[0]!;
  let top = RESERVED;
  const take = (count: number, bytes: number): number => {
    const at = top;
    top = Math.ceil((top + count * bytes) / LINE) * LINE;
    return at / bytes;
  };
  const span = (length: number, bytes: number): Span => ({ offset: take(length, bytes), length });
  const matrix = (r: number, c: number): View => ({
    offset: take(r * padded(c), floatBytes),
    rows: r,
    cols: c,
    stride: padded(c),
  });

  const control = span(CONTROL_WORDS, 4);
  const places = layers.slice(1).map((O, l) => ({ I: layers[l]!, O, words: (padded(layers[l]!) + 1) * padded(O) }));
  const blockLength = places.reduce((sum, { words }) => sum + words, 0);
  const parameters = span(blockLength, floatBytes);
  const gradients = span(blockLength, floatBytes);
  const states = Array.from({ length: request.states }, () => span(blockLength, floatBytes));
  const weightViews = (block: Span) => {
    let at = block.offset;
    return places.map(({ I, O, words }) => {
      const W: View = { offset: at, rows: I, cols: O, stride: padded(O) };
      const b: View = { offset: at + padded(I) * padded(O), rows: 1, cols: O, stride: padded(O) };
      at += words;
      return { W, b };
    });
  };
  const theta = weightViews(parameters);
  const grads = weightViews(gradients);
  const most = forwardRows(request);
  const features = matrix(most, D);
  const activations = places.map(({ O }) => matrix(most, O));
  const errors = places.map(({ O }) => matrix(most, O));
  const targets = matrix(most, C);
  const loss: View = { offset: take(most, 8), rows: most, cols: 1, stride: 1 };
  const prediction: View = { offset: take(most, 4), rows: most, cols: 1, stride: 1 };
  const batchOf = (rows: number): Batch => {
    const [input, ...outputs] = [features, ...activations].map((view) => ({ ...view, rows })) as [View, ...View[]];
    return {
      input,
      targets: { ...targets, rows },
      losses: { ...loss, rows },
      predictions: { ...prediction, rows },
      layers: places.map((_, l) => ({
        activation: l === places.length - 1 ? "identity" : network.activation,
        input: l === 0 ? input : outputs[l - 1]!,
        W: theta[l]!.W,
        b: theta[l]!.b,
        output: outputs[l]!,
        delta: { ...errors[l]!, rows },
        dW: grads[l]!.W,
        db: grads[l]!.b,
      })),
    };
  };
  const layered = batchOf(B);
  const coefficients = span(Math.ceil(capacity / B) * COEFFICIENTS, floatBytes);
  const losses = span(capacity, 8);
  const predictions = span(capacity, 4);
  const examples: Examples = {
    rows,
    cols: D,
    classes: C,
    form,
    divisor: request.divisor,
    order: take(capacity, 4),
    scale: take(C, 8),
    shift: take(C, 8),
    labels: take(rows, 4),
    soft: request.soft ? take(rows * C, floatBytes) : undefined,
    features: take(rows * D, form === "bytes" ? 1 : floatBytes),
  };
  const batch = request.inputDelta ? { ...layered, inputDelta: matrix(B, D) } : layered; // after all else: no other offset depends on it
  const scratch = span(request.scratchBytes ?? 0, 1);
  return {
    ...{ network, batchSize: B, capacity, floatBytes, arithmetic, control, parameters, gradients, states },
    ...{ coefficients, losses, predictions, examples, batch, evaluated: batchOf(most), scratch, bytes: top },
  };
}
