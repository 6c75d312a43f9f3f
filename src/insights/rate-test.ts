// The learning-rate range test: a short run whose rate grows from step to step, and the rate that its curve recommends.
// After Smith, "Cyclical Learning Rates for Training Neural Networks" (arXiv 1506.01186), section 3.3.
import { must, NumericalStop } from "../errors.ts";
import type { Optimizer } from "../gradients/kernels.ts";
import { exp, log } from "../numerics/exp-log.ts";
import { steppingOptimizer } from "../training/optimizer.ts";
import { type PlannedTraining, planTraining } from "../training/plan-training.ts";
import { refusePrivate } from "../training/private-options.ts";
import { openPlanned, type RunMachine } from "../training/trainer.ts";
import { Diverged } from "../training/training-result.ts";

/** How the range test runs. */
export type RateTestOptions = Pick<RunMachine, "engine" | "threads"> & {
  /** Steps, ≥ 20. Default 200. */
  readonly steps?: number | undefined;
  /** An abort rejects with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/** One step of the range test. */
export type RateStep = {
  /** η > 0. */
  readonly rate: number;
  /** Mean loss of the step's rows, before its update. */
  readonly loss: number;
  /** The mean over the three steps before it to the three after it. */
  readonly smoothed: number;
};

/** The curve, and what follows. */
export type RateAdvice = {
  /** The steps until the loss rose for good. */
  readonly curve: readonly RateStep[];
  /** η from which the loss is above the one it began with; the last one, where it never is. */
  readonly largest: number;
  /** η₀ to begin a cosine schedule with; half of it for a constant rate. Two significant digits. */
  readonly recommended: number;
};

/** From where to where η goes: adam's and adamw's steps have the size of η. */
const RANGE = { sgd: [1e-4, 32], momentum: [1e-5, 4], nesterov: [1e-5, 4], adam: [1e-6, 1], adamw: [1e-6, 1] } as const;
const AROUND = 3; //        steps before and after one, whose mean loss smooths it
const RISEN = 2; //         times the loss it began with: it will not come back
const CALIBRATED = 1.15; // times the rate of the lowest loss: fitted to the best of a grid on eight runs
/**
 * Of adam and adamw, whose loss may go on falling where a whole run would end badly: times the rate at which nine
 * tenths of the fall are done, and no more than 0.01. Fitted on seven data sets.
 */
const ADAPTIVE = { calibrated: 1.3, fallen: 0.9, most: 0.01 } as const;
const FIRST = 20; //        steps whose mean is the loss before the fall

/** Run the test on the data, network and options of `planned`, whose own rate and schedule do not matter. */
export async function testRates(
  planned: PlannedTraining,
  { engine, threads, steps = 200, signal }: RateTestOptions = {},
): Promise<RateAdvice> {
  must(planned?.splits !== undefined, "planned", "a plan of planTraining", planned);
  const { network, splits, options, basis } = planned;
  refusePrivate(options, "a range test");
  const stepsPerEpoch = Math.ceil(splits.train.rows / options.batchSize);
  const optimizer = steppingOptimizer(options, "a range test");
  const [low, high] = RANGE[optimizer];
  const factor = log(high / low) / (steps - 1);
  const rateOf = (epoch: number, step: number) =>
    low * exp(Math.min(steps - 1, (epoch - 1) * stepsPerEpoch + step) * factor);
  const rising = planTraining(
    network,
    splits,
    { ...options, epochs: Math.ceil(steps / stepsPerEpoch), patience: null, warmupEpochs: 0 },
    { ...basis, metric: undefined, rateOf },
  );
  const run = await openPlanned(rising, { engine, threads, signal });
  const losses: number[] = [];
  const rates: number[] = [];
  try {
    while (losses.length < steps) {
      const { epoch, step } = run.progress;
      const n = run.nextRows().length;
      await run.train({ steps: 1 });
      signal?.throwIfAborted();
      let loss = 0;
      for (const value of run.session.readLosses(0, n)) loss += value / n;
      losses.push(loss);
      rates.push(rateOf(epoch, step));
      if (losses.length > 10 && !(loss <= RISEN * losses[0]!)) break;
    }
  } catch (error) {
    if (!(error instanceof Diverged)) throw error; // the curve ends where the numbers do
  } finally {
    await run.close();
  }
  if (losses.length === 0) throw new NumericalStop("NOT_FINITE", "the loss is not finite at the first step.");
  return recommend(rates, losses, optimizer);
}

function recommend(rates: readonly number[], losses: readonly number[], optimizer: Optimizer): RateAdvice {
  const curve = losses.map((loss, k): RateStep => {
    const near = losses.slice(Math.max(0, k - AROUND), k + AROUND + 1);
    return { rate: rates[k]!, loss, smoothed: near.reduce((sum, one) => sum + one / near.length, 0) };
  });
  const best = curve.reduce((least, step) => (step.smoothed < least.smoothed ? step : least));
  const above = curve.find(({ rate, smoothed }) => rate > best.rate && smoothed > curve[0]!.smoothed);
  const adaptive = optimizer === "adam" || optimizer === "adamw";
  const rate = adaptive ? Math.min(ADAPTIVE.most, ADAPTIVE.calibrated * fallenAt(curve, best)) : CALIBRATED * best.rate;
  const recommended = Number(rate.toPrecision(2));
  return { curve, largest: (above ?? curve.at(-1)!).rate, recommended };
}

/** The rate at which the loss has done most of its fall to `best`. */
function fallenAt(curve: readonly RateStep[], best: RateStep): number {
  const before = curve.slice(0, FIRST);
  const start = before.reduce((sum, { loss }) => sum + loss / before.length, 0);
  const level = start - ADAPTIVE.fallen * (start - best.smoothed);
  return (curve.find(({ smoothed }) => smoothed <= level) ?? best).rate;
}
