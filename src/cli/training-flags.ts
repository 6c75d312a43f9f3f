// The options of commands that train networks of their own: a few of train's, with the same defaults.
import { type Command, Option } from "commander";
import type { Dataset } from "../data/dataset.ts";
import { OPTIMIZERS } from "../gradients/kernels.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../network/network.ts";
import { DEFAULTS, defaultHidden } from "../training/defaults.ts";
import type { TrainingOptions } from "../training/options.ts";
import type { NetworkOf } from "../training/plan-training.ts";
import { decimal, layerSize, list, seedNumber, wholeNumber } from "./arguments.ts";
import type { LayerFlags } from "./command-options.ts";

export type TrainingFlags = Partial<
  Pick<TrainingOptions, "epochs" | "batchSize" | "learningRate" | "optimizer" | "seed">
> & { readonly hidden?: number[] | undefined; readonly activation?: Activation | undefined };

export function addTraining(command: Command): void {
  command
    .addOption(
      new Option("--hidden <sizes>", "hidden layer sizes (default: as train)").argParser(list(layerSize("--hidden"))),
    )
    .addOption(new Option("--activation <name>", "between the layers (default: relu)").choices(ACTIVATIONS))
    .addOption(
      new Option("--epochs <n>", "times through the training rows (default: as train)").argParser(
        wholeNumber("--epochs", 1, 1_000_000),
      ),
    )
    .addOption(
      new Option("--batch-size <n>", "rows of a step (default: as train)").argParser(
        wholeNumber("--batch-size", 1, 65_536),
      ),
    )
    .addOption(
      new Option("--learning-rate <x>", "step size at first (default: as train)").argParser(
        decimal("--learning-rate", "a number > 0", (x) => x > 0),
      ),
    )
    .addOption(new Option("--optimizer <name>", "optimizer (default: as train)").choices(OPTIMIZERS))
    .addOption(new Option("--seed <n>", "of every draw (default: 1)").argParser(seedNumber("--seed")));
}

/** Of the flags, those that are training options. */
export function trainingOptions(flags: TrainingFlags): Partial<TrainingOptions> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => Object.hasOwn(DEFAULTS, name)));
}

/** The network of the flags for rows like these. */
export function networkOf(
  { hidden, activation, layerNorm, residual }: TrainingFlags & LayerFlags,
  data: Dataset,
): NetworkOf {
  const sizes = hidden ?? defaultHidden(data);
  return (inputs, classes) => defineNetwork([inputs, ...sizes, classes], activation, { layerNorm, residual });
}
