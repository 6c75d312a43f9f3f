// What a classifier answers: labels and probabilities by name.
import { exponentials } from "../numerics/softmax.ts";
import type { Model } from "../training/model.ts";

/** The answer for one row. */
export type Answer = {
  /** The most probable class; the first of equals. */
  readonly label: string;
  /** Of that class, in (0, 1]. */
  readonly probability: number;
  /** Of every class by name; they sum to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
};

/** The answers for n rows. */
export type Answers = {
  /** [n], the most probable class of each row. */
  readonly labels: readonly string[];
  /** [n×C], row by row in the order of `classes`. */
  readonly probabilities: Float64Array;
  /** C names. */
  readonly classes: readonly string[];
};

/** S(z/T) of one row of logits [C], by name. An answer is all that a call leaves to the collector. */
export function answersBy({
  classes,
  temperature = 1,
}: Pick<Model, "classes" | "temperature">): (logits: ArrayLike<number>) => Answer {
  const C = classes.length;
  const numerators = new Float64Array(C);
  const none = Object.fromEntries(classes.map((name) => [name, 0])); // has a class named __proto__, too
  return (logits) => {
    const { denominator, argmax } = exponentials(logits, 0, C, numerators, 1 / temperature);
    const probabilities: Record<string, number> = { ...none };
    for (let c = 0; c < C; c++) probabilities[classes[c]!] = numerators[c]! / denominator;
    return { label: classes[argmax]!, probability: numerators[argmax]! / denominator, probabilities };
  };
}

/** Answers for `rows` rows; `add` takes the logits of row i, in ascending order. */
export function collectAnswers({ classes, temperature = 1 }: Pick<Model, "classes" | "temperature">, rows: number) {
  const C = classes.length;
  const labels: string[] = [];
  const probabilities = new Float64Array(rows * C);
  const add = (i: number, logits: ArrayLike<number>): void => {
    const { numerators, denominator, argmax } = exponentials(logits, 0, C, undefined, 1 / temperature);
    for (let c = 0; c < C; c++) probabilities[i * C + c] = numerators[c]! / denominator;
    labels.push(classes[argmax]!);
  };
  const answers: Answers = { labels, probabilities, classes };
  return { answers, add };
}
