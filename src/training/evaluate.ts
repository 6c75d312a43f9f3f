// Running a model on data without training it: metrics where labels are known, probabilities where they are not.
import type { Dataset } from "../data/dataset.ts";
import type { Session, Setup } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must } from "../errors.ts";
import { exponentials } from "../numerics/softmax.ts";
import { type Metrics, measure } from "./metrics.ts";
import { alignDataset, type Model, sessionFeatures } from "./model.ts";
import { consecutive } from "./order.ts";

/** Which engine runs, and on how many threads. Neither changes a bit of the result (except for `reference-float64`). */
export type Machine = { readonly engine?: string; readonly threads?: number };

export type Prediction = {
  readonly classes: Int32Array; //         [n], argmax; the first of equals
  readonly probabilities: Float64Array; // [n×C], each row S(z_L)
};

const ROWS_AT_ONCE = 256; // rows of one forward pass; more would only take memory

/**
 * Metrics of `model` on labelled `data`. Columns and classes are matched by name. The loss is the plain cross-entropy,
 * whatever smoothing or weights the model was trained with.
 */
export async function evaluate(model: Model, data: Dataset, machine: Machine = {}): Promise<Metrics> {
  const known = alignDataset(model, data);
  return withSession(model, known, machine, async (session) => {
    const { losses, predictions } = await session.evaluate(consecutive(0, known.rows));
    return measure(known.labels, predictions, losses, model.classes.length);
  });
}

/** Class and probabilities of each row of raw `features` [n×D], scaled as in training. */
export async function predict(model: Model, features: Dataset["features"], machine: Machine = {}): Promise<Prediction> {
  const cols = model.network.layers[0]!;
  const rows = features.length / cols;
  must(Number.isInteger(rows) && rows >= 1, "features", `rows of ${cols} values`, features.length);
  return withSession(model, { features, cols }, machine, async (session) => {
    const logits = await session.logits(consecutive(0, rows));
    return softmaxRows(logits, model.classes.length);
  });
}

/** What moves an answer: how the loss −log S_c of a class c follows each input. */
export type InputGradients = {
  readonly losses: Float64Array; //    [n], −log S_c
  readonly gradients: Float64Array; // [n×D], ∂(−log S_c)/∂x = δ^1 W_1ᵀ, one row an example, not divided by n
};

/**
 * ∂ℓ/∂x of each row of raw `features` [n×D], where ℓ = −log S_c and c is the row's class index in `classes` [n]. x is
 * what the first layer is given: features after the model's scaling (so a byte of an image counts as byte/255). A
 * negative entry: more of that input, more of that class. The recursion's next step below δ^1, by the same kernels; row
 * X15 of the check. Raises InvalidInput.
 */
export async function inputGradients(
  model: Model,
  features: Dataset["features"],
  classes: Int32Array,
  machine: Machine = {},
): Promise<InputGradients> {
  const cols = model.network.layers[0]!;
  const rows = classes.length;
  must(rows >= 1 && features.length === rows * cols, "features", `${rows} rows of ${cols} values`, features.length);
  const data = { features, cols, labels: classes, inputDelta: true };
  return withSession(model, data, machine, async (session) => {
    const { batchSize: B } = session;
    const losses = new Float64Array(rows);
    const gradients = new Float64Array(rows * cols);
    for (let at = 0; at < rows; at += B) {
      const order = consecutive(at, Math.min(B, rows - at));
      const batch = await session.gradients(order);
      losses.set(batch.losses, at);
      gradients.set(batch.inputDelta!, at * cols);
    }
    return { losses, gradients };
  });
}

/** A session with the model's parameters over `data`, closed afterwards. */
async function withSession<R>(
  model: Model,
  data: Pick<Dataset, "features" | "cols"> & Partial<Pick<Dataset, "labels" | "targets">> & Pick<Setup, "inputDelta">,
  { engine = "auto", threads }: Machine,
  work: (session: Session) => Promise<R>,
): Promise<R> {
  const session = await chooseEngine(engine).open({
    network: model.network,
    batchSize: Math.min(ROWS_AT_ONCE, data.features.length / data.cols),
    ...sessionFeatures(data, model.scaling),
    ...(data.labels && { labels: data.labels }),
    ...(data.targets && { targets: data.targets }),
    ...(data.inputDelta && { inputDelta: true }),
    ...(threads !== undefined && { threads }),
  });
  try {
    session.writeParameters(model.parameters);
    return await work(session);
  } finally {
    await session.close();
  }
}

/** S(z) and argmax of each row of `logits` [n×C] (E2, E3). */
export function softmaxRows(logits: ArrayLike<number>, C: number): Prediction {
  const rows = logits.length / C;
  const classes = new Int32Array(rows);
  const probabilities = new Float64Array(logits.length);
  for (let i = 0; i < rows; i++) {
    const { numerators, denominator, argmax } = exponentials(logits, i * C, C);
    for (let c = 0; c < C; c++) probabilities[i * C + c] = numerators[c]! / denominator;
    classes[i] = argmax;
  }
  return { classes, probabilities };
}
