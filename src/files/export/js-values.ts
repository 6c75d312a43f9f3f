// The part of a module that answers with numbers or labels, as classifier/value-model.ts does.
import { type Loss, lossTask, outputsPerTarget } from "../../network/losses.ts";
import type { Model } from "../../training/model.ts";
import { middleLevel } from "../../training/value-targets.ts";
import { literal } from "./js-literal.ts";

/** What `predict` gives, for its comment and for the types beside the module. */
export function answerType({ name }: Loss): string {
  const list = "Readonly<Record<string, readonly number[]>>";
  const numbers = "Readonly<Record<string, number>>";
  const more = name === "quantile" ? `, quantiles: ${list}` : name === "gaussian" ? `, deviations: ${numbers}` : "";
  return `{ values: ${numbers}, labels: readonly string[]${more} }`;
}

/** The text of `answerOf(z)`: outputs as answers by name, in the units of the data. */
export function valueAnswerText({ loss, targetScaling, classes, temperature = 1 }: Model): string {
  const known = loss!;
  const per = outputsPerTarget(known);
  const T = classes.length;
  const unscaled = targetScaling
    ? `
// Of each number to learn: how training scaled it.
const targets = ${literal(targetScaling)};
const unscaled = (x, j) => targets.mean[j] + targets.deviation[j] * x;
`
    : "";
  const scaled = (x: string) => (targetScaling ? `unscaled(${x}, j)` : x);
  const named = (of: string) => `Object.fromEntries(classes.map((name, j) => [name, ${of}]))`;
  const labels = lossTask(known) === "multilabel" ? "classes.filter((_, j) => values[j] >= 0.5)" : "[]";
  const logit = temperature === 1 ? "z[j]" : `${1 / temperature} * z[j]`;
  const { value, more } = answerParts(known, per, scaled, named, targetScaling !== undefined, logit);
  return `${unscaled}
function answerOf(z) {
  const values = Float64Array.from({ length: ${T} }, (_, j) => ${value});
  return { values: ${named("values[j]")}, labels: ${labels}${more} };
}
`;
}

function answerParts(
  loss: Loss,
  per: number,
  scaled: (x: string) => string,
  named: (of: string) => string,
  isScaled: boolean,
  logit: string,
): { value: string; more: string } {
  switch (loss.name) {
    case "sigmoid-cross-entropy":
    case "focal":
      return { value: `logistic(${logit})`, more: "" };
    case "poisson":
      return { value: "exp(z[j])", more: "" };
    case "gaussian": {
      const deviation = `exp(0.5 * z[2 * j + 1]) * ${isScaled ? "targets.deviation[j]" : "1"}`;
      return { value: scaled("z[2 * j]"), more: `, deviations: ${named(deviation)}` };
    }
    case "quantile": {
      const each = `Array.from({ length: ${per} }, (_, q) => ${scaled(`z[j * ${per} + q]`)})`;
      return { value: scaled(`z[j * ${per} + ${middleLevel(loss.levels!)}]`), more: `, quantiles: ${named(each)}` };
    }
    default:
      return { value: scaled("z[j]"), more: "" };
  }
}
