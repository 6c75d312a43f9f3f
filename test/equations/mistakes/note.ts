// Mistakes in what the note derives and in what a plain step does: E1 … E37, losses, activations, optimizers.
import { BALLS, exact } from "../../../src/equations/ball.ts";
import { NOTE } from "../../../src/equations/formulas.ts";
import type { LossName } from "../../../src/network/losses.ts";
import type { SlopeKeeper } from "../../../src/network/network.ts";
import { exp, log, tanh } from "../../../src/numerics/exp-log.ts";
import { softplus } from "../../../src/numerics/expm1-log1p.ts";
import { normalCdf } from "../../../src/numerics/normal.ts";
import {
  ABOVE,
  at,
  fill,
  kernel,
  LOSS_ROWS,
  layerOf,
  type Mistake,
  p,
  SOFTMAX_ONLY,
  scale,
  type WrongDelta,
} from "./planting.ts";

export const NOTE_MISTAKES: readonly Mistake[] = [
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
];
