// Targets that are numbers or labels in a session, and outputs of the last layer as answers: the targets' scaling is
// fitted on the training rows and undone here.
import type { Dataset } from "../data/dataset.ts";
import { type Loss, lossTask, outputsPerTarget } from "../network/losses.ts";
import { exp, logistic } from "../numerics/exp-log.ts";

/** (t − mean)/deviation is what the network learns of each target. */
export type TargetScaling = {
  /** [T]. */
  readonly mean: readonly number[];
  /** [T], each > 0; 1 for a constant target. */
  readonly deviation: readonly number[];
};

/**
 * The scaling of the targets of training rows, each counted by its weight; undefined for labels and counts, which are
 * learned as they are.
 */
export function fitTargets(loss: Loss, { values, rows, classes, weights }: Dataset): TargetScaling | undefined {
  if (values === undefined || lossTask(loss) !== "regress" || loss.name === "poisson") return undefined;
  const T = classes.length;
  const weigh = (of: (t: number, j: number) => number) => {
    const sums = new Array<number>(T).fill(0);
    let whole = 0;
    for (let i = 0; i < rows; i++) {
      const weight = weights?.[i] ?? 1;
      whole += weight;
      for (let j = 0; j < T; j++) sums[j]! += weight * of(values[i * T + j]!, j);
    }
    return sums.map((sum) => (whole > 0 ? sum / whole : 0));
  };
  const mean = weigh((t) => t);
  const deviation = weigh((t, j) => (t - mean[j]!) ** 2).map((square) => (square > 0 ? Math.sqrt(square) : 1));
  return { mean, deviation };
}

/** Target rows of a session: scaled; with `weights` a column more, which is 1 in the rows behind the weighted ones. */
export function sessionTargets(
  values: ArrayLike<number>,
  T: number,
  scaling: TargetScaling | undefined,
  weights: ArrayLike<number> | undefined,
): Float64Array {
  const rows = values.length / T;
  const width = T + (weights ? 1 : 0);
  const out = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < T; j++) {
      const t = values[i * T + j]!;
      out[i * width + j] = scaling ? (t - scaling.mean[j]!) / scaling.deviation[j]! : t;
    }
    if (weights) out[i * width + T] = i < weights.length ? weights[i]! : 1;
  }
  return out;
}

/** What one row of outputs says. */
export type ReadOutputs = {
  /** [T], the value of each target: its mean, its middle quantile, or e^z; of labels the probability. */
  readonly values: Float64Array;
  /** [T·K], the quantiles of each target, under "quantile" alone. */
  readonly quantiles?: Float64Array | undefined;
  /** [T], the standard deviation of each target, under "gaussian" alone. */
  readonly deviations?: Float64Array | undefined;
};

/** Outputs z [C] as answers, in the units of the data; of labels the probability at temperature T. */
export function readOutputs(
  loss: Loss,
  scaling: TargetScaling | undefined,
  z: ArrayLike<number>,
  temperature = 1,
): ReadOutputs {
  const per = outputsPerTarget(loss);
  const T = z.length / per;
  const unscaled = (x: number, j: number) => (scaling ? scaling.mean[j]! + scaling.deviation[j]! * x : x);
  const each = (of: (j: number) => number) => Float64Array.from({ length: T }, (_, j) => of(j));
  switch (loss.name) {
    case "sigmoid-cross-entropy":
    case "focal":
      return { values: each((j) => logistic((1 / temperature) * z[j]!)) };
    case "poisson":
      return { values: each((j) => exp(z[j]!)) };
    case "gaussian":
      return {
        values: each((j) => unscaled(z[2 * j]!, j)),
        deviations: each((j) => exp(0.5 * z[2 * j + 1]!) * (scaling?.deviation[j] ?? 1)),
      };
    case "quantile": {
      const middle = middleLevel(loss.levels!);
      const quantiles = Float64Array.from({ length: z.length }, (_, c) => unscaled(z[c]!, Math.floor(c / per)));
      return { values: each((j) => quantiles[j * per + middle]!), quantiles };
    }
    default:
      return { values: each((j) => unscaled(z[j]!, j)) };
  }
}

/** The place of the level nearest ½. */
export const middleLevel = (levels: readonly number[]): number =>
  levels.reduce((best, level, q) => (Math.abs(level - 0.5) < Math.abs(levels[best]! - 0.5) ? q : best), 0);
