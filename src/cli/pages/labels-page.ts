// The page of `mislabelled --html`: the most doubtful rows, each with its picture or columns, its given label and the
// one that networks that never saw it would give.
import type { LabelReport, LabelScore } from "../../insights/label-scores.ts";
import type { AllParts } from "../rows-of-all-parts.ts";
import { percent, plural } from "../tables.ts";
import { escaped, pageOf, tableOf } from "./page.ts";
import { rowPicture, rowText } from "./row-view.ts";

export function labelsPage(name: string, rows: AllParts, report: LabelReport, top: number, by: LabelScore): string {
  const { data, place, file } = rows;
  const { judged, ranking, suggested, suspected, scores } = report;
  const shown = [...ranking.subarray(0, top)];
  const wrong = suspected.reduce((sum, one) => sum + one, 0);
  const classOf = (c: number) => escaped(data.classes[c]!);
  const p = (row: number, c: number) => judged.probabilities[row * data.classes.length + c]!;
  const share = (row: number, c: number) => percent(p(row, c)).replace(" ", "\u00a0"); // on one line
  const cards = shown.map((row) => {
    const picture = rowPicture(data, row);
    const [given, other] = [data.labels[row]!, suggested[row]!];
    return `<li><img src="${picture}" alt="${escaped(place(row))}"><dl>
<dt>${file(row) === undefined ? "row" : "file"}</dt><dd>${escaped(file(row) ?? place(row))}</dd>
<dt>given</dt><dd>${classOf(given)} (${share(row, given)})</dd>
<dt>suggested</dt><dd><strong>${classOf(other)}</strong> (${share(row, other)})</dd>
<dt>suspected</dt><dd>${suspected[row] === 1 ? "yes" : "no"}</dd></dl></li>`;
  });
  const lines = shown.map((row) => [
    escaped(place(row)),
    `<span class="text">${rowText(data, row)}</span>`,
    classOf(data.labels[row]!),
    `<strong>${classOf(suggested[row]!)}</strong>`,
    percent(p(row, data.labels[row]!)),
    percent(p(row, suggested[row]!)),
    scores.disagreement[row]!.toFixed(2),
    suspected[row] === 1 ? "yes" : "no",
  ]);
  const heads = ["row", "columns", "given", "suggested", "p given", "p suggested", "disagreement", "suspected"];
  const pictures = rowPicture(data, 0) !== undefined;
  const views = report.views.length > 1 ? "of its pixels and networks of its oriented gradients " : "";
  const body = `<p>${plural(data.rows, "row")} of ${escaped(name)}, each judged by networks ${views}that were trained without it
(${judged.folds} folds, ${plural(judged.members, "cross-validation")}, accuracy ${percent(judged.accuracy)}).
${plural(wrong, "label looks", "labels look")} wrong by confident learning. Shown: the ${shown.length} most doubtful by
${escaped(by)}. A doubtful label can be right: look before you change it.</p>
${pictures ? `<ul class="grid">${cards.join("\n")}</ul>` : tableOf(heads, lines)}`;
  return pageOf(`Labels of ${name} that look wrong`, body);
}
