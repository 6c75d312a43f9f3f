// The learning rate of every step: a pure function of the step's number, so a resumed run has the same rates.
import { must } from "../errors.ts";
import { log } from "../numerics/exp-log.ts";
import { cosTurns } from "../numerics/trigonometry.ts";

/** Names of the schedules. */
export const SCHEDULES = ["constant", "step", "cosine", "one-cycle", "coslog4"] as const;
/**
 * How η changes: not at all, by steps, along half a cosine, up along one and down along another, or along four whole
 * ones, each twice as long.
 */
export type Schedule = (typeof SCHEDULES)[number];

/**
 * η of one step: `epoch` from 1, `step` from 0 within its epoch, `steps` of an epoch. A finite number ≥ 0, always the
 * same for the same step.
 */
export type RateOf = (epoch: number, step: number, steps: number) => number;

/** The rates of the steps of `epoch` by a function. Raises InvalidInput for one that is no rate. */
export function ratesBy(rateOf: RateOf, epoch: number, steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, step) => {
    const rate = rateOf(epoch, step, steps);
    const ok = rate >= 0 && Number.isFinite(Math.fround(rate));
    must(ok, `schedule(${epoch}, ${step}, ${steps})`, "a finite number ≥ 0", rate);
    return rate;
  });
}

const LOG_2 = log(2);
const RISING = 0.3; // share of the steps of one-cycle in which η rises
const LOWEST = 25; //  η₀ over its first rate

export type ScheduleSettings = {
  readonly schedule: Schedule;
  /** η₀. */
  readonly learningRate: number;
  /** 0 … epochs. */
  readonly warmupEpochs: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
};

/**
 * The rates of the steps of `epoch` (from 1). Warm-up rises linearly, step s of W at η₀(s + 1)/W. After it: constant
 * η₀; or step, η₀ divided by 10 from half of the epochs on and by 100 from three quarters on; or cosine, η₀(1 + cos
 * πp)/2 with p from 0 towards 1 over the steps left after warm-up (Loshchilov and Hutter, ICLR 2017, without restarts);
 * or one-cycle, along half a cosine from η₀/25 up to η₀ at p = 0.3 and along another from there towards 0 (Smith and
 * Topin, 2017); or coslog4, η₀(1 − cos(2π log₂(1 + 15p)))/2 (Holzmüller, Grinsztajn and Steinwart, NeurIPS 2024).
 */
export function learningRates(settings: ScheduleSettings, epoch: number): Float64Array {
  const { schedule, learningRate, warmupEpochs, epochs, stepsPerEpoch } = settings;
  const warmup = warmupEpochs * stepsPerEpoch;
  const total = epochs * stepsPerEpoch;
  return Float64Array.from({ length: stepsPerEpoch }, (_, i) => {
    const step = (epoch - 1) * stepsPerEpoch + i;
    if (step < warmup) return (learningRate * (step + 1)) / warmup;
    switch (schedule) {
      case "constant":
        return learningRate;
      case "step":
        return learningRate / (4 * step >= 3 * total ? 100 : 2 * step >= total ? 10 : 1);
      case "cosine":
        return learningRate * falling((step - warmup) / (total - warmup));
      case "one-cycle": {
        const p = (step - warmup) / (total - warmup);
        if (p >= RISING) return learningRate * falling((p - RISING) / (1 - RISING));
        return learningRate * (1 - (1 - 1 / LOWEST) * falling(p / RISING));
      }
      case "coslog4":
        return (learningRate * (1 - cosTurns(log(1 + (15 * (step - warmup)) / (total - warmup)) / LOG_2))) / 2;
    }
  });
}

/** (1 + cos πp)/2, from 1 at p = 0 to 0 at p = 1. */
const falling = (p: number): number => (1 + cosTurns(p / 2)) / 2;
