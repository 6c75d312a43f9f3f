// A lesson with the pupil's own numbers, as one file that needs nothing else: what was asked and said, what the runs
// did. The texts are set as text, so that none of them can be markup.
import { render } from "preact";
import { known, locale, t } from "../language/words.ts";
import { fixedNumber, localText, percentText, whole } from "../parts/numbers.ts";
import type { Lesson } from "./lessons.ts";
import type { PlayedRun } from "./played-runs.ts";

export type PupilPageProps = {
  readonly lesson: Lesson;
  readonly said: number | undefined; // index of the pupil's answer
  readonly told: boolean; //            whether the page has told what is seen
  readonly played: readonly PlayedRun[];
  readonly address: string; //          that opens the lesson
};

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #181714; }
table { border-collapse: collapse; font-size: 0.875rem; } td, th { padding: 0.2rem 0.75rem 0.2rem 0; text-align: left; }
td, tbody th { border-top: 1px solid #ccc; vertical-align: top; } code { overflow-wrap: anywhere; font-size: 0.75rem; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; } .quiet { color: #55524a; font-size: 0.875rem; }
.scroll { overflow-x: auto; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } .scroll { overflow: visible; } }`;

/** The file's text. */
export function pupilPage(props: PupilPageProps): string {
  const page = document.implementation.createHTMLDocument(known(props.lesson.title));
  page.documentElement.lang = locale.value;
  render(<Contents {...props} />, page.body);
  // our own text: this page's policy refuses a style element even in a document that is not shown
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style>`;
  return `<!doctype html>\n${page.documentElement.outerHTML.replace("<head>", `<head>${head}`)}\n`;
}

function Contents({ lesson, said, told, played, address }: PupilPageProps) {
  const { title, question, sentences } = lesson;
  return (
    <main>
      <h1>{known(title)}</h1>
      <p class="quiet">
        {new Date().toLocaleDateString(locale.value)} · <code>{address}</code>
      </p>
      {question && (
        <>
          <h2>{known(question.ask)}</h2>
          <ul>
            {question.answers.map((answer, k) => (
              <li key={answer}>
                {known(answer)}
                {k === said && ` ← ${t("my answer")}`}
                {told && k === question.right && " ✓"}
              </li>
            ))}
          </ul>
          {told && <p>{known(question.because)}</p>}
        </>
      )}
      {told && (
        <ol>
          {sentences.map((sentence) => (
            <li key={sentence}>{known(sentence)}</li>
          ))}
        </ol>
      )}
      <h2>{t("My runs")}</h2>
      {played.length === 0 ? <p>{t("No run of this lesson has taken a step yet.")}</p> : <Runs played={played} />}
      <p class="quiet">
        {t("Made with the Deltaprop studio. The same set-up gives the same numbers anywhere, to the last bit.")}
      </p>
    </main>
  );
}

const figure = (value: number | null | undefined, text: (value: number) => string) =>
  value === null || value === undefined ? "–" : text(value);

function Runs({ played }: { readonly played: readonly PlayedRun[] }) {
  return (
    <>
      <LossLines played={played} />
      <div class="scroll">
        <table>
          <thead>
            <tr>
              {RUN_COLUMNS.map((name) => (
                <th scope="col" key={name}>
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {played.map(({ name, steps, broken, points, epochs }) => {
              const last = epochs.at(-1);
              const loss = last?.trainLoss ?? points.at(-1)?.loss;
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{whole(steps)}</td>
                  <td>{whole(epochs.length)}</td>
                  <td>{broken ? "∞" : figure(loss, (value) => fixedNumber(value, 4))}</td>
                  <td>{figure(last?.trainAccuracy, (value) => percentText(value, 2))}</td>
                  <td>{figure(last?.testAccuracy, (value) => percentText(value, 2))}</td>
                  <td>
                    <code>{last?.parametersSha256 ?? "–"}</code>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

const RUN_COLUMNS = [
  "Run",
  "Steps",
  "Epochs",
  "Training loss",
  "Training acc.",
  "Test acc.",
  "SHA-256 of the parameters",
] as const;

const [WIDTH, HEIGHT, LEFT, FOOT] = [640, 260, 44, 28];
const LOOKS = [
  ["#115bb0", ""],
  ["#a8430a", "6 3"],
  ["#3c6e2e", "2 3"],
  ["#6a3d9a", "8 3 2 3"],
] as const;

/** The training loss of the runs by epochs. */
function LossLines({ played }: { readonly played: readonly PlayedRun[] }) {
  const finite = played.map(({ points }) => points.filter(({ loss }) => Number.isFinite(loss)));
  const span = Math.max(1e-9, ...finite.map((points) => points.at(-1)?.epoch ?? 0));
  const sorted = finite
    .flat()
    .map(({ loss }) => loss)
    .sort((a, b) => a - b);
  const top = Math.max(0.1, sorted[Math.ceil(0.97 * (sorted.length - 1))] ?? 0); // a few outliers set no scale
  const x = (epoch: number) => LEFT + (epoch / span) * (WIDTH - LEFT - 8);
  const y = (loss: number) => HEIGHT - FOOT - (Math.min(loss, top) / top) * (HEIGHT - FOOT - 12);
  const at = (value: number, digits: number) => localText(String(Number(value.toPrecision(digits))));
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("Training loss by epochs")}>
        <path d={`M${LEFT} 8V${y(0)}H${WIDTH - 8}`} fill="none" stroke="#888" />
        <text x={LEFT - 6} y={y(top) + 4} text-anchor="end">
          {at(top, 2)}
        </text>
        <text x={LEFT - 6} y={y(0)} text-anchor="end">
          0
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 8} text-anchor="end">
          {at(span, 3)} {t("epochs")}
        </text>
        {finite.map((points, k) => {
          const [stroke, dashes] = LOOKS[k % LOOKS.length]!;
          const line = points.map(({ epoch, loss }) => `${x(epoch).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
          return (
            <polyline key={k} points={line} fill="none" stroke={stroke} stroke-width="1.5" stroke-dasharray={dashes} />
          );
        })}
        {played.map(({ name }, k) => (
          <text key={name} x={WIDTH - 8} y={20 + 16 * k} text-anchor="end" fill={LOOKS[k % LOOKS.length]![0]}>
            {name}
          </text>
        ))}
      </svg>
      <figcaption class="quiet">{t("Training loss")}</figcaption>
    </figure>
  );
}
