// The model on rows it was not trained on: confusion matrix, figures of each class, rows of lowest probability.
import type { ReportData, WorstExample } from "../../files/report-page.ts";
import type { Metrics } from "../../training/metrics.ts";
import { Confusion } from "../parts/confusion.tsx";
import { percentText, whole } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { bytesOf } from "./bytes.ts";
import { Scroll } from "./scroll.tsx";
import { TestedValues } from "./tested-values.tsx";

export function Tested({ data }: { readonly data: ReportData }) {
  const { tested, testedValues, missing, classes, image } = data;
  if (testedValues) return <TestedValues tested={testedValues} />;
  if (!tested) return <p class="missing">{missing}</p>;
  const { metrics, on, worst } = tested;
  return (
    <>
      <p>
        Tested on {on}: {percentText(metrics.accuracy, 2)} of {whole(metrics.rows)} are right.
      </p>
      <div class="judged">
        <Scroll label="Confusion matrix">
          <Confusion counts={metrics.confusion} classes={classes} />
        </Scroll>
        <Classes metrics={metrics} classes={classes} />
      </div>
      <h3>The worst examples</h3>
      <p>Those to whose own class the network gives the least probability, the worst first.</p>
      <ol class="worst">
        {worst.map((example) => (
          <Worst key={example.row} example={example} classes={classes} image={image} />
        ))}
      </ol>
    </>
  );
}

type WorstProps = { readonly example: WorstExample } & Pick<ReportData, "classes" | "image">;

function Worst({ example, classes, image }: WorstProps) {
  const { row, label, predicted, probability, picture, values } = example;
  const right = label === predicted;
  return (
    <li>
      {picture !== null && image && (
        <Picture pixels={bytesOf(picture)} height={image.height} width={image.width} label="" />
      )}
      <span class="verdict">
        <b>{classes[label]}</b> {right ? "found, barely" : "taken for"}{" "}
        {right ? null : <b class="wrong">{classes[predicted]}</b>}
      </span>
      <span class="quiet">p = {percentText(probability, probability < 0.001 ? 4 : 1)}</span>
      <span class="quiet">row {whole(row)}</span>
      {values.map(([name, text]) => (
        <span class="quiet" key={name}>
          {name} {text}
        </span>
      ))}
    </li>
  );
}

function Classes({ metrics, classes }: { readonly metrics: Metrics; readonly classes: readonly string[] }) {
  const figure = (value: number | null) => (value === null ? "n/a" : value.toFixed(4));
  const rows = [
    ...metrics.classes.map((scores, c) => ({ name: classes[c]!, ...scores })),
    { name: "macro mean", ...metrics.macro, support: metrics.rows },
    { name: "weighted mean", ...metrics.weighted, support: metrics.rows },
  ];
  return (
    <Scroll label="Figures of each class">
      <table>
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col">precision</th>
            <th scope="col">recall</th>
            <th scope="col">F₁</th>
            <th scope="col">rows</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, precision, recall, f1, support }, c) => (
            <tr key={name} class={c >= classes.length ? "mean" : undefined}>
              <th scope="row">{name}</th>
              <td>{figure(precision)}</td>
              <td>{figure(recall)}</td>
              <td>{figure(f1)}</td>
              <td>{whole(support)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
