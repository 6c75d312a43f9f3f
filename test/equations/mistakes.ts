// Classic mistakes, planted one at a time: in the kernels (through `wrap` of referenceImplementation) or in one of the
// note's formulas. Loops are plain on purpose; only the mistake differs from the reference.
import { BALLS, exact } from "../../src/equations/ball.ts";
import { type Formulas, NOTE } from "../../src/equations/formulas.ts";
import { betweenOver } from "../../src/gradients/between-layers.ts";
import { DELTA_ANSWERS, type DeltaAnswers } from "../../src/gradients/delta-answers.ts";
import { exampleNormsOver } from "../../src/gradients/example-norms.ts";
import { frontOver } from "../../src/gradients/front-scale-kernels.ts";
import type { BetweenKernels, DrawKernels, FrontKernels, Kernels, LimitKernels } from "../../src/gradients/kernels.ts";
import { limitsOver } from "../../src/gradients/limits.ts";
import { mixOver } from "../../src/gradients/mixed-rows.ts";
import { drawsOver } from "../../src/gradients/row-draws.ts";
import type { LossName } from "../../src/network/losses.ts";
import type { Floats, Memory } from "../../src/network/memory.ts";
import type { SlopeKeeper } from "../../src/network/network.ts";
import type { Plan, View } from "../../src/network/plan.ts";
import { WARP_NUMBER, WARP_NUMBERS } from "../../src/network/warp.ts";
import { exp, log, tanh } from "../../src/numerics/exp-log.ts";
import { softplus } from "../../src/numerics/expm1-log1p.ts";
import { normalCdf } from "../../src/numerics/normal.ts";
import { nextWord } from "../../src/privacy/private-draws.ts";

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

const kernel =
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
const at = ({ offset, stride }: View, i: number, j: number): number => offset + i * stride + j;

/** f[view] ← value(i, j). */
function fill({ floats: f }: Memory, view: View, value: (i: number, j: number) => number): void {
  for (let i = 0; i < view.rows; i++) for (let j = 0; j < view.cols; j++) f[at(view, i, j)] = value(i, j);
}

const scale = (memory: Memory, view: View, by: number): void =>
  fill(memory, view, (i, j) => memory.floats[at(view, i, j)]! * by);

/** Which layer of the plan a view of δ belongs to, from 0. */
const layerOf = (plan: Plan, delta: View): number =>
  plan.batch.layers.findIndex((l) => l.delta.offset === delta.offset);

/** A kernel of ‖g_i‖² with another product of ‖a_{l−1}‖² and ‖δ^l‖². */
const norms = (product: (a: number, d: number, B: number) => number) =>
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
const numbersChanged = (change: (numbers: Floats) => void) =>
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
const limits =
  (change: (own: LimitKernels, memory: Memory) => Partial<LimitKernels>) =>
  (k: Kernels, memory: Memory): Kernels => ({ ...k, limits: change(limitsOver(memory), memory) });

/** Dropout and noise, with one kernel wrong. */
const draws =
  (change: (own: DrawKernels, memory: Memory, plan: Plan) => Partial<DrawKernels>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => ({ ...k, draws: change(drawsOver(memory), memory, plan) });

/** Mixed rows, with the kernel wrong. */
const mixing =
  (change: (own: NonNullable<Kernels["mix"]>, memory: Memory, plan: Plan) => NonNullable<Kernels["mix"]>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => ({ ...k, mix: change(mixOver(memory), memory, plan) });

/** A scale of the inputs, with one kernel wrong. */
const front =
  (change: (own: FrontKernels, plan: Plan, memory: Memory) => Partial<FrontKernels>) =>
  (k: Kernels, memory: Memory, plan: Plan): Kernels => ({ ...k, front: change(frontOver(memory), plan, memory) });

/** Layer normalization and residuals, with one kernel wrong. */
const between =
  (change: (own: BetweenKernels, memory: Memory) => Partial<BetweenKernels>) =>
  (k: Kernels, memory: Memory): Kernels => ({ ...k, between: change(betweenOver(memory), memory) });

/** δ through a normalization as `wrong` has it, of p = γη, n, their means and 1/√(v + ε). */
const denormalized = (wrong: (p: number, n: number, m1: number, m2: number, inverse: number) => number) =>
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

const LOSS_ROWS = ["X22", "X23", "X24", "X25", "X26", "X27", "X28", "X29"];
/** δ instead of `delta`, for the output z and the target t among C outputs. */
type WrongDelta = (delta: number, z: number, t: number, C: number) => number;
const p = (z: number): number => 1 / (1 + exp(-z));

const SOFTMAX_ONLY = "E1 E4 E5 E6 E7";
const ABOVE = "E3 E8 E9 E10 E11 E13 E14 E19 E23 E24 E25"; // what the last layer alone decides

export const MISTAKES: readonly Mistake[] = [
  {
    name: "σ′(0) = 1",
    red: "E16 E17 E20 E26 E29 E32 E33 X1",
    green: `E1 E2 ${ABOVE} X3 X4 X5 X10`,
    wrap: kernel((k, { floats: f }) => ({
      backpropagate(below, delta, W, output, activation) {
        k.backpropagate(below, delta, W, output, activation);
        if (activation !== "relu") return;
        for (let i = 0; i < below.rows; i++)
          for (let j = 0; j < below.cols; j++) {
            if (f[at(output, i, j)] !== 0) continue;
            let sum = 0;
            for (let o = 0; o < W.cols; o++) sum += f[at(delta, i, o)]! * f[at(W, j, o)]!;
            f[at(below, i, j)] = sum;
          }
      },
    })),
  },
  {
    name: "no 1/B",
    red: "E35 E36 E37 X22 X23 X24 X25 X26 X27 X28 X29",
    green: `E1 E2 ${ABOVE} E16 E17 E18 E20 E21 E22 E26 E34 X1 X10`,
    wrap: kernel((k, memory) => ({
      weightGradient(dW, input, delta) {
        k.weightGradient(dW, input, delta);
        scale(memory, dW, delta.rows);
      },
      biasGradient(db, delta) {
        k.biasGradient(db, delta);
        scale(memory, db, delta.rows);
      },
    })),
  },
  {
    name: "1/B twice, in the weights",
    red: "E35 E37",
    green: `E1 E2 ${ABOVE} E21 E22 E34 E36 X1 X11`,
    wrap: kernel((k, memory) => ({
      weightGradient(dW, input, delta) {
        k.weightGradient(dW, input, delta);
        scale(memory, dW, 1 / delta.rows);
      },
    })),
  },
  {
    name: "the last partial batch divided by the full B",
    red: "E36 E37",
    green: `E1 E2 ${ABOVE} E21 E22 E34 X1 X9`,
    wrap: kernel((k, memory, { batchSize }) => ({
      weightGradient(dW, input, delta) {
        k.weightGradient(dW, input, delta);
        scale(memory, dW, delta.rows / batchSize);
      },
      biasGradient(db, delta) {
        k.biasGradient(db, delta);
        scale(memory, db, delta.rows / batchSize);
      },
    })),
  },
  {
    name: "Wᵀ forgotten: W where Wᵀ is meant",
    red: "E17 E20 E26 E27 E28 E29 E32 E34",
    green: `E1 E2 ${ABOVE} E12 E14 E15 X10 X13`,
    wrap: kernel((k, memory) => ({
      backpropagate(below, delta, W, output, activation) {
        if (W.rows !== W.cols) return k.backpropagate(below, delta, W, output, activation);
        const { floats: f } = memory;
        fill(memory, below, (i, j) => {
          let sum = 0;
          for (let o = 0; o < W.cols; o++) sum += f[at(delta, i, o)]! * f[at(W, o, j)]!;
          return f[at(output, i, j)]! > 0 ? sum : 0;
        });
      },
    })),
  },
  {
    name: "δ without − y",
    red: "E8 E10 E11 E13 E19 E23 E24 E25 X6 X7 X8",
    green: "E1 E2 E3 E4 E5 E6 E7 E9 E14 E15 E17 X10 X14",
    wrap: kernel((k, memory) => ({
      outputDelta(loss, delta, losses, predictions, logits, targets) {
        k.outputDelta(loss, delta, losses, predictions, logits, targets);
        if (loss.name !== "softmax-cross-entropy") return;
        const { floats: f } = memory;
        fill(memory, delta, (i, j) => f[at(delta, i, j)]! + f[at(targets, i, j)]!);
      },
    })),
  },
  {
    name: "y − S: the sign of δ turned",
    red: "E3 E8 E10 E13 E23 E24 E25 E34",
    green: "E1 E2 E9 E14 E15 E17 X10",
    wrap: kernel((k, memory) => ({
      outputDelta(loss, delta, losses, predictions, logits, targets) {
        k.outputDelta(loss, delta, losses, predictions, logits, targets);
        if (loss.name !== "softmax-cross-entropy") return;
        scale(memory, delta, -1);
      },
    })),
  },
  {
    name: "softmax without the shift",
    red: "E2 E3 E8",
    green: "E1 E9 E10 E13 E17 E20 E34 E37 X1 X6",
    wrap: kernel((k, memory) => ({
      outputDelta(loss, delta, losses, predictions, logits, targets) {
        k.outputDelta(loss, delta, losses, predictions, logits, targets);
        if (loss.name !== "softmax-cross-entropy") return;
        const { floats: f, doubles } = memory;
        for (let i = 0; i < logits.rows; i++) {
          let [sum, mass, loss] = [0, 0, 0];
          for (let c = 0; c < logits.cols; c++) sum += exp(f[at(logits, i, c)]!);
          for (let c = 0; c < logits.cols; c++) mass += f[at(targets, i, c)]!;
          for (let c = 0; c < logits.cols; c++) {
            const t = f[at(targets, i, c)]!;
            if (t !== 0) loss -= t * log(exp(f[at(logits, i, c)]!) / sum);
            f[at(delta, i, c)] = mass * (exp(f[at(logits, i, c)]!) / sum) - t;
          }
          doubles[losses.offset + i] = loss;
        }
      },
    })),
  },
  {
    name: "log of a clipped probability",
    red: "E2",
    green: `${SOFTMAX_ONLY} ${ABOVE} E17 E34 E36 E37 X1`,
    wrap: kernel((k, { floats: f, doubles }) => ({
      outputDelta(loss, delta, losses, predictions, logits, targets) {
        k.outputDelta(loss, delta, losses, predictions, logits, targets);
        if (loss.name !== "softmax-cross-entropy") return;
        for (let i = 0; i < logits.rows; i++) {
          const sum = Array.from({ length: targets.cols }, (_, c) => f[at(targets, i, c)]!).reduce((x, y) => x + y, 0);
          doubles[losses.offset + i] = Math.min(doubles[losses.offset + i]!, -sum * log(1e-12));
        }
      },
    })),
  },
  {
    name: "bias not summed over the batch",
    red: "E35 E36",
    green: `E1 E2 ${ABOVE} E16 E21 E22 E33 E37 X1 X10`,
    wrap: kernel((_, memory) => ({
      biasGradient(db, delta) {
        fill(memory, db, (_, j) => memory.floats[at(delta, 0, j)]! / delta.rows);
      },
    })),
  },
  {
    name: "bias not added",
    red: "E2 E9",
    green: "E1 E4 E5 E7 E14 E17 X1 X3 X10",
    wrap: kernel((k, memory) => ({
      dense(output, input, W, b, activation) {
        const kept = memory.floats.slice(b.offset, b.offset + b.cols);
        memory.floats.fill(0, b.offset, b.offset + b.cols);
        k.dense(output, input, W, b, activation);
        memory.floats.set(kept, b.offset);
      },
    })),
  },
  {
    name: "∇W from the activation above instead of below",
    red: "E18 E22 E28 E31 E37",
    green: "E1 E2 E3 E8 E9 E10 E11 E17 E20 E21 E23 E24 E27 E33 E36 X1 X10",
    wrap: kernel((k, _, plan) => ({
      weightGradient(dW, input, delta) {
        const above = plan.batch.layers[layerOf(plan, delta)]!.output;
        const square = dW.rows === dW.cols && input.cols === above.cols;
        k.weightGradient(dW, square ? { ...above, rows: delta.rows } : input, delta);
      },
    })),
  },
  {
    name: "a transposed outer product, δᵀσ(z)",
    red: "E18 E22 E28 E31 E37",
    green: "E1 E2 E3 E8 E9 E10 E11 E17 E20 E21 E23 E24 E27 E33 E36 X1 X10",
    wrap: kernel((k, _) => ({
      weightGradient(dW, input, delta) {
        if (dW.rows === dW.cols && input.cols === delta.cols) k.weightGradient(dW, delta, input);
        else k.weightGradient(dW, input, delta);
      },
    })),
  },
  {
    name: "σ′ of the layer above",
    red: "E17 E20 E29 E32",
    green: `E1 E2 ${ABOVE} E12 E16 E26 E27 E28 X1 X10`,
    wrap: kernel((k, _, plan) => ({
      backpropagate(below, delta, W, output, activation) {
        const above = plan.batch.layers[layerOf(plan, delta)]!;
        const wrong = above.activation === activation && above.output.cols === output.cols;
        k.backpropagate(below, delta, W, wrong ? { ...above.output, rows: output.rows } : output, activation);
      },
    })),
  },
  {
    name: "the mask forgotten",
    red: "E16 E17 E20 E26 E29 E32 E33 X1",
    green: `E1 E2 ${ABOVE} E12 E15 X5 X10`,
    wrap: kernel((k) => ({
      backpropagate: (below, delta, W, output) => k.backpropagate(below, delta, W, output, "identity"),
    })),
  },
  {
    name: "tanh′ taken as 1 − a",
    activation: "tanh",
    red: "E16 E17 E20 E26 X3",
    green: `E1 E2 ${ABOVE} E12 E15 X1 X2 X4 X5 X10`,
    wrap: kernel((k, memory) => ({
      backpropagate(below, delta, W, output, activation) {
        k.backpropagate(below, delta, W, output, activation);
        const { floats: f } = memory;
        if (activation === "tanh") fill(memory, below, (i, j) => f[at(below, i, j)]! / (1 + f[at(output, i, j)]!));
      },
    })),
  },
  {
    name: "leaky ReLU's slope forgotten in the backward pass",
    activation: "leaky-relu",
    red: "E16 E17 E20 E26 X2",
    green: `E1 E2 ${ABOVE} E12 E15 X1 X3 X4 X5 X10`,
    wrap: kernel((k) => ({
      backpropagate: (below, delta, W, output, activation) =>
        k.backpropagate(below, delta, W, output, activation === "leaky-relu" ? "relu" : activation),
    })),
  },
  {
    name: "∂ℓ/∂x masked where a pixel is blank, as if the input had a ReLU",
    red: "X15 X32",
    green: `E1 E2 ${ABOVE} E16 E17 E18 E20 E26 E27 E34 E36 E37 X1 X5 X6 X10`,
    wrap: kernel((k, _, { batch }) => ({
      backpropagate(below, delta, W, output, activation) {
        const input = output.offset === batch.input.offset;
        k.backpropagate(below, delta, W, output, input ? "relu" : activation);
      },
    })),
  },
  {
    name: "∂ℓ/∂x of an example divided by B",
    red: "X15 X32",
    green: `E1 E2 ${ABOVE} E16 E17 E18 E20 E26 E27 E34 E36 E37 X1 X5 X6 X10`,
    wrap: kernel((k, memory, { batch }) => ({
      backpropagate(below, delta, W, output, activation) {
        k.backpropagate(below, delta, W, output, activation);
        if (output.offset === batch.input.offset) scale(memory, below, 1 / below.rows);
      },
    })),
  },
  {
    name: "label smoothing without ε/C",
    red: "X7 X8",
    green: `E1 E2 E3 E8 E10 E13 E17 E34 E37 X1 X6 X9 X10`,
    wrap: kernel((k, { doubles }) => ({
      gather(input, targets, examples, from) {
        doubles.fill(0, examples.shift, examples.shift + examples.classes);
        k.gather(input, targets, examples, from);
      },
    })),
  },
  {
    name: "class weights ignored",
    red: "X8",
    green: "E1 E2 E3 E8 E10 E17 E34 E37 X1 X6 X7 X9 X10",
    wrap: kernel((k, { doubles }) => ({
      gather(input, targets, examples, from) {
        const { scale: s, shift, classes: C } = examples;
        const ε = (doubles[shift]! * C) / (doubles[s]! + doubles[shift]! * C);
        doubles.fill(1 - ε, s, s + C);
        doubles.fill(ε / C, shift, shift + C);
        k.gather(input, targets, examples, from);
      },
    })),
  },
  {
    name: "δ of weighted classes as S − t, without Σt",
    red: "X8",
    green: "E1 E2 E3 E8 E10 E17 E34 E37 X1 X7 X9 X10",
    wrap: kernel((k, memory) => ({
      outputDelta(loss, delta, losses, predictions, logits, targets) {
        k.outputDelta(loss, delta, losses, predictions, logits, targets);
        if (loss.name !== "softmax-cross-entropy") return;
        const { floats: f } = memory;
        for (let i = 0; i < delta.rows; i++) {
          let mass = 0;
          for (let c = 0; c < delta.cols; c++) mass += f[at(targets, i, c)]!;
          if (Math.abs(mass - 1) < 1e-6) continue;
          for (let c = 0; c < delta.cols; c++) {
            const t = f[at(targets, i, c)]!;
            f[at(delta, i, c)] = (f[at(delta, i, c)]! + t) / mass - t;
          }
        }
      },
    })),
  },
  {
    name: "weight decay on biases",
    red: "X9 X10 X11 X12 X13 X14",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X8`,
    wrap: kernel((k) => ({
      update: (optimizer, update, coefficients) => k.update(optimizer, { ...update, decays: true }, coefficients),
    })),
  },
  {
    name: "plain descent that forgets the weights' decay",
    red: "X9 X10",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X8 X11 X12 X13 X14`,
    wrap: kernel((k, { floats: f }) => ({
      updateWeights(W, dW, input, delta, coefficients) {
        f[coefficients + 1] = 0;
        k.updateWeights(W, dW, input, delta, coefficients);
      },
    })),
  },
  {
    name: "the sign of the momentum turned",
    red: "X11 X12",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X9 X10 X13 X14`,
    wrap: kernel((k, { floats: f }) => ({
      update(optimizer, update, coefficients) {
        if (optimizer === "momentum" || optimizer === "nesterov") f[coefficients + 2] = -f[coefficients + 2]!;
        k.update(optimizer, update, coefficients);
      },
    })),
  },
  {
    name: "Adam without bias correction",
    red: "X13 X14",
    green: `E1 E2 ${ABOVE} E17 E37 X1 X9 X10 X11 X12`,
    wrap: kernel((k, { floats: f }) => ({
      update(optimizer, update, coefficients) {
        const kept = f[coefficients + 7]!;
        if (optimizer === "adam" || optimizer === "adamw") f[coefficients + 7] = 1;
        k.update(optimizer, update, coefficients);
        f[coefficients + 7] = kept;
      },
    })),
  },
  {
    name: "AdamW's decay put into the gradient, as in Adam",
    red: "X14",
    green: `E1 E2 ${ABOVE} E17 E37 X9 X10 X11 X12 X13`,
    wrap: kernel((k) => ({
      update: (optimizer, update, coefficients) =>
        k.update(optimizer === "adamw" ? "adam" : optimizer, update, coefficients),
    })),
  },
  ...(
    [
      ["σ′ counted twice under sigmoid cross-entropy", "sigmoid-cross-entropy", "X22", (d, z) => d * p(z) * p(-z)],
      ["the labels' weights forgotten in δ", "sigmoid-cross-entropy", "X22", (_, z, t) => p(z) - t],
      ["δ of sigmoid cross-entropy under the focal loss", "focal", "X23", (_, z, t) => p(z) - t],
      ["the sign of z − t turned", "squared-error", "X24", (d) => -d],
      ["the mean over outputs instead of their sum", "squared-error", "X24", (d, _z, _t, C) => d / C],
      ["δ of squared error under absolute error", "absolute-error", "X25", (_, z, t) => z - t],
      ["δ of squared error under the Huber loss", "huber", "X26", (_, z, t) => z - t],
      ["a quantile's level turned round", "quantile", "X27", (d) => (d > 0 ? 1 - d : -1 - d)],
      ["Poisson's mean taken as z, not e^z", "poisson", "X28", (_, z, t) => z - t],
      ["the variance's δ without its square", "gaussian", "X29", (d) => (d > 0 ? 0.5 : d)],
    ] as const satisfies readonly (readonly [string, LossName, string, WrongDelta])[]
  ).map(
    ([name, loss, red, wrong]: readonly [string, LossName, string, WrongDelta]): Mistake => ({
      name,
      red,
      green: `E1 E2 ${ABOVE} E17 E36 X1 X10 ${LOSS_ROWS.filter((id) => id !== red).join(" ")}`,
      wrap: kernel((k, memory) => ({
        outputDelta(planned, delta, losses, predictions, output, targets) {
          k.outputDelta(planned, delta, losses, predictions, output, targets);
          if (planned.name !== loss) return;
          const { floats: f } = memory;
          fill(memory, delta, (i, c) =>
            wrong(
              f[at(delta, i, c)]!,
              f[at(output, i, c)]!,
              f[at(targets, i, Math.floor(c / planned.perTarget))]!,
              output.cols,
            ),
          );
        },
      })),
    }),
  ),
  ...(
    [
      ["GELU′ without z φ(z)", "gelu", "X18", (z) => normalCdf(z)],
      ["SiLU′ without z p (1 − p)", "silu", "X19", (z) => p(z)],
      ["Mish′ without z (1 − t²) p", "mish", "X20", (z) => tanh(softplus(z))],
    ] as const satisfies readonly (readonly [string, SlopeKeeper, string, (z: number) => number])[]
  ).map(
    ([name, σ, red, slope]: readonly [string, SlopeKeeper, string, (z: number) => number]): Mistake => ({
      name,
      red,
      green: `E1 E2 ${ABOVE} E17 E36 X1 X10 X16 X17 X21 X22`,
      wrap: kernel((k, memory) => ({
        activate(output, slopes, activation) {
          const z = Float64Array.from({ length: output.rows * output.cols }, (_, n) => {
            return memory.floats[at(output, Math.floor(n / output.cols), n % output.cols)]!;
          });
          k.activate(output, slopes, activation);
          if (activation === σ) fill(memory, slopes, (i, j) => slope(z[i * output.cols + j]!));
        },
      })),
    }),
  ),
  ...(
    [
      ["SELU′ without α below 0", "selu", "X16", "leaky-relu"],
      ["ELU′ taken as 1", "elu", "X17", "identity"],
      ["softplus′ taken as 1", "softplus", "X21", "identity"],
    ] as const
  ).map(
    ([name, σ, red, instead]): Mistake => ({
      name,
      red,
      green: `E1 E2 ${ABOVE} E17 E36 X1 X10 X18 X19 X20 X22`,
      wrap: kernel((k) => ({
        backpropagate: (below, delta, W, kept, activation) =>
          k.backpropagate(below, delta, W, kept, activation === σ ? instead : activation),
      })),
    }),
  ),
  {
    name: "the Jacobian's sign: ∂S_i/∂z_k = + S_i S_k",
    red: "E4 E7 E8",
    green: "E1 E2 E3 E5 E6 E9 E10 E13 E17 E34 E37 X1 X6",
    formulas: { ...NOTE, offDiagonal: (Si, Sk) => BALLS.mul(Si, Sk) },
  },
  {
    name: "off-diagonal entries as the note's prose prints them, −S_i S_i",
    red: "E4 E7 E8",
    green: "E1 E2 E3 E5 E6 E9 E10 E13 E17 E34 E37 X1 X6",
    formulas: { ...NOTE, offDiagonal: (Si) => BALLS.neg(BALLS.mul(Si, Si)) },
  },
  {
    name: "the diagonal as S_i (1 + S_i)",
    red: "E5 E7 E8",
    green: "E1 E2 E3 E4 E6 E9 E10 E13 E17 E34 E37 X1 X6",
    formulas: { ...NOTE, diagonal: (Si) => BALLS.mul(Si, BALLS.add(exact(1), Si)) },
  },
  {
    name: "∂ℓ/∂S without its sign",
    red: "E6 E8",
    green: "E1 E2 E3 E4 E5 E7 E9 E10 E13 E17 E34 E37 X1 X6",
    formulas: { ...NOTE, lossBySoftmax: (y, Si) => BALLS.div(y, Si) },
  },
  {
    name: "the weight tensor's indices p and q exchanged",
    red: "E12",
    green: "E1 E2 E3 E8 E9 E10 E11 E13 E14 E15 E16 E17 E34 E37 X1",
    formulas: { ...NOTE, weightTensor: (a, c, p, q) => (c === p ? a[q % a.length]! : exact(0)) },
  },
  {
    name: "∂f/∂σ = W instead of Wᵀ",
    red: "E14 E16",
    green: "E1 E2 E3 E8 E9 E10 E11 E12 E13 E15 E17 E18 E20 E34 E37 X1",
    formulas: { ...NOTE, transpose: (W) => NOTE.transpose(NOTE.transpose(W)) },
  },
  {
    name: "the bias forgotten in ‖g_i‖²",
    red: "X30 X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15`,
    wrap: norms((a, d) => a * d),
  },
  {
    name: "‖g_i‖² of an example divided by B, as the mean's gradient is",
    red: "X30 X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15`,
    wrap: norms((a, d, B) => ((a + 1) * d) / B ** 2),
  },
  {
    name: "‖g_i‖ without its square",
    red: "X30 X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15`,
    wrap: norms((a, d) => Math.sqrt((a + 1) * d)),
  },
  {
    name: "tr Σ divided by n",
    red: "X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15 X30`,
    answers: {
      ...DELTA_ANSWERS,
      gradientNoise(n, squares, mean) {
        const trace = (squares - n * mean) / n;
        return { ...DELTA_ANSWERS.gradientNoise(n, squares, mean), trace, squaredGradient: mean - trace / n };
      },
    },
  },
  {
    name: "‖ḡ‖² taken for ‖G‖²",
    red: "X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15 X30`,
    answers: {
      ...DELTA_ANSWERS,
      gradientNoise: (n, squares, mean) => ({
        ...DELTA_ANSWERS.gradientNoise(n, squares, mean),
        squaredGradient: mean,
      }),
    },
  },
  {
    name: "the elastic displacement left out",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: numbersChanged((n) => n.fill(0, WARP_NUMBER.elastic, WARP_NUMBER.elastic + 1)),
  },
  {
    name: "rows and columns of the fields exchanged",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: numbersChanged((n) => n.subarray(WARP_NUMBER.windowX, WARP_NUMBER.windowY + 1).reverse()),
  },
  {
    name: "the border of an image not counted",
    red: "X47 X48",
    green: `E1 E2 ${ABOVE} X1`,
    wrap: numbersChanged((n) => {
      n[WARP_NUMBER.u0]!--;
    }),
  },
  {
    name: "an image turned the other way",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: numbersChanged((n) => {
      [n[WARP_NUMBER.uy], n[WARP_NUMBER.vx]] = [n[WARP_NUMBER.vx]!, n[WARP_NUMBER.uy]!];
    }),
  },
  {
    name: "pixels of a distorted image left where they were",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: kernel((k, { floats: f }) => ({
      gather(input, targets, examples, from) {
        k.gather(input, targets, examples, from);
        if (!examples.warp) return;
        for (let r = 0; r < input.rows; r++) {
          const n = f.subarray(examples.warp.numbers + (from + r) * WARP_NUMBERS);
          for (const j of [0, 1, 2, 3])
            if (n[WARP_NUMBER.elastic] !== 0)
              f[at(input, r, j)] = f[examples.features + (from + r) * examples.cols + j]!;
        }
      },
    })),
  },
  {
    name: "integrated gradients by eight left end-points",
    red: "X32",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15 X30 X31`,
    answers: {
      ...DELTA_ANSWERS,
      async integrateGradient(step, evaluate, limits) {
        const { gradients } = await evaluate([0, 1, 2, 3, 4, 5, 6, 7].map((k) => k / 8));
        const mean = Float64Array.from(step, (_, j) => gradients.reduce((sum, g) => sum + g[j]! / 8, 0));
        return { ...(await DELTA_ANSWERS.integrateGradient(step, evaluate, limits)), mean };
      },
    },
  },
  {
    name: "the direction of L-BFGS with its steps newest first",
    red: "X51",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X10 X30 X31`,
    answers: { ...DELTA_ANSWERS, descent: (g, steps) => DELTA_ANSWERS.descent(g, steps.toReversed()) },
  },
  {
    name: "the direction of L-BFGS uphill",
    red: "X51",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X10 X30 X31`,
    answers: { ...DELTA_ANSWERS, descent: (g, steps) => DELTA_ANSWERS.descent(g, steps).map((d) => -d) },
  },
  {
    name: "the direction of L-BFGS without the oldest step",
    red: "X51",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X10 X30 X31`,
    answers: { ...DELTA_ANSWERS, descent: (g, steps) => DELTA_ANSWERS.descent(g, steps.slice(1)) },
  },
  {
    name: "⟨g_i, g_j⟩ without the biases",
    red: "X44",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X45 X46`,
    answers: {
      ...DELTA_ANSWERS,
      gradientProduct(layers, n, i, j) {
        const biases = layers.reduce((sum, { delta }) => sum + dot(rowAt(delta, n, i), rowAt(delta, n, j)), 0);
        return DELTA_ANSWERS.gradientProduct(layers, n, i, j) - biases;
      },
    },
  },
  {
    name: "⟨g_i, g_j⟩ of the last layer alone",
    red: "X44",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X45 X46`,
    answers: {
      ...DELTA_ANSWERS,
      gradientProduct: (layers, n, i, j) => DELTA_ANSWERS.gradientProduct(layers.slice(-1), n, i, j),
    },
  },
  {
    name: "eigenvalues of A ⊗ S instead of the gradients' own second moments",
    red: "X45",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X46`,
    answers: {
      ...DELTA_ANSWERS,
      async kroneckerCurvature(rows, product) {
        const found = await DELTA_ANSWERS.kroneckerCurvature(rows, product);
        const O = Math.sqrt(found.outputs.length);
        const K = found.eigenvalues.length / O;
        const [s, t] = [new Float64Array(K), new Float64Array(O)];
        found.eigenvalues.forEach((value, at) => {
          s[Math.floor(at / O)]! += value;
          t[at % O]! += value;
        });
        const whole = s.reduce((sum, value) => sum + value, 0);
        return {
          ...found,
          eigenvalues: found.eigenvalues.map((_, at) => (s[Math.floor(at / O)]! * t[at % O]!) / whole),
        };
      },
    },
  },
  {
    name: "curvature without the coordinate of the biases",
    red: "X45",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X46`,
    answers: {
      ...DELTA_ANSWERS,
      curvatureProduct(curvature, damping, one, other) {
        const K = one.input.length + 1;
        const inputs = curvature.inputs.map((value, at) => (at % K === K - 1 ? 0 : value));
        return DELTA_ANSWERS.curvatureProduct({ ...curvature, inputs }, damping, one, other);
      },
    },
  },
  {
    name: "twice the damping",
    red: "X45",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X46`,
    answers: {
      ...DELTA_ANSWERS,
      curvatureProduct: (curvature, damping, one, other) =>
        DELTA_ANSWERS.curvatureProduct(curvature, 2 * damping, one, other),
    },
  },
  {
    name: "representer values not divided by n",
    red: "X46",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X45`,
    answers: {
      ...DELTA_ANSWERS,
      representerValue: (rows, n, ...rest) => n * DELTA_ANSWERS.representerValue(rows, n, ...rest),
    },
  },
  {
    name: "representer values with the error's sign",
    red: "X46",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X45`,
    answers: { ...DELTA_ANSWERS, representerValue: (...all) => -DELTA_ANSWERS.representerValue(...all) },
  },
  {
    name: "the gradient clipped by the square of its factor",
    red: "X33",
    green: `E17 E36 E37 X10 X30 X34 X35`,
    wrap: limits((l) => ({ clip: (span, factor) => l.clip(span, factor * factor) })),
  },
  {
    name: "‖∇W‖² of the even rows alone",
    red: "X33",
    green: `E17 E36 E37 X10 X30 X34 X35`,
    wrap: limits((l, { doubles }) => ({
      squares(squares, dW) {
        l.squares(squares, dW);
        for (let k = 1; k < dW.rows; k += 2) doubles[squares.offset + k] = 0;
      },
    })),
  },
  {
    name: "the L1 penalty's step beyond 0",
    red: "X34",
    green: `E17 E36 E37 X10 X30 X33 X35`,
    wrap: limits((_, { floats: f }) => ({
      shrink({ offset, length }, by) {
        for (let i = offset; i < offset + length; i++) f[i]! -= by * Math.sign(f[i]!);
      },
    })),
  },
  {
    name: "every unit's weights held as one vector",
    red: "X35",
    green: `E17 E36 E37 X10 X30 X33 X34`,
    wrap: limits((_, { floats: f }) => ({
      holdUnits(W, most) {
        let sum = 0;
        for (let k = 0; k < W.rows; k++) for (let o = 0; o < W.cols; o++) sum += f[at(W, k, o)]! ** 2;
        const factor = Math.min(1, most / Math.sqrt(sum));
        for (let k = 0; k < W.rows; k++) for (let o = 0; o < W.cols; o++) f[at(W, k, o)]! *= factor;
      },
    })),
  },
  {
    name: "dropout without 1/(1 − p)",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws((own, { floats: f }) => ({
      drop(passed, mask, ...more) {
        own.drop(passed, mask, ...more);
        for (const view of [passed, mask])
          for (let r = 0; r < view.rows; r++) for (let o = 0; o < view.cols; o++) f[at(view, r, o)]! *= 0.7;
      },
    })),
  },
  {
    name: "the mask of the place in the batch on the inputs, not of the example",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws((own, { integers }, plan) => ({
      drop(passed, mask, output, planned, place, layer) {
        const numbers = integers.slice(planned.examples, planned.examples + output.rows);
        if (mask.offset === plan.batch.inputMask?.offset)
          for (let r = 0; r < output.rows; r++) integers[planned.examples + r] = r;
        own.drop(passed, mask, output, planned, place, layer);
        integers.set(numbers, planned.examples);
      },
    })),
  },
  {
    name: "δ not masked as a was",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws(() => ({ mask: () => {} })),
  },
  {
    name: "one mask for every layer",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws((own) => ({
      drop: (passed, mask, output, planned, place) => own.drop(passed, mask, output, planned, place, 0),
    })),
  },
  {
    name: "the noise of the place in the batch, not of the example",
    red: "X37",
    green: "E17 E36 E37 X10 X30 X33 X36",
    wrap: draws((own, { integers }) => ({
      addNoise(input, planned, place) {
        const numbers = integers.slice(planned.examples, planned.examples + input.rows);
        for (let r = 0; r < input.rows; r++) integers[planned.examples + r] = r;
        own.addNoise(input, planned, place);
        integers.set(numbers, planned.examples);
      },
    })),
  },
  {
    name: "noise in evaluation, too",
    red: "X37",
    green: "E17 E36 E37 X10 X30 X33 X36",
    wrap: draws((own) => ({
      addNoise: (input, planned, { at }) => own.addNoise(input, planned, { epoch: 3, at }),
    })),
  },
  {
    name: "the shares of the mean and of the newest parameters exchanged",
    red: "X38",
    green: "E17 E36 E37 X10 X11 X33 X36",
    wrap: limits((own) => ({ average: (mean, θ, share) => own.average(mean, θ, 1 - share) })),
  },
  {
    name: "a mean from 0, whose first share is small, too",
    red: "X38",
    green: "E17 E36 E37 X10 X11 X33 X36",
    wrap: limits((own) => ({ average: (mean, θ, share) => own.average(mean, θ, Math.min(share, 0.6)) })),
  },
  {
    name: "∇s of the scaled inputs",
    red: "X39",
    green: "E17 E36 E37 X10 X15 X33 X36",
    wrap: front((own, plan) => ({
      scaleGradient(g, input, delta) {
        const { scaled = input } = plan.batch.front ?? {};
        own.scaleGradient(g, { ...scaled, rows: delta.rows, cols: g.cols }, delta);
      },
    })),
  },
  ...(
    [
      ["δ through a normalization without the mean's part", denormalized((p, n, _, m2, s) => s * (p - n * m2))],
      ["δ through a normalization without the variance's part", denormalized((p, _n, m1, _, s) => s * (p - m1))],
      ["the deviation forgotten in δ", denormalized((p, n, m1, m2) => p - m1 - n * m2)],
      [
        "the variance divided by O − 1",
        between((own, { floats: f, doubles }) => ({
          normalize(output, gain, offset, kept) {
            own.normalize(output, gain, offset, kept);
            const O = output.cols;
            for (let r = 0; kept && r < output.rows; r++) {
              doubles[at(kept.inverses, r, 0)]! *= Math.sqrt((O - 1) / O);
              for (let j = 0; j < O; j++) {
                f[at(kept.normalized, r, j)]! *= Math.sqrt((O - 1) / O);
                f[at(output, r, j)] = f[at(gain, 0, j)]! * f[at(kept.normalized, r, j)]! + f[at(offset, 0, j)]!;
              }
            }
          },
        })),
      ],
      [
        "the gain forgotten in δ",
        between((own, { floats: f }) => ({
          denormalize(delta, above, gain, kept) {
            const γ = f.slice(gain.offset, gain.offset + gain.cols);
            f.fill(1, gain.offset, gain.offset + gain.cols);
            own.denormalize(delta, above, gain, kept);
            f.set(γ, gain.offset);
          },
        })),
      ],
      [
        "∇γ without n",
        front((own, plan, { floats: f }) => ({
          scaleGradient(g, input, delta) {
            const norm = plan.batch.layers.some(({ norm }) => norm?.step?.normalized.offset === input.offset);
            if (norm) fill({ floats: f } as Memory, input, () => 1);
            own.scaleGradient(g, input, delta);
          },
        })),
      ],
    ] as const
  ).map(
    ([name, wrap]): Mistake => ({ name, red: "X49", green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X30 X36 X39 X50`, wrap }),
  ),
  ...(
    [
      ["the gradient of a residual path left out", 0],
      ["the gradient of a residual path counted twice", 2],
    ] as const
  ).map(
    ([name, times]): Mistake => ({
      name,
      red: "X50",
      green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X30 X36 X39 X49`,
      wrap: (k, memory, plan) => ({
        ...k,
        between: {
          join(sum, x, y) {
            const { join } = betweenOver(memory);
            const back = plan.batch.layers.some(({ joined }) => joined?.offset === y.offset);
            for (let n = 0; n < (back ? times : 1); n++) join(sum, n === 0 ? x : sum, y);
          },
        },
      }),
    }),
  ),
  {
    name: "∇s not divided by B",
    red: "X39",
    green: "E17 E36 E37 X10 X15 X33 X36",
    wrap: front((own, _, { floats: f }) => ({
      scaleGradient(g, input, delta) {
        own.scaleGradient(g, input, delta);
        for (let j = 0; j < g.cols; j++) f[g.offset + j]! *= delta.rows;
      },
    })),
  },
  {
    name: "the scale at the rate of other parameters",
    red: "X39",
    green: "E17 E36 E37 X10 X15 X33 X36",
    wrap: front(() => ({ extend: () => {} })),
  },
  ...(
    [
      [
        "rows mixed and their targets left alone",
        mixing((own, _, plan) => (rows, partners, shares) => {
          if (partners.offset === plan.batch.partners!.input.offset) own(rows, partners, shares);
        }),
      ],
      [
        "targets mixed and their rows left alone",
        mixing((own, _, plan) => (rows, partners, shares) => {
          if (partners.offset === plan.batch.partners!.targets.offset) own(rows, partners, shares);
        }),
      ],
      [
        "λ and 1 − λ exchanged",
        mixing((own, { doubles }) => (rows, partners, shares) => {
          const kept = doubles.slice(shares, shares + rows.rows);
          doubles.set(
            kept.map((share) => 1 - share),
            shares,
          );
          own(rows, partners, shares);
          doubles.set(kept, shares);
        }),
      ],
      [
        "one λ for the whole step",
        mixing((own) => (rows, partners, shares) => {
          for (let r = 0; r < rows.rows; r++) {
            const one = (view: View) => ({ ...view, offset: view.offset + r * view.stride, rows: 1 });
            own(one(rows), one(partners), shares);
          }
        }),
      ],
      [
        "each row mixed with the next",
        mixing((own) => (rows, partners, shares) => {
          for (let r = 0; r < rows.rows; r++) {
            const one = (view: View, row: number) => ({ ...view, offset: view.offset + row * view.stride, rows: 1 });
            own(one(rows, r), one(partners, (r + 1) % rows.rows), shares + r);
          }
        }),
      ],
    ] as const
  ).map(
    ([name, wrap]): Mistake => ({ name, red: "X52", green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X6 X10 X36 X37 X39`, wrap }),
  ),
  {
    name: "the clipped sum divided by the rows that were drawn",
    red: "X40",
    green: `E17 E36 E37 X10 X30 X33 X41 X42 X43`,
    wrap: kernel((k, memory, { clipping }) => ({
      weightGradient(dW, input, delta) {
        k.weightGradient(dW, input, delta);
        if (clipping) scale(memory, dW, clipping.expected / delta.rows);
      },
      biasGradient(db, delta) {
        k.biasGradient(db, delta);
        if (clipping) scale(memory, db, clipping.expected / delta.rows);
      },
    })),
  },
  {
    name: "clipping after the sum: one factor for all rows",
    red: "X40",
    green: `E17 E36 E37 X10 X30 X33 X41 X42 X43`,
    wrap: kernel((_, { floats: f, doubles }, { clipping }) => ({
      exampleNorms(out, input, delta) {
        if (!clipping) return exampleNormsOver({ floats: f, doubles })(out, input, delta);
        let square = 0;
        for (let o = 0; o < delta.cols; o++)
          for (let i = 0; i <= input.cols; i++) {
            let sum = 0;
            for (let r = 0; r < out.rows; r++) sum += (i < input.cols ? f[at(input, r, i)]! : 1) * f[at(delta, r, o)]!;
            square += sum * sum;
          }
        for (let r = 0; r < out.rows; r++) doubles[out.offset + r] = square;
      },
    })),
  },
  {
    name: "noise once a thread, of two",
    red: "X41",
    green: `E17 E36 E37 X10 X30 X33 X40 X42 X43`,
    wrap: kernel((k, _, { clipping }) => ({
      update(optimizer, spans, coefficients) {
        k.update(optimizer, spans, coefficients);
        if (clipping && coefficients === clipping.factor) k.update(optimizer, spans, coefficients);
      },
    })),
  },
  {
    name: "noise on the weights and none on the biases",
    red: "X41",
    green: `E17 E36 E37 X10 X30 X33 X40 X42 X43`,
    wrap: kernel((k, _, { clipping, batch }) => ({
      update(optimizer, spans, coefficients) {
        const biases = batch.layers.some(({ db }) => db.offset === spans.parameters.offset);
        if (!clipping || coefficients !== clipping.factor || !biases) k.update(optimizer, spans, coefficients);
      },
    })),
  },
  {
    name: "sampling by shuffle",
    red: "X42",
    green: `E17 E36 E37 X10 X30 X33 X40 X41 X43`,
    answers: {
      ...DELTA_ANSWERS,
      drawRows(words, rows, rate) {
        const order = Uint32Array.from({ length: rows }, (_, i) => i);
        for (let i = rows - 1; i > 0; i--) {
          const j = nextWord(words) % (i + 1);
          [order[i], order[j]] = [order[j]!, order[i]!];
        }
        return order.slice(0, Math.round(rate * rows));
      },
    },
  },
  {
    name: "a budget without the sampling's q^α",
    red: "X43",
    green: `E17 E36 E37 X10 X30 X33 X40 X41 X42`,
    answers: {
      ...DELTA_ANSWERS,
      renyiDivergence: (noise, rate, order) => rate * rate * DELTA_ANSWERS.renyiDivergence(noise, 1, order),
    },
  },
];

/** Row i of n rows. */
function rowAt(rows: ArrayLike<number>, n: number, i: number): number[] {
  const cols = rows.length / n;
  return Array.from({ length: cols }, (_, k) => rows[i * cols + k]!);
}

const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, v, k) => sum + v * y[k]!, 0);
