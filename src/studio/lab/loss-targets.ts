// The loss of a set-up on its data, and the target rows of that loss as it takes them.
import type { Dataset } from "../../data/dataset.ts";
import type { Task } from "../../data/table/table-options.ts";
import { must } from "../../errors.ts";
import { type Loss, lossTask } from "../../network/losses.ts";
import { targetCoefficients } from "../../network/targets.ts";
import { readLossWord, usualLoss } from "../../training/loss-text.ts";
import type { Model } from "../../training/model.ts";
import { sessionTargets } from "../../training/value-targets.ts";
import type { StudioSetup } from "../state/setup.ts";

/** The loss that was chosen, or what is usual for these data. Raises InvalidInput where it is for others. */
export function lossFor({ loss }: Pick<StudioSetup, "loss">, data: Dataset): Loss {
  const { task = "classify" }: { readonly task?: Task | undefined } = data;
  if (loss === "") return usualLoss(task);
  const asked = readLossWord(loss, "the loss");
  const learned = { classify: "a class", regress: "numbers", multilabel: "labels that are there or not" };
  must(lossTask(asked) === task, "the loss", `one for ${learned[task]}, as the data have them to learn`, asked.name);
  return asked;
}

/** [n×C], or [n×T] of numbers and labels: scaled, smoothed, without the weights of rows. */
export function lossTargets(
  { loss, targetScaling, classes }: Pick<Model, "loss" | "targetScaling" | "classes">,
  smoothing: number,
  data: Dataset,
  rows: ArrayLike<number>,
): Float64Array {
  const C = classes.length;
  const of = (read: (row: number, c: number) => number) =>
    Float64Array.from({ length: rows.length * C }, (_, k) => read(rows[Math.floor(k / C)]!, k % C));
  const y = loss
    ? sessionTargets(
        of((row, c) => data.values![row * C + c]!),
        C,
        targetScaling,
        undefined,
      )
    : of((row, c) => Number(data.labels[row] === c));
  const { scale, shift } = targetCoefficients(C, smoothing, undefined, loss ? 2 : C);
  return smoothing > 0 ? y.map((t, k) => scale[k % C]! * t + shift[k % C]!) : y;
}
