// What is said of a row where a model answers with numbers or labels, by the targets' names.
import { type Loss, lossTask } from "../network/losses.ts";
import type { ValuePrediction } from "./evaluate.ts";
import type { Model } from "./model.ts";

type ByName<V> = Readonly<Record<string, V>>;

/** Labels with the probability of each, or values by the targets' names. */
export type ValueAnswerRow = {
  readonly labels?: readonly string[];
  readonly probabilities?: ByName<number>;
  readonly values?: ByName<number>;
  readonly quantiles?: ByName<ByName<number>>;
  readonly deviations?: ByName<number>;
};

/** The values of row `i` by the targets' names, in the units of the data. */
export function valueAnswer({ loss, classes }: Model, prediction: ValuePrediction, i: number): ValueAnswerRow {
  const T = classes.length;
  const named = <V>(of: (j: number) => V) => Object.fromEntries(classes.map((name, j) => [name, of(j)]));
  const { values, quantiles, deviations } = prediction;
  const { levels = [] } = loss as Extract<Loss, { name: "quantile" }>;
  const K = levels.length;
  const row = values.subarray(i * T, (i + 1) * T);
  const quantile = (j: number) => levels.map((level, q) => [level, quantiles![(i * T + j) * K + q]!] as const);
  return {
    ...(lossTask(loss!) === "multilabel"
      ? { labels: classes.filter((_, j) => row[j]! >= 0.5), probabilities: named((j) => row[j]!) }
      : { values: named((j) => row[j]!) }),
    ...(quantiles && { quantiles: named((j) => Object.fromEntries(quantile(j))) }),
    ...(deviations && { deviations: named((j) => deviations[i * T + j]!) }),
  };
}
