// The model of numbers or labels on rows it was not trained on: figures of each, rows of the largest errors.
import type { ReportData } from "../../files/report-page.ts";
import type { Interval } from "../../training/intervals.ts";
import type { ValueMetrics } from "../../training/value-metrics.ts";
import { shortNumber, whole } from "../parts/numbers.ts";
import { Scroll } from "./scroll.tsx";

export function TestedValues({ tested }: { readonly tested: NonNullable<ReportData["testedValues"]> }) {
  const { on, metrics, worst } = tested;
  return (
    <>
      <p>
        Tested on {on}, {whole(metrics.rows)} of them.
      </p>
      <Scroll label="Figures of each target">
        <FigureTable metrics={metrics} />
      </Scroll>
      <h3>The worst examples</h3>
      <p>Those whose answers are farthest from their targets, the farthest first.</p>
      <ol class="worst">
        {worst.map(({ row, answers, values }) => (
          <li key={row}>
            {answers.map(([name, text]) => (
              <span class="verdict" key={name}>
                <b>{name}</b> {text}
              </span>
            ))}
            <span class="quiet">row {whole(row)}</span>
            {values.map(([name, text]) => (
              <span class="quiet" key={name}>
                {name} {text}
              </span>
            ))}
          </li>
        ))}
      </ol>
    </>
  );
}

function FigureTable({ metrics: { targets, labels } }: { readonly metrics: ValueMetrics }) {
  const share = (value: number | null) => (value === null ? "n/a" : value.toFixed(4));
  const number = (value: number) => shortNumber(value, 4);
  const ends = (interval: Interval | null, text: (x: number) => string) => interval?.map(text).join(" … ") ?? "";
  const heads =
    targets.length > 0 ? ["RMSE", "MAE", "R²"] : ["precision", "recall", "F₁", "ROC area", "PR area", "rows"];
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
  return (
    <table>
      <thead>
        <tr>
          {[targets.length > 0 ? "target" : "label", ...heads].map((head) => (
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
