// The batch size that a short run's gradient noise recommends, and what other sizes would cost: McCandlish, Kaplan et
// al., "An Empirical Model of Large-Batch Training" (arXiv 1812.06162).
import { InvalidInput, must } from "../errors.ts";
import { type MeasuredNoise, measureNoise } from "../training/measure-noise.ts";
import type { PlannedTraining } from "../training/plan-training.ts";
import { refusePrivate } from "../training/private-options.ts";
import { openPlanned, type RunMachine } from "../training/trainer.ts";

/** How long the short run is, and how it is measured. */
export type BatchSizeOptions = Pick<RunMachine, "engine" | "threads"> & {
  /** Steps of the short run, ≥ 10. Default: an epoch, two where it has less than 200 steps; 10 to 2,000. */
  readonly steps?: number | undefined;
  /** Rows of each measurement, ≥ 2. Default 2,048, or all there are. */
  readonly rows?: number | undefined;
  /** An abort rejects with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/** The noise at one step of a run. */
export type NoiseAtStep = MeasuredNoise & {
  /** Steps done before it, ≥ 1. */
  readonly step: number;
  /** Mean loss of the rows of the steps since the measurement before. */
  readonly loss: number;
};

/** A batch size and its price, by the paper's model. */
export type BatchPrice = {
  /** B, in examples. */
  readonly batchSize: number;
  /** Steps to the same loss, as a multiple of the fewest possible: 1 + noise scale/B. */
  readonly steps: number;
  /** Examples to the same loss, as a multiple of the fewest possible: 1 + B/noise scale. */
  readonly examples: number;
};

/** What was measured, and what follows. */
export type BatchSizeAdvice = {
  /** Along the short run. */
  readonly measured: readonly NoiseAtStep[];
  /** The mean over the measurements where ‖G‖² can be told from the noise, in examples. */
  readonly scale: number;
  /** The power of two nearest to the scale, within [1, training rows / 8]. */
  readonly recommended: number;
  /** For powers of two around it. */
  readonly prices: readonly BatchPrice[];
};

const POINTS = 10; //   measurements of a run
const ROWS = 2048; //   of each

/**
 * Train the first steps of `planned` and measure the gradient noise along them. The recommended batch is the noise
 * scale: there a step is worth half of the best possible one, and an example half of the best possible one. The scale
 * grows while the loss falls, so it is one of this part of a run. Raises InvalidInput where no mean gradient can be
 * told from the noise.
 */
export async function recommendBatchSize(
  planned: PlannedTraining,
  { engine, threads, steps, rows = ROWS, signal }: BatchSizeOptions = {},
): Promise<BatchSizeAdvice> {
  must(planned?.splits !== undefined, "planned", "a plan of planTraining", planned);
  refusePrivate(planned.options, "the gradient noise");
  const run = await openPlanned(planned, { engine, threads, signal });
  try {
    const N = planned.splits.train.rows;
    const { stepsPerEpoch } = run.progress;
    const whole = planned.options.epochs * stepsPerEpoch;
    const length = Math.min(
      whole,
      steps ?? Math.min(2000, Math.max(10, stepsPerEpoch, Math.min(200, 2 * stepsPerEpoch))),
    );
    const order = Uint32Array.from({ length: Math.min(N, rows) }, (_, i) => Math.floor((i * N) / Math.min(N, rows)));
    const measured: NoiseAtStep[] = [];
    for (let point = 1; point <= POINTS; point++) {
      const until = Math.max(run.progress.steps + 1, Math.floor((length * point) / POINTS));
      let [loss, count] = [0, 0];
      while (run.progress.steps < until && run.progress.ended === null) {
        const before = run.progress.steps;
        const left = Math.min(until - before, stepsPerEpoch - run.progress.step);
        await run.train({ steps: left, signal });
        signal?.throwIfAborted();
        const done = Math.min(left * planned.options.batchSize, N);
        for (const value of run.session.readLosses(0, done)) loss += value;
        count += done;
      }
      if (count === 0) break;
      const noise = await measureNoise(run.session, order);
      measured.push({ ...noise, step: run.progress.steps, loss: loss / count });
    }
    return advise(measured, N);
  } finally {
    await run.close();
  }
}

function advise(measured: readonly NoiseAtStep[], rows: number): BatchSizeAdvice {
  const scales = measured.flatMap(({ scale }) => (scale === null ? [] : [scale]));
  if (2 * scales.length <= measured.length) {
    const reason = `the mean gradient cannot be told from the noise of single rows in most of the ${measured.at(-1)?.step} steps: the run has learned all it can, or there are too few rows. Ask for fewer --steps, or bring more rows.`;
    throw new InvalidInput("TOO_FEW_ROWS", reason);
  }
  const scale = scales.reduce((sum, one) => sum + one / scales.length, 0);
  let recommended = 1;
  while (recommended * Math.SQRT2 < scale && 16 * recommended <= rows) recommended *= 2;
  const prices = [-3, -2, -1, 0, 1, 2, 3].flatMap((power) => {
    const batchSize = recommended * 2 ** power;
    if (batchSize < 1 || batchSize > rows) return [];
    return [{ batchSize, steps: 1 + scale / batchSize, examples: 1 + batchSize / scale }];
  });
  return { measured, scale, recommended, prices };
}
