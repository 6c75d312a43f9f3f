// Settings that a run changes between two steps. A run is then its options, its data and the list of its changes, and
// whoever follows the list gets the same bits.
import { must } from "../errors.ts";
import type { TrainingOptions } from "./options.ts";
import type { RunState } from "./run-state.ts";

/** What may change: the learning rate η and the weight decay λ at any step, the batch size B between two epochs. */
export type ChangedOptions = Partial<Pick<TrainingOptions, "learningRate" | "weightDecay" | "batchSize">>;

/** A change of a run's settings, before the step at hand. */
export type RunChange = {
  /** The epoch in which it took place, from 1. */
  readonly epoch: number;
  /** Steps of that epoch done before it, from 0. */
  readonly step: number;
  /** The new values of what changed. */
  readonly options: ChangedOptions;
};

const CHANGEABLE = ["learningRate", "weightDecay", "batchSize"] as const;

/** A change at `state`. Raises InvalidInput where B would change within an epoch. */
export function changeAt({ epoch, step }: Pick<RunState, "epoch" | "step">, options: ChangedOptions): RunChange {
  must(
    options.batchSize === undefined || step === 0,
    "the batch size",
    "changed between two epochs",
    `a change after step ${step} of epoch ${epoch}`,
  );
  return { epoch, step, options };
}

/** Whether a value read from a file is a list of changes, in their order. */
export function isChanges(value: unknown): value is readonly RunChange[] {
  if (!Array.isArray(value)) return false;
  let [epoch, step] = [1, 0];
  return value.every((change: RunChange) => {
    const whole = Number.isSafeInteger(change?.epoch) && Number.isSafeInteger(change.step) && change.step >= 0;
    if (!whole || typeof change.options !== "object" || change.options === null) return false;
    const later = change.epoch > epoch || (change.epoch === epoch && change.step >= step);
    [epoch, step] = [change.epoch, change.step];
    const entries = Object.entries(change.options);
    const known = entries.every(
      ([name, to]) => (CHANGEABLE as readonly string[]).includes(name) && typeof to === "number" && Number.isFinite(to),
    );
    return later && known && (change.options.batchSize === undefined || change.step === 0);
  });
}

/** The options in force after the changes. */
export function changedOptions(options: TrainingOptions, changes: readonly RunChange[]): TrainingOptions {
  return Object.assign({}, options, ...changes.map((change) => change.options)) as TrainingOptions;
}
