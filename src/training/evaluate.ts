// Running a model on data without training it: metrics where labels are known, probabilities where they are not.

import type { Dataset } from "../data/dataset.ts";
import { ScaledRows } from "../data/scaling.ts";
import { numbersFrom, withFacts } from "../data/stored/row-store.ts";
import type { EngineChoice, Features, Session, Setup } from "../engines/engine.ts";
import { FORWARD_ROWS } from "../engines/forward.ts";
import { chooseEngine } from "../engines/registry.ts";
import { atOnce } from "../engines/turns.ts";
import { warmForward } from "../engines/warm-forward.ts";
import { must } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import { parameterCount } from "../network/network.ts";
import { exponentials } from "../numerics/softmax.ts";
import { type Metrics, metricsOf, RowCounts } from "./metrics.ts";
import { alignDataset, checkModel, columnCount, type Model, mustClassify } from "./model.ts";
import { measureValues, type ValueMetrics } from "./value-metrics.ts";
import { type ReadOutputs, readOutputs, sessionTargets } from "./value-targets.ts";

/** Which engine runs, and on how many threads. Neither changes a bit of the result (except for `reference-float64`). */
export type Machine = {
  /** "auto" (default), "native", "wasm", "reference" or "reference-float64". */
  readonly engine?: EngineChoice | undefined;
  /** 1 … 256. Default: one for a forward pass below 4e11 operations, where threads can lose more than they save. */
  readonly threads?: number | undefined;
  /** Of `evaluate`: the most bytes of rows in memory, > 0; more are read by pieces. Default: all at once. */
  readonly room?: number | undefined;
  /** An abort rejects with its reason, after at most 8,192 rows more. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/** Class and probabilities of each row. */
export type Prediction = {
  /** [n], the index of the greatest logit; the first of equals. */
  readonly classes: Int32Array;
  /** [n×C], each row S(z_L). */
  readonly probabilities: Float64Array;
};

const ROWS_AT_ONCE = 256; // rows of one forward pass; more would only take memory
const SCALED = 2 ** 22; // values that are scaled at once
const ROWS_A_CALL = 8192; // between two looks at the signal
const WORTH_A_TEAM = 4e11; // operations: seconds, beside which a start and other programs on the processors are little

/**
 * Metrics of `model` on labelled `data`. Columns and classes are matched by name. The loss is the plain cross-entropy,
 * whatever smoothing or weights the model was trained with.
 */
export async function evaluate(model: Model, data: Dataset, machine: Machine = {}): Promise<Metrics> {
  checkModel(model);
  mustClassify(model, "evaluate");
  const known = alignDataset(model, data);
  const { room } = machine;
  return withSession(model, known, { ...forwardMachine(model, known.rows, machine), room }, async (session) => {
    const counts = new RowCounts(model.classes.length);
    for (const order of blocks(known.rows, machine.signal)) {
      const { losses, predictions } = await session.evaluate(order);
      counts.add(known.labels, predictions, losses, order[0]);
    }
    machine.signal?.throwIfAborted();
    return metricsOf(counts);
  });
}

/**
 * Class and probabilities of each row of raw `features` [n×D], scaled as in training. The first call for a model takes
 * some memory, which later calls find warm; they look whether its parameters are still the same. A Classifier spares
 * that look.
 */
export async function predict(model: Model, features: Dataset["features"], machine: Machine = {}): Promise<Prediction> {
  checkModel(model);
  mustClassify(model, "predict");
  return softmaxRows(await outputsOf(model, features, machine), model.classes.length, model.temperature);
}

/** What a model of numbers or labels answers for n rows. */
export type ValuePrediction = {
  /** [n×T], row by row, in the units of the data; of labels the probability that each is there. */
  readonly values: Float64Array;
  /** [n×T·K] under "quantile": of target j and level q at j·K + q. Default: absent. */
  readonly quantiles?: Float64Array | undefined;
  /** [n×T] under "gaussian". Default: absent. */
  readonly deviations?: Float64Array | undefined;
};

/** The values of each row of raw `features` [n×D], as `predict` of a model of numbers or labels. */
export async function predictValues(
  model: Model,
  features: Dataset["features"],
  machine: Machine = {},
): Promise<ValuePrediction> {
  checkModel(model);
  must(model.loss !== undefined, "model", "a model of numbers or labels", model.loss, "predict answers with classes.");
  return readValues(model, await outputsOf(model, features, machine));
}

/** z_L of rows [n×C] as the answers of a model of numbers or labels. */
export function readValues(model: Model, outputs: Float64Array): ValuePrediction {
  const { targetScaling, network, classes } = model;
  const loss = model.loss!;
  const [C, T] = [network.layers.at(-1)!, classes.length];
  const rows = outputs.length / C;
  const values = new Float64Array(rows * T);
  const quantiles = loss.name === "quantile" ? new Float64Array(rows * C) : undefined;
  const deviations = loss.name === "gaussian" ? new Float64Array(rows * T) : undefined;
  for (let i = 0; i < rows; i++) {
    const answer = readOutputs(loss, targetScaling, outputs.subarray(i * C, (i + 1) * C), model.temperature);
    values.set(answer.values, i * T);
    quantiles?.set(answer.quantiles!, i * C);
    deviations?.set(answer.deviations!, i * T);
  }
  return { values, ...(quantiles && { quantiles }), ...(deviations && { deviations }) };
}

/** z_L of each row [n×C]. */
export async function outputsOf(
  model: Model,
  features: Dataset["features"],
  machine: Machine = {},
): Promise<Float64Array> {
  const cols = columnCount(model);
  const C = model.network.layers.at(-1)!;
  must(ArrayBuffer.isView(features), "features", `a typed array of rows of ${cols} values`, features);
  const rows = features.length / cols;
  must(Number.isInteger(rows) && rows >= 1, "features", `rows of ${cols} values`, features.length);
  const { engine, threads = worthATeam(model.network, rows) ? undefined : 1, signal } = machine;
  signal?.throwIfAborted();
  const logits = new Float64Array(rows * C);
  const forward = threads === 1 ? warmForward(model.network, model.parameters, least(rows), engine) : undefined;
  if (forward === undefined)
    await oneTeam(() =>
      withSession(model, { features, rows, cols }, { engine, threads }, async (session) => {
        for (const order of blocks(rows, signal)) logits.set(await session.logits(order), order[0]! * C);
      }),
    );
  else {
    const scaled = new ScaledRows({ features, rows, cols }, model.scaling);
    const { divisor = 1 } = scaled;
    const D = model.network.layers[0]!; // of a table with words not its columns
    const some = Math.max(1, Math.floor(SCALED / D));
    let [from, X] = [0, new Float32Array(0) as Features]; // rows from … from + some, scaled
    const write = (i: number, input: Floats) => {
      if (i % some === 0) [from, X] = [i, atOnce(scaled.gathering(numbersFrom(i, Math.min(some, rows - i))))];
      for (let j = 0, at = (i - from) * D; j < D; j++) input[j] = X[at + j]! / divisor;
    };
    await forward.each(rows, write, (i, z) => logits.set(z, i * C), signal);
  }
  signal?.throwIfAborted();
  return logits;
}

const least = (rows: number) => (rows === 1 ? 1 : FORWARD_ROWS);

let newestTeam: Promise<unknown> = Promise.resolve();

/** Run `work` once every earlier team of `predict` has ended: calls at once would only take each other's processors. */
function oneTeam<R>(work: () => Promise<R>): Promise<R> {
  const result = newestTeam.then(work);
  newestTeam = result.catch(() => {});
  return result;
}

/**
 * Figures of a model of numbers or labels on data with the same targets; a model of classes: `evaluate`. Columns are
 * matched by name. Raises InvalidInput.
 */
export async function valueMetrics(model: Model, data: Dataset, machine: Machine = {}): Promise<ValueMetrics> {
  checkModel(model);
  const { loss, targetScaling, classes } = model;
  must(loss !== undefined, "model", "a model of numbers or labels", loss, "evaluate has the figures of classes.");
  const known = alignDataset(model, data);
  const values = known.values!;
  const targets = sessionTargets(values, classes.length, targetScaling, undefined);
  const { room } = machine;
  const place = { ...forwardMachine(model, known.rows, machine), room };
  return withSession(model, withFacts(known, { targets }), place, async (session) => {
    const losses = new Float64Array(data.rows);
    const answers: ReadOutputs[] = [];
    for (const order of blocks(data.rows, machine.signal)) {
      losses.set((await session.evaluate(order)).losses, order[0]!);
      const outputs = await session.logits(order);
      const C = outputs.length / order.length;
      for (let r = 0; r < order.length; r++)
        answers.push(readOutputs(loss, targetScaling, outputs.subarray(r * C, (r + 1) * C)));
    }
    machine.signal?.throwIfAborted();
    return measureValues(loss, classes, values, answers, losses);
  });
}

/** One thread, unless a forward pass of `rows` rows is worth more. */
export function forwardMachine({ network }: Model, rows: number, { engine, threads }: Machine): Machine {
  return { engine, threads: threads ?? (worthATeam(network, rows) ? undefined : 1) };
}

/** Whether a forward pass of `rows` rows is long enough to start threads for: 2·n·P operations. */
export function worthATeam(network: Model["network"], rows: number): boolean {
  return 2 * rows * parameterCount(network) >= WORTH_A_TEAM;
}

/** Orders of all rows, one after another, with a look at the signal before each. */
function* blocks(rows: number, signal: AbortSignal | undefined): Generator<Uint32Array> {
  for (let from = 0; from < rows; from += ROWS_A_CALL) {
    signal?.throwIfAborted();
    yield numbersFrom(from, Math.min(ROWS_A_CALL, rows - from));
  }
}

/** What moves an answer: how the loss −log S_c of a class c follows each input. */
export type InputGradients = {
  /** [n], −log S_c. */
  readonly losses: Float64Array;
  /** [n×D], ∂(−log S_c)/∂x = δ^1 W_1ᵀ, one row an example, not divided by n. */
  readonly gradients: Float64Array;
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
  checkModel(model);
  mustClassify(model, "inputGradients");
  must(ArrayBuffer.isView(classes), "classes", "an Int32Array of class indices", classes);
  const cols = columnCount(model);
  const D = model.network.layers[0]!;
  const rows = classes.length;
  must(rows >= 1 && features.length === rows * cols, "features", `${rows} rows of ${cols} values`, features.length);
  const data = { features, rows, cols, labels: classes, inputDelta: true };
  return withSession(model, data, machine, async (session) => {
    const { batchSize: B } = session;
    const losses = new Float64Array(rows);
    const gradients = new Float64Array(rows * D);
    for (let at = 0; at < rows; at += B) {
      const order = numbersFrom(at, Math.min(B, rows - at));
      const batch = await session.gradients(order);
      losses.set(batch.losses, at);
      gradients.set(batch.inputDelta!, at * D);
    }
    return { losses, gradients };
  });
}

/** A session with the model's parameters over `data`, closed afterwards. */
async function withSession<R>(
  model: Model,
  data: Pick<Dataset, "features" | "rows" | "cols" | "columns"> &
    Partial<Pick<Dataset, "labels" | "targets">> &
    Pick<Setup, "inputDelta">,
  { engine = "auto", threads, room }: Machine,
  work: (session: Session) => Promise<R>,
): Promise<R> {
  const features = new ScaledRows(data, model.scaling);
  const session = await chooseEngine(engine).open({
    network: model.network,
    batchSize: Math.min(ROWS_AT_ONCE, data.rows),
    features,
    divisor: features.divisor,
    room,
    labels: data.labels,
    targets: data.targets,
    inputDelta: data.inputDelta,
    loss: data.targets && model.loss,
    threads,
  });
  try {
    session.writeParameters(model.parameters);
    return await work(session);
  } finally {
    await session.close();
  }
}

/** S(z/T) and argmax of each row of `logits` [n×C] (E2, E3). */
export function softmaxRows(logits: ArrayLike<number>, C: number, temperature = 1): Prediction {
  const rows = logits.length / C;
  const classes = new Int32Array(rows);
  const probabilities = new Float64Array(logits.length);
  const numerators = new Float64Array(C);
  for (let i = 0; i < rows; i++) {
    const { denominator, argmax } = exponentials(logits, i * C, C, numerators, 1 / temperature);
    for (let c = 0; c < C; c++) probabilities[i * C + c] = numerators[c]! / denominator;
    classes[i] = argmax;
  }
  return { classes, probabilities };
}
