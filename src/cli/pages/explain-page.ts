// The page of `explain --html`: each row's answer with the columns that pushed it, or its picture beside the pixels
// that did.
import type { Dataset } from "../../data/dataset.ts";
import type { AttributionMethod, Attributions, Importance } from "../../insights/attributions.ts";
import type { Model } from "../../training/model.ts";
import type { Asked } from "../asked.ts";
import { percent } from "../tables.ts";
import { escaped, pageOf, tableOf } from "./page.ts";
import { pngAddress } from "./png-address.ts";
import { cellOf, columnName, pictureShape, rowPicture } from "./row-view.ts";

/** Rows of one file with what was found about them. */
export type Explained = Pick<Asked, "file" | "names"> & {
  readonly features: Dataset["features"];
  readonly cols: number;
  readonly found: Attributions;
};

/** Columns by the size of their attribution. */
export function topColumns(values: Float64Array, count: number): number[] {
  return [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b).slice(0, count);
}

export function explainPage(
  model: Model,
  explained: Explained,
  importance: readonly Importance[] | undefined,
  method: AttributionMethod,
  top: number,
): string {
  const { found, cols, names, file } = explained;
  const columns = model.scaling.kind === "columns" ? model.scaling.columns : undefined;
  const rows = { ...explained, columns, featureNames: model.featureNames, image: model.image, picture: model.picture };
  const shape = pictureShape(rows);
  const values = found[method];
  const sections = Array.from(found.classes, (c, i) => {
    const row = values.subarray(i * cols, (i + 1) * cols);
    const head = `${escaped(names?.[i] ?? `${file}:${i + 1}`)}: <strong>${escaped(model.classes[c]!)}</strong> ${percent(found.probabilities[i]!)}`;
    if (shape)
      return `<li>${head}<img src="${rowPicture(rows, i)}" alt="the row"><img src="${heat(row, shape)}" alt="its ${method}"></li>`;
    const most = Math.max(...row.map(Math.abs), Number.MIN_VALUE);
    const lines = topColumns(row, top).map((j) => [
      escaped(columnName(model, j)),
      escaped(cellOf(rows, i, j)),
      row[j]!.toPrecision(4),
      `<span class="bar${row[j]! < 0 ? " down" : ""}" style="width:${((8 * Math.abs(row[j]!)) / most).toFixed(2)}rem"></span>`,
    ]);
    return `<h2>${head}</h2>${tableOf(["column", "value", method, ""], lines)}`;
  });
  const needed = importance?.map(({ column, loss, lossError, accuracy, accuracyError }) => [
    escaped(columnName(model, column)),
    `${loss.toPrecision(3)} ± ${lossError.toPrecision(2)}`,
    `${percent(accuracy)} ± ${percent(accuracyError)}`,
  ]);
  const heads = ["column", "loss rises by", "accuracy falls by"];
  const body = `<p>What pushed log p of each answer, by ${escaped(method)}: blue up, red down. It speaks of the model, not
of the world.</p>
${shape ? `<ul class="grid">${sections.join("\n")}</ul>` : sections.join("\n")}
${needed ? `<h2>Permutation importance</h2>${tableOf(heads, needed)}` : ""}`;
  return pageOf("Which inputs mattered", body);
}

/** Attributions of a picture: blue up, red down, white nothing; the channels of a pixel are added. */
function heat(row: Float64Array, { width, height, channels }: NonNullable<ReturnType<typeof pictureShape>>): string {
  const pixels = Float64Array.from({ length: width * height }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += row[at * channels + k]!;
    return sum;
  });
  const most = pixels.reduce((a, b) => Math.max(a, Math.abs(b)), Number.MIN_VALUE);
  const rgb = new Uint8Array(3 * pixels.length);
  pixels.forEach((value, at) => {
    const faded = Math.round(255 * (1 - Math.abs(value) / most));
    rgb.set(value >= 0 ? [faded, faded, 255] : [255, faded, faded], 3 * at);
  });
  return pngAddress(rgb, width, height, 3);
}
