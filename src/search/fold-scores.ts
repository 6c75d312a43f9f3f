// The scores of a cross-validation: a fit a fold, judged on the rows of that fold. Everything that is fitted, the
// scaling too, sees the other folds alone.
import { type CheckedDataset, checkDataset, type Dataset, selectRows } from "../data/dataset.ts";
import { inParallel } from "../engines/in-parallel.ts";
import { must } from "../errors.ts";
import { foldsOf } from "../insights/folds.ts";
import type { TrainingOptions } from "../training/options.ts";
import type { NetworkOf } from "../training/plan-training.ts";
import { type FitFigures, type FitMachine, fitAndJudge, type Measure, measureOf, workersOf } from "./fits.ts";

/** How a cross-validation trains and repeats. Options left out get the defaults of training. */
export type FoldOptions = { readonly [K in keyof TrainingOptions]?: TrainingOptions[K] | undefined } & FitMachine & {
    /** Parts of the rows, an integer in [2, 1000]. Default 5. */
    readonly folds?: number | undefined;
    /** Cross-validations with other draws of folds and weights, an integer in [1, 100]. Default 1. */
    readonly repeat?: number | undefined;
    /** Called after every fit, in the order in which they end. Default: none. */
    readonly onFold?: ((score: FoldScore) => void) | undefined;
  };

/** One fit of a cross-validation. */
export type FoldScore = FitFigures & {
  /** From 1. */
  readonly repeat: number;
  /** From 1. */
  readonly fold: number;
  /** Rows it was judged on. */
  readonly rows: number;
};

/** A figure over all folds. */
export type SampleSpread = {
  /** Mean over the folds. */
  readonly mean: number;
  /** Standard deviation over the folds, divisor n − 1. */
  readonly deviation: number;
  /**
   * Standard error of the mean: deviation/√n. Folds share training rows, so the true one is somewhat larger (Bengio and
   * Grandvalet, JMLR 5, 2004).
   */
  readonly standardError: number;
};

/** What a cross-validation found. */
export type FoldScores = {
  /** Repeat by repeat, fold by fold. */
  readonly scores: readonly FoldScore[];
  /** What the scores are. */
  readonly measure: Measure;
  /** Of the scores. */
  readonly score: SampleSpread;
  /** Of the mean losses; null where a fit diverged. */
  readonly loss: SampleSpread | null;
};

/**
 * Train on all folds but one and judge on that one, for each. Groups stay whole. Raises InvalidInput for fewer rows
 * than folds, or options out of range.
 */
export async function scoreFolds(
  network: NetworkOf,
  data: Dataset,
  { folds = 5, repeat = 1, engine, workers, signal, onFold, ...options }: FoldOptions = {},
): Promise<FoldScores> {
  const checked = checkDataset(data);
  must(Number.isInteger(folds) && folds >= 2 && folds <= 1000, "folds", "an integer in [2, 1000]", folds);
  must(Number.isInteger(repeat) && repeat >= 1 && repeat <= 100, "repeat", "an integer in [1, 100]", repeat);
  const seed = options.seed ?? 1;
  const jobs = Array.from({ length: repeat * folds }, (_, at) => async (): Promise<FoldScore> => {
    const [round, k] = [Math.floor(at / folds), at % folds];
    const { train, judged } = foldParts(checked, folds, seed + round, k);
    const given = { ...options, seed: seed + at } as Partial<TrainingOptions>;
    const figures = await fitAndJudge(network, train, judged, given, { engine, workers, signal });
    const score = { repeat: round + 1, fold: k + 1, rows: judged.rows, ...figures };
    onFold?.(score);
    return score;
  });
  foldsOf(checked, folds, seed); // refuses too few rows before any work
  const scores = await inParallel(jobs, workersOf({ workers }));
  const losses = scores.map(({ loss }) => loss);
  const score = spreadOf(scores.map((one) => one.score));
  return { scores, measure: measureOf(data), score, loss: losses.includes(null) ? null : spreadOf(losses as number[]) };
}

/** Fold `k`, from 0, and all rows but its own. */
export function foldParts(data: CheckedDataset, folds: number, seed: number, k: number) {
  const fold = foldsOf(data, folds, seed);
  const rows = (held: boolean) => Uint32Array.from(fold.keys()).filter((row) => (fold[row] === k) === held);
  return { train: selectRows(data, rows(false)), judged: selectRows(data, rows(true)) };
}

/** Mean, standard deviation and standard error of two numbers or more, added up in their order. */
export function spreadOf(values: readonly number[]): SampleSpread {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
  return { mean, deviation, standardError: deviation / Math.sqrt(n) };
}
