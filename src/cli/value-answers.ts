// What `predict` says of a row where a model answers with numbers or labels: for a table, for a line.
import { type Loss, lossTask } from "../network/losses.ts";
import type { Model } from "../training/model.ts";
import type { ValueAnswerRow } from "../training/value-answer.ts";
import { clip, percent } from "./tables.ts";

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
