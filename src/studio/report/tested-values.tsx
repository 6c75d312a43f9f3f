// The model of numbers or labels on rows it was not trained on: figures of each, rows of the largest errors.
import type { ReportData } from "../../files/report-page.ts";
import { FigureTable } from "../parts/figure-table.tsx";
import { whole } from "../parts/numbers.ts";
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
