// One value: a single number, a short row of numbers, or a heat map with its scale.
import { useState } from "preact/hooks";
import type { RunDescription } from "../lab/protocol.ts";
import type { Quantity, ScalarValue } from "../lab/quantity.ts";
import { t } from "../language/words.ts";
import { outputNames } from "../parts/answer-words.ts";
import { colorOf, scaleOf } from "../parts/colors.ts";
import { type MatrixCell, MatrixView } from "../parts/matrix.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { ScaleLegend } from "../parts/scale.tsx";
import { opened } from "../state/store.ts";
import { plainOf } from "./quantity-names.ts";

const FEW = 12; // numbers that are written out

export function ValueFigure({ quantity, value }: { readonly quantity: Quantity; readonly value: ScalarValue }) {
  const { values } = value;
  if (values.length === 1) return <p class="single">{shortNumber(values[0]!, 5)}</p>;
  if (value.rows === 1 && values.length <= FEW) return <NumberRow quantity={quantity} values={values} />;
  return <HeatMap label={plainOf(quantity)} value={asImage(quantity, value)} />;
}

/** A row of a few numbers, each with its class or its index (from 1, as in the note). */
function NumberRow({ quantity, values }: { readonly quantity: Quantity; readonly values: ScalarValue["values"] }) {
  const info = opened.value;
  const names = info && quantity.layer === info.layers.length - 1 ? namesFor(info, values.length) : null;
  const scale = scaleOf(values);
  return (
    <ol class="row">
      {Array.from(values, (value, at) => (
        <li key={at}>
          <span class="index">{names?.[at] ?? at + 1}</span>
          <span class="swatch" style={{ backgroundColor: `rgb(${colorOf(value, scale).join(" ")})` }} />
          <span class="figure">{shortNumber(value)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Of targets or of outputs, where there are so many. */
function namesFor(info: RunDescription, count: number): readonly string[] | null {
  return [info.classes, outputNames(info)].find(({ length }) => length === count) ?? null;
}

/** The input of one example in the shape of its image. */
function asImage({ kind, layer, batch }: Quantity, value: ScalarValue): ScalarValue {
  const image = opened.value?.image;
  if (!image || kind !== "a" || layer !== 0 || batch || image.height * image.width !== value.values.length)
    return value;
  return { rows: image.height, cols: image.width, values: value.values };
}

export function HeatMap({
  label,
  value: { rows, cols, values },
}: {
  readonly label: string;
  readonly value: ScalarValue;
}) {
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const scale = scaleOf(values);
  const under = cell && cell.row < rows && cell.col < cols ? values[cell.row * cols + cell.col]! : undefined;
  return (
    <figure class={`heat ${proportion(rows, cols)}`}>
      <MatrixView values={values} rows={rows} cols={cols} scale={scale} label={label} onHover={setCell} />
      <figcaption>
        <ScaleLegend scale={scale} />
        <span class="under">
          {under === undefined || !cell
            ? `${rows} × ${cols}`
            : t("row {row}, column {column}: {value}", {
                row: cell.row + 1,
                column: cell.col + 1,
                value: shortNumber(under),
              })}
        </span>
      </figcaption>
    </figure>
  );
}

/** The CSS class of a matrix: true to its shape, unless one side would be too thin to see. */
function proportion(rows: number, cols: number): string {
  const ratio = cols / rows;
  if (ratio >= 8) return "flat";
  if (ratio > 2) return "broad";
  if (ratio >= 1 / 2) return "square";
  return ratio > 1 / 16 ? "high" : "tall";
}
