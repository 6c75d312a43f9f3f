// Representer points: the last layer is trained again to its minimum with decay, on the activations that the layers
// below give; its logits are then a sum over the training rows. Formula and paper: docs/beyond-the-note.md.
import type { Dataset } from "../data/dataset.ts";
import { Turns } from "../engines/turns.ts";
import { must } from "../errors.ts";
import { representerValue } from "../gradients/representer.ts";
import type { Floats } from "../network/memory.ts";
import { packedLayers } from "../network/parameters.ts";
import type { ClassIndices } from "../network/targets.ts";
import { log } from "../numerics/exp-log.ts";
import { minimize } from "../numerics/minimize.ts";
import { exponentials } from "../numerics/softmax.ts";
import { softmaxRows } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import { type ExampleOptions, exampleArrays, labelledRows, openExamples } from "./example-arrays.ts";

/** What each training row gives a logit. */
export type RepresenterPoints = {
  /** [m×n], of each asked row j and training row i: their sum over i is the logit of row j's label. */
  readonly values: Float64Array;
  /** [m], that logit of the last layer as it was trained again. */
  readonly logits: Float64Array;
  /** The largest |sum − logit|: the last layer stands so near to its minimum. */
  readonly gap: number;
  /** The share of the asked rows that the network answers as before, in [0, 1]. */
  readonly agreement: number;
};

/** Options of `representerPoints`. */
export type RepresenterOptions = Pick<ExampleOptions, "engine" | "signal"> & {
  /** λ of the last layer's decay, (1/n)Σℓ + (λ/2)‖θ_L‖², > 0. Default 0.001. */
  readonly decay?: number | undefined;
};

const EVALUATIONS = 2000;

/**
 * Representer points (Yeh et al., 2018) of the logit of each asked row's label, [m×n]: positive pushes it up. Raises
 * InvalidInput.
 */
export async function representerPoints(
  model: Model,
  train: Dataset,
  asked: Dataset,
  { decay = 1e-3, engine, signal }: RepresenterOptions = {},
): Promise<RepresenterPoints> {
  must(decay > 0 && Number.isFinite(decay), "decay", "a finite number > 0", decay);
  const known = labelledRows(model, train);
  const answers = labelledRows(model, asked);
  const [rows, others] = [await lastOf(model, known, engine), await lastOf(model, answers, engine)];
  const [n, m, C] = [known.rows, answers.rows, model.classes.length];
  const I = rows.input.length / n;
  const start = Float64Array.from(model.parameters.subarray(packedLayers(model.network).at(-1)!.W)); // W_L, b_L
  const turns = new Turns(signal);
  const slope = async (theta: Float64Array) => {
    if (turns.due) await turns.take();
    return decayedLoss(theta, rows.input, known.labels, decay, C);
  };
  const theta = await minimize(slope, start, { tolerance: 1e-7, evaluations: EVALUATIONS });
  const delta = errorsOf(theta, rows.input, known.labels, C).delta;
  const values = new Float64Array(m * n);
  const logits = new Float64Array(m);
  let gap = 0;
  const { classes: before } = softmaxRows(others.logits, C);
  let same = 0;
  for (let j = 0; j < m; j++) {
    if (turns.due) await turns.take();
    const a = others.input.subarray(j * I, (j + 1) * I);
    const z = logitsOf(theta, a, 0, C);
    const c = answers.labels[j]!;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const value = representerValue({ input: rows.input, delta }, n, decay, i, a, c);
      values[j * n + i] = value;
      sum += value;
    }
    logits[j] = z[c]!;
    gap = Math.max(gap, Math.abs(sum - z[c]!));
    same += Number(exponentials(z).argmax === before[j]);
  }
  return { values, logits, gap, agreement: same / m };
}

/** a_{L−1} of every row, and its logits. */
async function lastOf(model: Model, known: Dataset, engine: ExampleOptions["engine"]) {
  const session = await openExamples(model, known, { engine });
  try {
    const { layers, logits } = await exampleArrays(session, { from: 0, count: known.rows });
    return { input: layers.at(-1)!.input, logits };
  } finally {
    await session.close();
  }
}

/** ā_i θ of row i. */
function logitsOf(theta: Float64Array, input: Floats, i: number, C: number): Float64Array {
  const I = theta.length / C - 1;
  const z = theta.slice(I * C);
  for (let k = 0; k < I; k++) {
    const a = input[i * I + k]!;
    if (a === 0) continue;
    for (let c = 0, at = k * C; c < C; c++, at++) z[c]! += a * theta[at]!;
  }
  return z;
}

/** S − y of every row [n×C], and the mean of −log p of its label. */
function errorsOf(theta: Float64Array, input: Floats, labels: ClassIndices, C: number) {
  const n = labels.length;
  const delta = new Float64Array(n * C);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const z = logitsOf(theta, input, i, C);
    const { numerators, denominator, argmax } = exponentials(z);
    for (let c = 0; c < C; c++) delta[i * C + c] = numerators[c]! / denominator - Number(c === labels[i]);
    loss += (log(denominator) + z[argmax]! - z[labels[i]!]!) / n;
  }
  return { delta, loss };
}

/** (1/n) Σℓ + (λ/2)‖θ‖² and its slope. */
function decayedLoss(theta: Float64Array, input: Floats, labels: ClassIndices, decay: number, C: number) {
  const n = labels.length;
  const I = theta.length / C - 1;
  const { delta, loss } = errorsOf(theta, input, labels, C);
  const gradient = theta.map((value) => decay * value);
  for (let i = 0; i < n; i++)
    for (let k = 0; k <= I; k++) {
      const a = k < I ? input[i * I + k]! / n : 1 / n;
      if (a === 0) continue;
      for (let c = 0, at = k * C; c < C; c++, at++) gradient[at]! += a * delta[i * C + c]!;
    }
  const value = loss + (decay / 2) * theta.reduce((sum, x) => sum + x * x, 0);
  return { value, gradient };
}
