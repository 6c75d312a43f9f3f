// The options of training as flags, of every command that trains; defaults.ts has their defaults.
import { type Command, Option } from "commander";
import type { Dataset } from "../data/dataset.ts";
import { must } from "../errors.ts";
import { OPTIMIZERS } from "../gradients/kernels.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../network/network.ts";
import { INITIALIZATIONS } from "../network/parameters.ts";
import { DEFAULTS, defaultHidden } from "../training/defaults.ts";
import { TRAINING_OPTIMIZERS } from "../training/optimizer.ts";
import type { TrainingOptions } from "../training/options.ts";
import type { NetworkOf } from "../training/plan-training.ts";
import { SCHEDULES } from "../training/schedule.ts";
import { STEP_OPTIONS } from "../training/step-options.ts";
import { decimal, layerSize, list, seedNumber, wholeNumber } from "./arguments.ts";
import { addAugment, readAugment } from "./augment-option.ts";
import { type LayerFlags, layerNorm, residual } from "./command-options.ts";
import { addStepFlags } from "./train/step-flags.ts";

/** Options of training that are flags, as they are given. */
export type OptionFlags = Partial<Omit<TrainingOptions, "augment" | "private" | "epsilon">> & {
  readonly augment?: string | undefined;
};

/** Those that every command takes which trains. */
function addUsual(command: Command, optimizers: readonly string[]): void {
  command
    .addOption(
      new Option(
        "--epochs <n>",
        "times through the training rows (default: 100, but 600 to 5,000 steps and at least 10 times; from 10,000 images 10)",
      ).argParser(wholeNumber("--epochs", 1, 1_000_000)),
    )
    .addOption(
      new Option("--batch-size <n>", "rows of a step (default: 32; from 10,000 images 64)").argParser(
        wholeNumber("--batch-size", 1, 65_536),
      ),
    )
    .addOption(
      new Option(
        "--learning-rate <x>",
        "step size at first (default: 0.003 adamw; 0.002 adam; 0.02 momentum, nesterov; 0.2 sgd; constant: half)",
      ).argParser(decimal("--learning-rate", "a number > 0", (x) => x > 0)),
    )
    .addOption(
      new Option(
        "--optimizer <name>",
        "optimizer (default: adamw; sgd from 10,000 images, and with --learning-rate alone; lbfgs: all rows a step)",
      ).choices(optimizers),
    )
    .addOption(
      new Option("--seed <n>", "of every draw: weights, shuffles, split (default: 1)").argParser(seedNumber("--seed")),
    );
}

/** All of them, but those of the network. */
export function addTrainingOptions(command: Command): void {
  addUsual(command, TRAINING_OPTIMIZERS);
  command
    .addOption(new Option("--initialization <name>", "of the weights (default: he)").choices(INITIALIZATIONS))
    .addOption(
      new Option("--schedule <name>", "of the learning rate (default: cosine, from its start to 0)").choices(SCHEDULES),
    )
    .addOption(
      new Option("--warmup-epochs <n>", "epochs in which the rate rises from 0 (default: 0)").argParser(
        wholeNumber("--warmup-epochs", 0, 1_000_000),
      ),
    )
    .addOption(
      new Option(
        "--weight-decay <x>",
        "on weights; L2 but with adamw (default: 0; with adamw 1, or 10 by the number of classes above ten; 0 from 10,000 images)",
      ).argParser(decimal("--weight-decay", "a number ≥ 0", (x) => x >= 0)),
    )
    .addOption(
      new Option("--label-smoothing <x>", "share of every label spread over all classes (default: 0)").argParser(
        decimal("--label-smoothing", "a number in [0, 1)", (x) => x >= 0 && x < 1),
      ),
    )
    .addOption(new Option("--class-weights <w>", "balanced, or one number a class").argParser(classWeights));
  addStepFlags(command);
  addAugment(command, "distort training images anew in every epoch (default: none)");
}

function classWeights(text: string): TrainingOptions["classWeights"] {
  const ok = (x: number) => x >= 0 && Number.isFinite(Math.fround(x));
  const weight = decimal("--class-weights", "balanced, or float32 numbers ≥ 0 with commas between", ok);
  if (text === "balanced") return text;
  const weights = list(weight)(text);
  const some = weights.some((x) => x > 0);
  must(some, "--class-weights", "at least one number > 0", text, "With all 0 nothing is learned.");
  return weights;
}

/** Of the flags, those that are training options, but for the distortions. */
export function trainingOptions(flags: OptionFlags): Partial<TrainingOptions> {
  const names = [...Object.keys(DEFAULTS), ...STEP_OPTIONS, "loss", "calibrate"];
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => names.includes(name) && value !== undefined),
  );
}

/** The same with the distortions, which may be in a file. */
export async function allTrainingOptions(flags: OptionFlags): Promise<Partial<TrainingOptions>> {
  const augment = await readAugment(flags.augment);
  return { ...trainingOptions(flags), ...(augment !== undefined && { augment }) };
}

/** Flags of commands that train networks of their own. */
export type NetworkFlags = OptionFlags &
  LayerFlags & { readonly hidden?: number[] | undefined; readonly activation?: Activation | undefined };

function addLayers(command: Command): void {
  command
    .addOption(
      new Option("--hidden <sizes>", "hidden layer sizes (default: as train)").argParser(list(layerSize("--hidden"))),
    )
    .addOption(new Option("--activation <name>", "between the layers (default: relu)").choices(ACTIVATIONS));
}

/** What most such commands take. */
export function addTraining(command: Command): void {
  addLayers(command);
  addUsual(command, OPTIMIZERS);
}

/** For those that compare options: all that train takes. */
export function addAllTraining(command: Command): void {
  addLayers(command);
  command.addOption(layerNorm()).addOption(residual());
  addTrainingOptions(command);
}

/** The network of the flags for rows like these. */
export function networkOf({ hidden, activation, layerNorm, residual }: NetworkFlags, data: Dataset): NetworkOf {
  const sizes = hidden ?? defaultHidden(data);
  return (inputs, classes) => defineNetwork([inputs, ...sizes, classes], activation, { layerNorm, residual });
}
