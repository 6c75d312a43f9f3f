// Rows whose classes are matched to a model's by name, before it learns on from them.
import type { Dataset } from "../data/dataset.ts";
import { InvalidInput, show } from "../errors.ts";
import type { Model } from "../training/model.ts";

/** Probability rows in the model's order of classes. */
export function alignTargets(
  { classes }: Pick<Model, "classes">,
  { targets, rows, classes: got }: Dataset,
): Dataset["targets"] {
  if (!targets || (got.length === classes.length && got.every((name, c) => name === classes[c]))) return targets;
  const out = new Float64Array(rows * classes.length);
  got.forEach((name, c) => {
    const to = classes.indexOf(name);
    for (let i = 0; i < rows; i++) out[i * classes.length + to] = targets[i * got.length + c]!;
  });
  return out;
}

/** Raises InvalidInput NEW_CLASS where a row, or a column of the targets, has a class that the model does not. */
export function refuseNewClass(
  { classes }: Pick<Model, "classes">,
  { name, labels, targets, classes: got }: Dataset,
): void {
  const c = got.findIndex((one, i) => !classes.includes(one) && (targets !== undefined || labels.includes(i)));
  if (c < 0) return;
  const known = classes.slice(0, 8).join(", ");
  const reason = `${name} has class ${show(got[c])}, which is none of the model's: ${known}. A new class needs one more output, which \`fit\` with from gives a model; a trainer of batches has those it began with.`;
  throw new InvalidInput("NEW_CLASS", reason);
}
