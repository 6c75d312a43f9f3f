// Fits beside each other: one run a fit, one thread a run, as many at once as there are processors. The order of their
// ends changes nothing: results stand in the order of the fits.
import type { Dataset } from "../data/dataset.ts";
import type { EngineChoice } from "../engines/engine.ts";
import { sessionOpener } from "../engines/ranks/open-session.ts";
import { processors } from "../engines/worker-host.ts";
import { must } from "../errors.ts";
import type { TrainingOptions } from "../training/options.ts";
import { type NetworkOf, planInTurns } from "../training/plan-training.ts";
import { openPlanned } from "../training/trainer.ts";
import { Diverged } from "../training/training-result.ts";
import type { ValueMetrics } from "../training/value-metrics.ts";

/** Where fits run. None of this changes a bit. */
export type FitMachine = {
  /** "auto" (default), "native", "wasm" or "reference". */
  readonly engine?: EngineChoice | undefined;
  /** Fits at once, one thread each, an integer in [1, 256]. Default: as many as there are processors. */
  readonly workers?: number | undefined;
  /** An abort rejects with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/** What a fit reached on rows that it never saw. */
export type FitFigures = {
  /** The greater the better: see `measureOf`; 0 where training diverged. */
  readonly score: number;
  /** Mean loss without smoothing and weights; null where training diverged. */
  readonly loss: number | null;
  /** SHA-256 of the parameters it was judged by, float32, little-endian. */
  readonly parametersSha256: string;
};

/**
 * Workers that were asked for, checked, or as many as there are processors. In a job of several ranks one fit after
 * another runs on all of them.
 */
export function workersOf({ workers }: FitMachine): number {
  const ok = workers === undefined || (Number.isInteger(workers) && workers >= 1 && workers <= 256);
  must(ok, "workers", "an integer in [1, 256]", workers);
  return sessionOpener() ? 1 : (workers ?? processors());
}

/** What `score` is: the share of rows that are classed right; of numbers R², of labels F1, means over several. */
export type Measure = "accuracy" | "R²" | "F1";

/** The measure of what `data` have to learn. */
export const measureOf = ({ task }: Pick<Dataset, "task">): Measure =>
  task === undefined ? "accuracy" : task === "regress" ? "R²" : "F1";

/** The mean R² of the targets or F1 of the labels; one that cannot be told counts 0. */
function scoreOf({ targets, labels }: ValueMetrics): number {
  const all = targets.length > 0 ? targets.map(({ r2 }) => r2) : labels.map(({ f1 }) => f1);
  return all.reduce<number>((sum, one) => sum + (one ?? 0), 0) / all.length;
}

/** Train on `train` and judge on `judged`: no other row is looked at. */
export async function fitAndJudge(
  network: NetworkOf,
  train: Dataset,
  judged: Dataset,
  options: Partial<TrainingOptions>,
  { engine, workers, signal }: FitMachine,
): Promise<FitFigures> {
  const planned = await planInTurns(network, { train, test: judged }, options, {}, signal);
  const run = await openPlanned(planned, { engine, threads: 1, aside: workersOf({ workers }) > 1, signal });
  try {
    await run.train({ signal });
    signal?.throwIfAborted();
    const { test, testValues, parametersSha256 } = await run.result();
    const score = test ? test.accuracy : scoreOf(testValues!);
    return { score, loss: (test ?? testValues!).loss, parametersSha256 };
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    return { score: 0, loss: null, parametersSha256: error.kept.parametersSha256 };
  } finally {
    await run.close();
  }
}
