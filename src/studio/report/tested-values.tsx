// The model of numbers or labels on rows it was not trained on: figures of each, rows of the largest errors.
import type { ReportData } from "../../files/report-page.ts";
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
  const heads =
    targets.length > 0 ? ["RMSE", "MAE", "R²"] : ["precision", "recall", "F₁", "ROC area", "PR area", "rows"];
  const rows = [
    ...targets.map(({ name, rmse, mae, r2 }) => [name, shortNumber(rmse, 4), shortNumber(mae, 4), share(r2)]),
    ...labels.map(({ name, precision, recall, f1, rocArea, prArea, support }) => [
      name,
      ...[precision, recall, f1, rocArea, prArea].map(share),
      whole(support),
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
        {rows.map(([name, ...figures]) => (
          <tr key={name}>
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
