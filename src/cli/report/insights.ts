// What δ tells of a run's test rows, for its report: labels that look wrong, the most and least typical rows, and which
// inputs mattered.
import { type Dataset, selectRows } from "../../data/dataset.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import type { ReportInsights } from "../../files/report-page.ts";
import { attribute, permutationImportance } from "../../insights/attributions.ts";
import { byNorm, gradientNorms } from "../../insights/gradient-norms.ts";
import { doubtedLabels } from "../../insights/label-scores.ts";
import { predict } from "../../training/evaluate.ts";
import { alignDataset, type Model } from "../../training/model.ts";
import { columnName } from "../pages/row-view.ts";
import { signedBytes } from "./pictures.ts";
import { reportRow } from "./worst.ts";

const MOST_ROWS = 10_000; // that are looked at, the first
const SHOWN = 12; //        rows of a list
const MOST_PICTURES = 10; // that are explained, the first of each class
const MOST_COLUMNS = 40; //  whose importance is measured; each takes ten passes over the rows

/** Null where rows have soft targets, or all are of one class. */
export async function insightsOf(
  model: Model,
  tested: Dataset,
  { engine }: { readonly engine: string },
): Promise<ReportInsights | null> {
  if (tested.targets || model.classes.length < 2) return null;
  const rows = tested.rows > MOST_ROWS ? selectRows(tested, numbersFrom(0, MOST_ROWS)) : tested;
  const known = alignDataset(model, rows);
  const C = model.classes.length;
  const { classes: predicted, probabilities } = await predict(model, known.features, { engine });
  const { selfConfidence, suggested, suspected } = doubtedLabels(probabilities, known.labels, C);
  const doubted = [...suspected.keys()].filter((i) => suspected[i] === 1);
  doubted.sort((a, b) => selfConfidence[a]! - selfConfidence[b]! || a - b);
  const norms = await gradientNorms(model, rows, { engine });
  const order = byNorm(norms);
  const show = (i: number) => reportRow(model, known, i);
  const normed = (i: number) => ({ ...show(i), norm: norms[i]! });
  return {
    rows: rows.rows,
    suspected: doubted
      .slice(0, SHOWN)
      .map((i) => ({ ...show(i), suggested: suggested[i]!, probability: selfConfidence[i]! })),
    typical: order.slice(0, SHOWN).map(normed),
    unusual: order.toReversed().slice(0, SHOWN).map(normed),
    pushed: model.image ? await pushedOf(model, known, predicted, engine) : [],
    importance: await importanceOf(model, rows, engine),
  };
}

async function pushedOf(model: Model, known: Dataset, predicted: Int32Array, engine: string) {
  const { cols, features, labels } = known;
  const rows = model.classes
    .map((_, c) => labels.indexOf(c))
    .filter((i) => i >= 0)
    .slice(0, MOST_PICTURES);
  const chosen = new (features.constructor as new (n: number) => typeof features)(rows.length * cols);
  rows.forEach((row, k) => {
    chosen.set(features.subarray(row * cols, (row + 1) * cols), k * cols);
  });
  const { saliency, integrated } = await attribute(model, chosen, { engine });
  return rows.map((row, k) => ({
    ...reportRow(model, known, row),
    predicted: predicted[row]!,
    saliency: signedBytes(saliency.subarray(k * cols, (k + 1) * cols)),
    integrated: signedBytes(integrated.subarray(k * cols, (k + 1) * cols)),
  }));
}

async function importanceOf(model: Model, rows: Dataset, engine: string): Promise<ReportInsights["importance"]> {
  if (model.image || model.picture || rows.cols > MOST_COLUMNS || rows.rows < 2) return null;
  const found = await permutationImportance(model, rows, { engine, threads: 1 });
  return found.map(({ column, ...figures }) => ({ column: columnName(model, column), ...figures }));
}
