// What δ tells of the test rows: labels that look wrong, typical and unusual rows, and which inputs mattered.
import type { ComponentChildren } from "preact";
import type { ReportData, ReportInsights, ReportRow } from "../../files/report-page.ts";
import { MatrixView } from "../parts/matrix.tsx";
import { percentText, shortNumber, whole } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { bytesOf, numbersOf } from "./bytes.ts";
import { Scroll } from "./scroll.tsx";

type ToldProps = { readonly told: ReportInsights } & Pick<ReportData, "classes" | "image">;

export function Told({ told, classes, image }: ToldProps) {
  const { suspected, typical, unusual, pushed, importance } = told;
  return (
    <>
      <h3>Labels that look wrong</h3>
      <p>
        Of {whole(told.rows)} test rows those where another class is likelier than is usual for that class's own rows
        (confident learning). A doubtful label can be right.
      </p>
      {suspected.length === 0 && <p class="quiet">None of them.</p>}
      <Rows rows={suspected} image={image}>
        {({ label, suggested, probability }) => (
          <>
            <span class="verdict">
              <b>{classes[label]}</b> or <b class="wrong">{classes[suggested]}</b>
            </span>
            <span class="quiet">p of its label {percentText(probability, 1)}</span>
          </>
        )}
      </Rows>
      <h3>Typical and unusual rows</h3>
      <p>By the norm of each row's own gradient, ‖g‖² = Σ (‖a‖² + 1)·‖δ‖²: the least, and the largest.</p>
      {[typical, unusual].map((rows, k) => (
        <Rows key={k} rows={rows} image={image}>
          {({ label, norm }) => (
            <>
              <span class="verdict">
                <b>{classes[label]}</b>
              </span>
              <span class="quiet">‖g‖ {shortNumber(norm)}</span>
            </>
          )}
        </Rows>
      ))}
      {pushed.length > 0 && image && <Pushed pushed={pushed} classes={classes} image={image} />}
      {importance && <Importance importance={importance} />}
    </>
  );
}

type RowsProps<R extends ReportRow> = {
  readonly rows: readonly R[];
  readonly image: ReportData["image"];
  readonly children: (row: R) => ComponentChildren;
};

function Rows<R extends ReportRow>({ rows, image, children }: RowsProps<R>) {
  return (
    <ol class="worst told">
      {rows.map((each) => (
        <li key={each.row}>
          {each.picture !== null && image && <Picture pixels={bytesOf(each.picture)} {...image} label="" />}
          {children(each)}
          <span class="quiet">row {whole(each.row)}</span>
          {each.values.map(([name, text]) => (
            <span class="quiet" key={name}>
              {name} {text}
            </span>
          ))}
        </li>
      ))}
    </ol>
  );
}

type PushedProps = {
  readonly pushed: ReportInsights["pushed"];
  readonly classes: ReportData["classes"];
  readonly image: NonNullable<ReportData["image"]>;
};

function Pushed({ pushed, classes, image: { height, width } }: PushedProps) {
  const heat = (steps: string, label: string) => (
    <MatrixView values={numbersOf(steps, 1)} rows={height} cols={width} scale={1} label={label} />
  );
  return (
    <>
      <h3>Which pixels pushed the answers</h3>
      <p>
        A row, the size of each pixel's slope of log p of its answer (saliency), and integrated gradients from black:
        blue up, orange down. Each picture has its own scale. It speaks of the network, not of the world.
      </p>
      <ol class="worst told pushed">
        {pushed.map(({ row, picture, predicted, saliency, integrated }) => (
          <li key={row}>
            {picture !== null && <Picture pixels={bytesOf(picture)} height={height} width={width} label="" />}
            {heat(saliency, `Saliency of row ${row}`)}
            {heat(integrated, `Integrated gradients of row ${row}`)}
            <span class="verdict">
              answer <b>{classes[predicted]}</b>
            </span>
            <span class="quiet">row {whole(row)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Importance({ importance }: { readonly importance: NonNullable<ReportInsights["importance"]> }) {
  return (
    <>
      <h3>Which columns the model needs</h3>
      <p>Each column shuffled ten times: the mean change and its standard error. Columns that say the same share it.</p>
      <Scroll label="Permutation importance">
        <table>
          <thead>
            <tr>
              <th scope="col">column</th>
              <th scope="col">loss rises by</th>
              <th scope="col">accuracy falls by</th>
            </tr>
          </thead>
          <tbody>
            {importance.map(({ column, loss, lossError, accuracy, accuracyError }) => (
              <tr key={column}>
                <th scope="row">{column}</th>
                <td>
                  {shortNumber(loss, 3)} ± {shortNumber(lossError, 2)}
                </td>
                <td>
                  {percentText(accuracy, 2)} ± {percentText(accuracyError, 2)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
