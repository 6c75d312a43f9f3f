// What a run learns and answers, in words: classes, numbers in the units of the data, labels that are there or not.

import { type Loss, type LossName, outputsPerTarget } from "../../network/losses.ts";
import type { ReadOutputs } from "../../training/value-targets.ts";
import type { RunDescription } from "../lab/protocol.ts";
import { type PlainText, plural, t } from "../language/words.ts";
import { percentText, shortNumber } from "./numbers.ts";

type Learned = Pick<RunDescription, "task" | "classes" | "loss">;

/** "3 classes", "1 number to learn (price)", "2 labels to learn (a, b)". */
export function learnedWords({ task, classes }: Omit<Learned, "loss">): string {
  const n = classes.length;
  if (task === "classify") return plural(n, "{n} class", "{n} classes");
  const names = n > 4 ? `${classes.slice(0, 4).join(", ")}, …` : classes.join(", ");
  const what =
    task === "regress"
      ? plural(n, "{n} number to learn", "{n} numbers to learn")
      : plural(n, "{n} label to learn", "{n} labels to learn");
  return `${what} (${names})`;
}

/** The one figure of a test: higher is better, 1 is the best. */
export const scoreName = (task: Learned["task"]): string =>
  task === "classify" ? t("accuracy") : { regress: "R²", multilabel: "F₁" }[task];

export const LOSS_NAMES: Readonly<Record<LossName, PlainText>> = {
  "softmax-cross-entropy": "softmax cross-entropy",
  "sigmoid-cross-entropy": "sigmoid cross-entropy",
  focal: "focal: easy labels count less",
  "squared-error": "squared error",
  "absolute-error": "absolute error",
  huber: "Huber: squared near, straight far",
  quantile: "quantiles",
  poisson: "Poisson: counts",
  gaussian: "Gaussian: a mean and a variance",
};

/** What the outputs of the last layer are called, one name each. */
export function outputNames({ classes, loss }: Pick<Learned, "classes" | "loss">): readonly string[] {
  if (outputsPerTarget(loss) === 1) return classes;
  const parts = loss.name === "quantile" ? loss.levels!.map(String) : [t("mean"), t("log variance")];
  return classes.flatMap((name) => parts.map((part) => `${name}, ${part}`));
}

/** A target as the data have it. */
export const wantedText = (task: Learned["task"], target: number): string =>
  task === "multilabel" ? t(target >= 0.5 ? "there" : "not there") : shortNumber(target, 5);

/** The targets of a row in a few words: the first number, or the labels that are there. */
export function targetWords({ task, classes }: Omit<Learned, "loss">, values: Float64Array): string {
  if (task === "regress") return wantedText(task, values[0]!);
  return classes.filter((_, j) => values[j]! >= 0.5).join(", ") || t("none");
}

/** What is answered for target `j`: a number, with its deviation or its outer quantiles; of a label its probability. */
export function answerText(
  { task, loss }: Pick<Learned, "task" | "loss">,
  { values, quantiles, deviations }: ReadOutputs,
  j: number,
): string {
  const value = values[j]!;
  if (task === "multilabel") return percentText(value);
  if (deviations) return `${shortNumber(value, 5)} ± ${shortNumber(deviations[j]!)}`;
  const K = quantiles ? levelsOf(loss).length : 1;
  if (K < 2) return shortNumber(value, 5);
  const own = quantiles!.subarray(j * K, (j + 1) * K);
  return `${shortNumber(value, 5)} (${levelsOf(loss)
    .map((level, q) => `${level}: ${shortNumber(own[q]!, 4)}`)
    .join("; ")})`;
}

const levelsOf = (loss: Loss): readonly number[] => (loss.name === "quantile" ? loss.levels! : []);

/** Of a row the first targets and answers, in one line: "price 12.5 → 12.1". */
export function rowWords({ task, classes }: Omit<Learned, "loss">, wanted: Float64Array, answered: Float64Array) {
  const said = (j: number) => (task === "multilabel" ? percentText(answered[j]!, 0) : shortNumber(answered[j]!, 4));
  const most = 3;
  const parts = classes.slice(0, most).map((name, j) => `${name} ${wantedText(task, wanted[j]!)} → ${said(j)}`);
  return classes.length > most ? `${parts.join(", ")}, …` : parts.join(", ");
}
