// The page of `influence --html`: the row that was asked about, and the training rows that pushed its answer most.
import type { Dataset } from "../../data/dataset.ts";
import { percent, plural } from "../tables.ts";
import { escaped, pageOf, tableOf } from "./page.ts";
import { rowPicture, rowText } from "./row-view.ts";

/** An answer with what pushed it. */
export type InfluenceAnswer = {
  readonly name: string; //        of the data
  readonly train: Dataset;
  readonly row: Dataset; //        the one row that was asked about
  readonly place: string;
  placeOf(row: number): string; // of a training row
  readonly answer: string; //      the explained class
  readonly probability: number;
  readonly about: string; //       what the values estimate
  readonly values: Float64Array; // one a training row
  readonly up: readonly number[];
  readonly down: readonly number[];
};

export function influencePage(found: InfluenceAnswer): string {
  const { name, train, row, place, answer, probability, about, up, down } = found;
  const label = escaped(row.classes[row.labels[0]!] ?? "");
  const picture = rowPicture(row, 0);
  const asked = picture
    ? `<ul class="grid"><li><img src="${picture}" alt="${escaped(place)}"></li></ul>`
    : `<p class="text">${rowText(row, 0)}</p>`;
  const body = `<p>${escaped(place)} of ${escaped(name)}: answer <strong>${escaped(answer)}</strong> at
${percent(probability)}, its label is ${label}.</p>
${asked}
<p>${escaped(about)}. An estimate, of ${plural(train.rows, "training row")}.</p>
<h2>Pushed it up</h2>${rowsOf(found, up)}
<h2>Pushed it down</h2>${rowsOf(found, down)}`;
  return pageOf(`Who taught it ${answer}`, body);
}

function rowsOf({ train, values, placeOf }: InfluenceAnswer, rows: readonly number[]): string {
  if (rows.length === 0) return "<p>No row did.</p>";
  const label = (i: number) => escaped(train.classes[train.labels[i]!]!);
  if (rowPicture(train, rows[0]!) === undefined) {
    const lines = rows.map((i) => [
      escaped(placeOf(i)),
      `<span class="text">${rowText(train, i)}</span>`,
      label(i),
      values[i]!.toPrecision(3),
    ]);
    return tableOf(["row", "columns", "label", "influence"], lines);
  }
  const cards = rows.map(
    (i) => `<li><img src="${rowPicture(train, i)}" alt="${escaped(placeOf(i))}"><dl>
<dt>row</dt><dd>${escaped(placeOf(i))}</dd>
<dt>label</dt><dd>${label(i)}</dd>
<dt>influence</dt><dd>${values[i]!.toPrecision(3)}</dd></dl></li>`,
  );
  return `<ul class="grid">${cards.join("\n")}</ul>`;
}
