// An array of labels as numbers to learn or as labels that are there or not: [N] or [N×T].
import { type InvalidInputCode, must } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import type { Task } from "../table/table-options.ts";
import type { LabelArray } from "./label-array.ts";

type Place = { readonly code: InvalidInputCode; readonly labelsFile?: string | undefined };

type Targets = Required<Pick<Dataset, "values" | "classes" | "task">> & { readonly notes: readonly string[] };

/**
 * What the array holds to learn, where that is no class: as told, or under "found" numbers where some are not whole,
 * and labels where rows of several columns hold 0 and 1 and are not all one-hot. Undefined for classes. `names`: of T.
 */
export function targetsOf(
  labels: LabelArray,
  rows: number,
  asked: Task | "found" | undefined,
  { code, labelsFile: file, names }: Place & { readonly names?: readonly string[] | undefined },
): Targets | undefined {
  const { shape, values } = labels;
  const task = asked === "found" ? findTask(labels) : asked;
  if (task === undefined || task === "classify") return undefined;
  const [count, T = 1] = shape;
  const place = { file, at: "shape" };
  must(labels.names === undefined, "targets", "numbers", "text", "", place, code);
  must(
    shape.length <= 2 && count === rows && T >= 1,
    "targets",
    `an array [${rows}] or [${rows}, targets]`,
    shape,
    "",
    place,
    code,
  );
  const expected = task === "regress" ? "a finite number" : "1 where the label is there, else 0";
  for (const [at, x] of values.entries()) {
    const sound = Number.isFinite(Math.fround(x)) && (task === "regress" || (x >= 0 && x <= 1));
    if (!sound)
      must(
        false,
        "the target",
        expected,
        x,
        "",
        { file, at: `row ${Math.floor(at / T) + 1} column ${(at % T) + 1}` },
        code,
      );
  }
  const base = task === "regress" ? "value" : "label";
  const classes =
    names?.length === T ? names : Array.from({ length: T }, (_, j) => (T === 1 ? base : `${base} ${j + 1}`));
  const what = task === "regress" ? "numbers to learn" : "labels that are there or not";
  const found = `The array of labels holds ${what}, ${T} a row, by its values; --task says otherwise.`;
  return { task, classes, values: Float64Array.from(values), notes: asked === "found" ? [found] : [] };
}

function findTask({ shape, values, names }: LabelArray): Task {
  const [, T = 1] = shape;
  if (names !== undefined) return "classify";
  if (values.some((x) => !Number.isInteger(x))) return "regress";
  if (T === 1) return "classify";
  if (values.some((x) => x !== 0 && x !== 1)) return "regress";
  const counts = new Uint32Array(values.length / T); // of the labels that a row has
  values.forEach((x: number, at: number) => {
    counts[Math.floor(at / T)]! += x;
  });
  return counts.every((count) => count === 1) ? "classify" : "multilabel";
}
