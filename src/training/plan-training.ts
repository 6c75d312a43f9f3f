// The one door of training: options and data are checked here, once, and the result type says so. Everything behind it
// (trainer.ts, run.ts, the command line) takes a PlannedTraining and checks nothing again.
import type { Dataset } from "../data/dataset.ts";
import type { Network } from "../network/network.ts";
import { resolveOptions, type TrainingOptions } from "./options.ts";
import { type CheckedSplits, checkSplits, holdOutValidation, type Splits } from "./splits.ts";

declare class Planned {
  private readonly planned: true;
}

/** What decides every bit of a run, checked. Only planTraining makes one. */
export interface PlannedTraining extends Planned {
  readonly network: Network;
  readonly splits: CheckedSplits;
  /** Defaults filled in. */
  readonly options: TrainingOptions;
}

/**
 * Plan the training of `network` on `data`: a training split, or several splits. Without a validation split, the share
 * `validation` of the training rows becomes one. Options left out get their defaults. Raises InvalidInput.
 */
export function planTraining(
  network: Network,
  data: Dataset | Splits,
  options: Partial<TrainingOptions> = {},
): PlannedTraining {
  const given: Splits = "train" in data ? data : { train: data };
  const resolved = resolveOptions(options, given.train.rows);
  const splits = holdOutValidation(checkSplits(network, given), resolved);
  return { network, splits, options: resolved } as unknown as PlannedTraining;
}
