// Figures of a model of numbers or labels, each with its 95 % interval below it.

import type { Interval } from "../../training/intervals.ts";
import type { ValueMetrics } from "../../training/value-metrics.ts";
import { t } from "../language/words.ts";
import { fixedNumber, shortNumber, whole } from "./numbers.ts";

const share = (value: number | null) => (value === null ? "–" : fixedNumber(value, 4));
const number = (value: number) => shortNumber(value, 4);
const ends = (interval: Interval | null, text: (x: number) => string) => interval?.map(text).join(" … ") ?? "";

export function FigureTable({ metrics: { targets, labels } }: { readonly metrics: ValueMetrics }) {
  const heads =
    targets.length > 0
      ? ["RMSE", "MAE", "R²"]
      : [t("precision"), t("recall"), "F₁", t("ROC area"), t("PR area"), t("rows")];
  const rows = [
    ...targets.flatMap((one) => [
      [one.name, number(one.rmse), number(one.mae), share(one.r2)],
      ["95 %", ends(one.rmseInterval, number), ends(one.maeInterval, number), ends(one.r2Interval, share)],
    ]),
    ...labels.flatMap((one) => [
      [one.name, ...[one.precision, one.recall, one.f1, one.rocArea, one.prArea].map(share), whole(one.support)],
      [
        "95 %",
        "",
        "",
        ...[one.f1Interval, one.rocAreaInterval, one.prAreaInterval].map((each) => ends(each, share)),
        "",
      ],
    ]),
  ];
  return <Figures first={t(targets.length > 0 ? "target" : "label")} heads={heads} rows={rows} />;
}

/** Of each level the mean pinball loss, and the share of targets at or below its quantile. */
export function QuantileTable({ metrics: { targets } }: { readonly metrics: ValueMetrics }) {
  const rows = targets.flatMap(({ name, quantiles = [] }) =>
    quantiles.map(({ level, pinball, covered }) => [name, String(level), number(pinball), share(covered)]),
  );
  if (rows.length === 0) return null;
  return <Figures first={t("quantile of")} heads={[t("level"), t("pinball loss"), t("share below")]} rows={rows} />;
}

type FiguresProps = {
  readonly first: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

function Figures({ first, heads, rows }: FiguresProps) {
  return (
    <table class="value-figures">
      <thead>
        <tr>
          {[first, ...heads].map((head) => (
            <th scope="col" key={head}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, ...figures], r) => (
          <tr key={`${r} ${name}`}>
            <th scope="row">{name}</th>
            {figures.map((figure, k) => (
              <td key={heads[k]}>{figure}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
