// A row of a table that the visitor makes: what can be set in it, the network's answer, and what each column pushes.
import { recoding } from "../../data/transform.ts";
import { attribute } from "../../insights/attributions.ts";
import { predict } from "../../training/evaluate.ts";
import { columnsOf } from "../../training/model.ts";
import { modelOf, type OpenRun } from "./open-run.ts";
import type { RowPlace } from "./protocol.ts";
import type { RowAnswer, TriedColumn } from "./row-api.ts";

/** What can be set in a row, by the rows that the run is trained on. */
export function triedColumns(open: OpenRun): readonly TriedColumn[] {
  const model = modelOf(open);
  const { scaling } = model;
  const { features, rows, cols } = open.rows.train;
  return columnsOf(model).map((column, j): TriedColumn => {
    const fitted = scaling.kind === "columns" ? scaling.columns[j] : undefined;
    let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
    for (let at = j; at < rows * cols; at += cols) {
      const x = features[at]!;
      if (Number.isNaN(x)) continue;
      if (x < low) low = x;
      if (x > high) high = x;
      whole &&= x % 1 === 0;
    }
    const { name, kind, levels = null } = column;
    const other = fitted?.kind === "category" && fitted.other;
    return { name, kind, levels, low, high, whole, other, holes: fitted?.missing ?? false };
  });
}

/** A row of the data [D], its categories by the levels of the model. */
export function modelRow(open: OpenRun, { part, row }: RowPlace): Float64Array {
  const { features, cols, columns } = open.rows[part];
  const { scaling } = open.modelInfo;
  const recode = scaling.kind === "columns" ? recoding(scaling.columns, columns) : [];
  const own = Float64Array.from(features.subarray(row * cols, (row + 1) * cols));
  return own.map((x, j) => (x >= 0 ? recode[j]?.[x] : undefined) ?? x);
}

/** `row` [D] by the levels of the model; `targetClass`: of the pushes, the predicted one if not given. */
export async function answerRow(open: OpenRun, row: Float64Array, targetClass?: number): Promise<RowAnswer> {
  const model = modelOf(open);
  const { engine } = open.run.session;
  const { classes, probabilities } = await predict(model, row, { engine, threads: 1 });
  const predicted = classes[0]!;
  const target = targetClass ?? predicted;
  const { integrated, inputTimesGradient, saliency } = await attribute(model, row, { engine, class: target });
  const pushed = integrated.reduce((sum, push) => sum + push, 0);
  return {
    probabilities,
    predicted,
    targetClass: target,
    logOfNone: Math.log(probabilities[target]!) - pushed,
    pushes: { integrated, inputTimesGradient, saliency },
  };
}
