// Which inputs mattered: saliency, input × gradient, integrated gradients of each row, and permutation importance of
// each column. Formulas and papers: docs/beyond-the-note.md.

import type { Dataset } from "../data/dataset.ts";
import { numbersFrom } from "../data/stored/row-store.ts";
import { type FittedColumn, inputCount } from "../data/transform.ts";
import type { Session } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must } from "../errors.ts";
import { integrateGradient } from "../gradients/path-integral.ts";
import { outputsPerTarget } from "../network/losses.ts";
import { defineNetwork } from "../network/network.ts";
import { packedLayers } from "../network/parameters.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { evaluate, type Machine, outputsOf, predict } from "../training/evaluate.ts";
import { alignDataset, checkModel, columnCount, type Model, sessionFeatures } from "../training/model.ts";
import { middleLevel } from "../training/value-targets.ts";

/** Attributions of n rows by D columns. Positive pushes log p of the explained class up. */
export type Attributions = {
  /** [n], the class explained: the predicted one, or the one asked for. */
  readonly classes: Int32Array;
  /** [n], its probability. */
  readonly probabilities: Float64Array;
  /** [n×D], √Σ(∂ log p/∂x)² over a column's inputs: how strongly it could push, without a direction. */
  readonly saliency: Float64Array;
  /** [n×D], Σ x·∂ log p/∂x over a column's inputs. */
  readonly inputTimesGradient: Float64Array;
  /** [n×D], Σ x·∫₀¹ ∂ log p/∂x(tx) dt over a column's inputs: it adds up to log p(x) − log p(0). */
  readonly integrated: Float64Array;
  /** [n], Σ_j integrated_j − (log p(x) − log p(0)): completeness holds to this. */
  readonly gaps: Float64Array;
};

/** Names of the methods. */
export const ATTRIBUTIONS = ["integrated", "inputTimesGradient", "saliency"] as const;
/** A method's name. */
export type AttributionMethod = (typeof ATTRIBUTIONS)[number];

/** Options of `attribute`. */
export type AttributeOptions = Pick<Machine, "engine" | "signal"> & {
  /** Class index to explain in every row, in [0, C). Default: each row's predicted class. */
  readonly class?: number | undefined;
  /** Relative error of the integral at which it stops, > 0. Default 0.001. */
  readonly tolerance?: number | undefined;
};

const AT_ONCE = 64; //  points of a line in one batch
const POINTS = 4096; // of one line, at most

/**
 * Explain each row of raw `features` [n×D]. x is what the first layer is given, after the model's scaling; the line of
 * integrated gradients begins at 0, which is the mean of a standardized column and black of an image. Raises
 * InvalidInput.
 */
export async function attribute(
  model: Model,
  features: Dataset["features"],
  { class: asked, ...options }: AttributeOptions = {},
): Promise<Attributions> {
  checkModel(model);
  const C = model.classes.length;
  const known = asked === undefined || (Number.isInteger(asked) && asked >= 0 && asked < C);
  must(known, "class", `a class index in [0, ${C})`, asked);
  const { classes: predicted, probabilities: p } = await predict(model, features, {
    engine: options.engine,
    threads: 1,
  });
  const classes = predicted.map((c) => asked ?? c);
  const logP: Explained = { of: model, labels: classes, value: ({ losses }, k) => -losses[k]!, slope: -1 };
  const pushes = await pushesOf(model, features, logP, options);
  const probabilities = Float64Array.from(classes, (c, i) => p[i * C + c]!);
  return { classes, probabilities, ...pushes };
}

/** What pushes an output of a model of numbers or labels, and where it starts and ends. */
export type OutputAttributions = Omit<Attributions, "classes" | "probabilities"> & {
  /** [n], the explained output. */
  readonly values: Float64Array;
};

/**
 * As `attribute`, of target `j` of a model of numbers or labels: what pushes its value, in the units of the data; under
 * "poisson" the log of its mean, of a label its log-odds. Raises InvalidInput.
 */
export async function attributeOutput(
  model: Model,
  features: Dataset["features"],
  j: number,
  options: Omit<AttributeOptions, "class"> = {},
): Promise<OutputAttributions> {
  checkModel(model);
  const { loss, targetScaling, network, classes } = model;
  must(loss !== undefined, "model", "a model of numbers or labels", loss);
  must(Number.isInteger(j) && j >= 0 && j < classes.length, "target", `an index in [0, ${classes.length})`, j);
  const output = j * outputsPerTarget(loss) + (loss.name === "quantile" ? middleLevel(loss.levels!) : 0);
  const [mean, deviation] = [targetScaling?.mean[j] ?? 0, targetScaling?.deviation[j] ?? 1];
  const value = (z: number) => mean + deviation * z;
  const z = await outputsOf(model, features, { engine: options.engine, threads: 1 });
  const C = network.layers.at(-1)!;
  const one: Explained = {
    of: withOutput(model, output),
    value: ({ layers }, k) => value(layers.at(-1)!.output[k]!),
    slope: deviation,
  };
  const pushes = await pushesOf(model, features, one, options);
  const values = Float64Array.from({ length: z.length / C }, (_, i) => value(z[i * C + output]!));
  return { values, ...pushes };
}

/** The network with that output alone. */
function withOutput({ network, parameters }: Model, output: number): Pick<Model, "network" | "parameters"> {
  const { layers, activation, ...own } = network;
  const { inputs: I, outputs: O, W } = packedLayers(network).at(-1)!;
  const alone = new Float32Array(W + I + 1);
  alone.set(parameters.subarray(0, W));
  for (let i = 0; i <= I; i++) alone[W + i] = parameters[W + i * O + output]!; // row I is b
  return { network: defineNetwork([...layers.slice(0, -1), 1], activation, own), parameters: alone };
}

/** The number that is explained: one that a batch gives, and its slope by what the session's loss has δ of. */
type Explained = {
  readonly of: Pick<Model, "network" | "parameters">;
  /** [n]; without them the network has one output, whose slope is 1 under the absolute error of a target far below. */
  readonly labels?: Int32Array | undefined;
  readonly value: (batch: Batch, k: number) => number;
  readonly slope: number;
};
type Batch = Awaited<ReturnType<Session["gradients"]>>;

const FAR_BELOW = -3e38;

async function pushesOf(
  model: Model,
  features: Dataset["features"],
  { of: { network, parameters }, labels, value, slope }: Explained,
  { engine = "auto", signal, tolerance = 1e-3 }: Omit<AttributeOptions, "class">,
): Promise<Omit<OutputAttributions, "values">> {
  must(tolerance > 0, "tolerance", "a number > 0", tolerance);
  const cols = columnCount(model);
  const n = features.length / cols;
  const { features: X, divisor = 1 } = sessionFeatures({ features, cols }, model.scaling);
  const D = network.layers[0]!;
  const session = await chooseEngine(engine).open({
    network,
    batchSize: AT_ONCE,
    features: new Float32Array(AT_ONCE * D),
    ...(labels ? {} : { loss: "absolute-error", targets: new Float32Array(AT_ONCE).fill(FAR_BELOW) }),
    inputDelta: true,
    threads: 1,
  });
  try {
    session.writeParameters(parameters);
    const empty = () => new Float64Array(n * cols);
    const [saliency, inputTimesGradient, integrated] = [empty(), empty(), empty()];
    const gaps = new Float64Array(n);
    const widths = widthsOf(model, cols);
    for (let i = 0; i < n; i++) {
      signal?.throwIfAborted();
      const x = Float32Array.from(X.subarray(i * D, (i + 1) * D), (value) => value / divisor);
      const along = async (ts: readonly number[]) => {
        const values: number[] = [];
        const gradients: Float64Array[] = [];
        for (let from = 0; from < ts.length; from += AT_ONCE) {
          const some = ts.slice(from, from + AT_ONCE);
          for (const [k, t] of some.entries()) {
            const point = x.map((value) => t * value);
            session.setExample(k, point, labels?.[i] ?? 0, labels ? undefined : Float32Array.of(FAR_BELOW));
          }
          const batch = await session.gradients(numbersFrom(0, some.length));
          for (const k of some.keys()) {
            values.push(value(batch, k));
            gradients.push(Float64Array.from(batch.inputDelta!.subarray(k * D, (k + 1) * D), (g) => slope * g));
          }
        }
        return { values, gradients };
      };
      const here = (await along([1])).gradients[0]!;
      const { mean, gap } = await integrateGradient(x, along, { tolerance, points: POINTS });
      gaps[i] = gap;
      for (let j = 0, at = 0; j < cols; at += widths[j]!, j++)
        for (let k = at; k < at + widths[j]!; k++) {
          saliency[i * cols + j]! += here[k]! ** 2;
          inputTimesGradient[i * cols + j]! += x[k]! * here[k]!;
          integrated[i * cols + j]! += x[k]! * mean[k]!;
        }
    }
    return { saliency: saliency.map(Math.sqrt), inputTimesGradient, integrated, gaps };
  } finally {
    await session.close();
  }
}

/** How many of the network's inputs each column has. */
function widthsOf({ scaling }: Model, cols: number): number[] {
  if (scaling.kind !== "columns") return new Array<number>(cols).fill(1);
  return scaling.columns.map((column: FittedColumn) => inputCount([column]));
}

/** How much worse a model is without what a column says. */
export type Importance = {
  /** Column index, from 0. */
  readonly column: number;
  /** The mean rise of the loss when the column's values are shuffled among the rows. */
  readonly loss: number;
  /** Standard error of that mean over the shuffles. */
  readonly lossError: number;
  /** The mean fall of the accuracy, in [−1, 1]. */
  readonly accuracy: number;
  /** Standard error of that mean over the shuffles. */
  readonly accuracyError: number;
};

/** Options of `permutationImportance`. */
export type ImportanceOptions = Machine & {
  /** Shuffles of each column, an integer in [2, 1000]. Default 10. */
  readonly repeats?: number | undefined;
  /** Of the shuffles, an integer in [0, 2⁵³). Default 1. */
  readonly seed?: number | undefined;
};

/**
 * Permutation importance of every column on labelled rows that the model should not have trained on (Breiman, Machine
 * Learning 45, 2001), the most important first. Columns that say the same share their importance. Raises InvalidInput.
 */
export async function permutationImportance(
  model: Model,
  data: Dataset,
  { repeats = 10, seed = 1, ...machine }: ImportanceOptions = {},
): Promise<readonly Importance[]> {
  must(Number.isInteger(repeats) && repeats >= 2 && repeats <= 1000, "repeats", "an integer in [2, 1000]", repeats);
  const known = alignDataset(model, data);
  const { rows, cols } = known;
  const whole = await evaluate(model, known, machine);
  const found: Importance[] = [];
  for (let j = 0; j < cols; j++) {
    const losses: number[] = [];
    const accuracies: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const order = new Random(seed, PURPOSE.permute, j * repeats + repeat).shuffle(numbersFrom(0, rows));
      const features = known.features.slice();
      order.forEach((from, i) => {
        features[i * cols + j] = known.features[from * cols + j]!;
      });
      const { loss, accuracy } = await evaluate(model, { ...known, features }, machine);
      losses.push(loss - whole.loss);
      accuracies.push(whole.accuracy - accuracy);
    }
    const [loss, lossError] = meanAndError(losses);
    const [accuracy, accuracyError] = meanAndError(accuracies);
    found.push({ column: j, loss, lossError, accuracy, accuracyError });
  }
  return found.sort((a, b) => b.loss - a.loss);
}

function meanAndError(values: readonly number[]): readonly [mean: number, error: number] {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value / n, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return [mean, Math.sqrt(variance / n)];
}
