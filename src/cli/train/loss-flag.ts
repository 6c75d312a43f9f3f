// --loss and --task: what a run learns of its labels, from the flags and from what was found in the data.
import { Option } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import type { Task } from "../../data/table/table-options.ts";
import { must } from "../../errors.ts";
import { checkLoss, type Loss, lossTask } from "../../network/losses.ts";
import { readLossWord, usualLoss } from "../../training/loss-text.ts";
import { lossOf, type TrainingOptions } from "../../training/options.ts";
import { fitTargets, type TargetScaling } from "../../training/value-targets.ts";
import { decimal, list } from "../arguments.ts";
import { clip, plural } from "../tables.ts";

export const lossOption = (): Option =>
  new Option(
    "--loss <name>",
    "what is minimized, perhaps with its constants: huber=1, quantile=0.1,0.5,0.9, focal=2 (default: by --task softmax-cross-entropy, squared-error or sigmoid-cross-entropy)",
  ).argParser((text) => readLossWord(text, "--loss"));

export const labelWeightsOption = (): Option =>
  new Option("--label-weights <w>", "of the loss of each label, one number a label (default: 1 each)").argParser(
    (text) => {
      const sound = (x: number) => x >= 0 && Number.isFinite(Math.fround(x));
      const weights = list(decimal("--label-weights", "float32 numbers ≥ 0 with commas between", sound))(text);
      const some = weights.some((x) => x > 0);
      must(some, "--label-weights", "at least one number > 0", text, "With all 0 nothing is learned.");
      return weights;
    },
  );

/** What the flags say there is to learn. */
export function taskOf(task: Task | "found" | undefined, loss: TrainingOptions["loss"]): Task | "found" {
  if (loss === undefined) return task ?? "found";
  const learned = lossTask(lossOf({ loss }));
  const fits = task === undefined || task === "found" || task === learned;
  must(fits, "--loss", `one for --task ${task}`, lossOf({ loss }).name);
  return task === undefined && learned === "classify" ? "found" : learned;
}

/** `given` with a loss for what the rows have to learn, and the weights of --label-weights in it. */
export function withLoss(
  given: Partial<TrainingOptions>,
  { task, classes }: Dataset,
  labelWeights?: readonly number[],
): Partial<TrainingOptions> {
  const loss = given.loss ?? (task && usualLoss(task));
  if (loss === undefined && labelWeights === undefined) return given;
  if (labelWeights === undefined) return { ...given, loss };
  const labels = task === "multilabel";
  must(labels, "--label-weights", "left out unless labels are learned (--task multilabel)", labelWeights.join(","));
  const expected = `${plural(classes.length, "number")}, one a label (${classes.map((name) => clip(name, 30)).join(", ")})`;
  must(labelWeights.length === classes.length, "--label-weights", expected, labelWeights.length);
  return { ...given, loss: checkLoss({ ...lossOf({ loss }), labelWeights } as Loss) };
}

/** How the numbers to learn are scaled, by `kept` where a model goes on; none of classes, labels and counts. */
export function targetLines(train: Dataset, loss: TrainingOptions["loss"], kept?: TargetScaling): string[] {
  const scaling = kept ?? fitTargets(lossOf({ loss }), train);
  if (scaling === undefined) return [];
  const short = (x: number) => String(Number(x.toPrecision(4)));
  const shown = train.classes
    .slice(0, 3)
    .map((name, j) => `${clip(name, 30)} ${short(scaling.mean[j]!)} ± ${short(scaling.deviation[j]!)}`);
  const more = train.classes.length > 3 ? ` and ${plural(train.classes.length - 3, "more", "more")}` : "";
  return [`  target   ${shown.join(", ")}${more} in training: learned at mean 0 and deviation 1, answered as it is`];
}
