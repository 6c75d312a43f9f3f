// A row of a table that the visitor makes: what can be set in it, the network's answer, and what each column pushes.
import { recoding } from "../../data/transform.ts";
import { attribute, attributeOutput } from "../../insights/attributions.ts";
import { predict, predictValues } from "../../training/evaluate.ts";
import { columnsOf, type Model } from "../../training/model.ts";
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

/**
 * `row` [D] by the levels of the model; `target`: of the pushes, a class, the predicted one if not given, or a number
 * or label, the first if not given.
 */
export async function answerRow(open: OpenRun, row: Float64Array, target?: number): Promise<RowAnswer> {
  const model = modelOf(open);
  const { engine } = open.run.session;
  if (model.loss) return answerValues(model, row, target ?? 0, engine);
  const { classes, probabilities } = await predict(model, row, { engine, threads: 1 });
  const predicted = classes[0]!;
  const c = target ?? predicted;
  const { integrated, inputTimesGradient, saliency } = await attribute(model, row, { engine, class: c });
  const explained = Math.log(probabilities[c]!);
  return {
    probabilities,
    predicted,
    values: null,
    target: c,
    explained,
    none: explained - sumOf(integrated),
    pushes: { integrated, inputTimesGradient, saliency },
  };
}

async function answerValues(model: Model, row: Float64Array, j: number, engine: string): Promise<RowAnswer> {
  const said = await predictValues(model, row, { engine, threads: 1 });
  const found = await attributeOutput(model, row, j, { engine });
  const { integrated, inputTimesGradient, saliency } = found;
  const explained = found.values[0]!;
  return {
    probabilities: new Float64Array(0),
    predicted: -1,
    values: said,
    target: j,
    explained,
    none: explained - sumOf(integrated),
    pushes: { integrated, inputTimesGradient, saliency },
  };
}

const sumOf = (pushes: Float64Array): number => pushes.reduce((sum, push) => sum + push, 0);
