// What `predict` says of a row where a model answers with numbers or labels: for JSON, for a table, for a line.
import { type Loss, lossTask } from "../network/losses.ts";
import type { ValuePrediction } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import { clip, percent } from "./tables.ts";

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

/** Columns of a table of answers, by their names. */
export function valueColumns({ loss, classes }: Model) {
  const of = (name: string, read: (answer: ValueAnswerRow) => string | number) => ({ name, of: read });
  if (lossTask(loss!) === "multilabel")
    return [
      of("labels", ({ labels }) => labels!.join("; ")),
      ...classes.map((name) => of(`P(${name})`, ({ probabilities }) => probabilities![name]!)),
    ];
  const { levels = [] } = loss as Extract<Loss, { name: "quantile" }>;
  return classes.flatMap((name) => [
    of(`predicted ${name}`, ({ values }) => values![name]!),
    ...levels.map((level) => of(`${name} quantile ${level}`, ({ quantiles }) => quantiles![name]![level]!)),
    ...(loss!.name === "gaussian" ? [of(`${name} deviation`, ({ deviations }) => deviations![name]!)] : []),
  ]);
}

const short = (x: number) => String(Number(x.toPrecision(6)));

/** One line for people: the numbers with their quantiles or deviations, or the labels with their probabilities. */
export function valueText({ classes }: Model, answer: ValueAnswerRow): string {
  const { labels, probabilities, values, quantiles, deviations } = answer;
  if (labels) {
    const said = labels.map((name) => `${clip(name, 30)} ${percent(probabilities![name]!)}`);
    return said.length > 0 ? said.join(", ") : "no label";
  }
  const one = (name: string) => {
    const spread = deviations ? ` ± ${short(deviations[name]!)}` : "";
    const levels = quantiles
      ? ` (${Object.entries(quantiles[name]!)
          .map(([q, x]) => `${q}: ${short(x)}`)
          .join(", ")})`
      : "";
    return `${short(values![name]!)}${spread}${levels}`;
  };
  if (classes.length === 1) return one(classes[0]!);
  return classes.map((name) => `${clip(name, 30)} ${one(name)}`).join("  ");
}
