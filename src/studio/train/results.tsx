// The run's results: current figures, curves, every epoch with its hash, and how to repeat the run elsewhere.
import { useSignalEffect } from "@preact/signals";
import type { RunChange } from "../../training/changes.ts";
import { newestScore, testAccuracyOf } from "../lab/epoch-points.ts";
import type { EpochPoint } from "../lab/protocol.ts";
import { scoreName } from "../parts/answer-words.ts";
import { Copy } from "../parts/copy.tsx";
import { percentText, shortNumber, whole } from "../parts/numbers.ts";
import { updateParameterStatus } from "../state/parameter-status.ts";
import { beyondLink } from "../state/repeatable.ts";
import type { StudioSetup, ViewName } from "../state/setup.ts";
import { epochs, evaluation, opened, progress, setup, tick, view } from "../state/store.ts";
import { commandOf } from "./command-line.ts";
import { FoundInFile } from "./found-in-file.tsx";
import { Plane } from "./plane.tsx";
import { LossChart, RightChart } from "./training-curves.tsx";

export function Results() {
  return (
    <div class="results">
      <Lead />
      <FoundInFile />
      <Figures />
      <Plane />
      <div class="curves">
        <LossChart />
        <RightChart />
      </div>
      <Epochs />
      <Repeat />
    </div>
  );
}

/** Before the first step: what this page is. */
function Lead() {
  if ((progress.value?.steps ?? 1) > 0) return null;
  return (
    <p class="lead">
      A network, its data, and every equation of its training with the numbers it has right now. Press Play; begin with{" "}
      <To view="lessons">a lesson</To>; look <To view="watch">inside the network</To>; or{" "}
      <To view="draw">{opened.value?.image ? "draw something" : "try a row"}</To>.
    </p>
  );
}

function To({ view: name, children }: { readonly view: ViewName; readonly children: string }) {
  return (
    <button
      type="button"
      class="plain"
      onClick={() => {
        view.value = name;
      }}
    >
      {children}
    </button>
  );
}

function Figures() {
  const at = progress.value;
  const seconds = epochs.value.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const figures: readonly (readonly [name: string, value: string])[] = [
    ["loss, last 32 steps", at?.loss == null ? "–" : shortNumber(at.loss)],
    ...testFigures(),
    ["examples a second", at?.examplesPerSecond == null ? "–" : whole(roundedRate(at.examplesPerSecond))],
    ["seconds of training", seconds === 0 ? "–" : seconds.toFixed(1)],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Of classes the accuracy; of one number RMSE, MAE and R² as `test` has them; of several, or of labels, their mean. */
function testFigures(): readonly (readonly [name: string, value: string])[] {
  const { task = "classify", classes = [] } = opened.value ?? {};
  if (task === "classify") {
    const tested = testAccuracyOf(epochs.value);
    return [["test accuracy", tested === null ? "–" : percentText(tested, 2)]];
  }
  const score = newestScore(epochs.value);
  const [only, second] = evaluation.value?.figures?.targets ?? [];
  const mean = classes.length > 1 ? `, mean of ${classes.length}` : "";
  const own =
    only && !second
      ? ([
          ["RMSE", only.rmse],
          ["MAE", only.mae],
        ] as const)
      : [];
  return [
    [`test ${scoreName(task)}${mean}`, score === null ? "–" : score.toFixed(4)],
    ...own.map(([name, value]) => [`test ${name}`, shortNumber(value, 4)] as const),
  ];
}

/** Two digits: the rate jumps about. */
function roundedRate(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rate))) - 1);
  return Math.round(rate / unit) * unit;
}

const SHOWN = 50; // rows of the table: a browser lays out every one of them anew

function Epochs() {
  const all = epochs.value;
  const { task = "classify" } = opened.value ?? {};
  const classes = task === "classify";
  return (
    <section aria-labelledby="epochs">
      <h2 id="epochs">After each epoch</h2>
      {all.length === 0 ? (
        <p class="quiet">
          Nothing yet. Press Play: each epoch leaves its figures here, with the SHA-256 of every parameter. The same
          set-up gives the same bits in any browser and in Node.
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <section class="scroll" tabIndex={0} aria-label="Figures of each epoch">
          <table class="epochs">
            <thead>
              <tr>
                <th scope="col">Epoch</th>
                <th scope="col">Training loss</th>
                {classes && <th scope="col">Training acc.</th>}
                <th scope="col">Test loss</th>
                <th scope="col">{classes ? "Test acc." : `Test ${scoreName(task)}`}</th>
                <th scope="col">Seconds</th>
                <th scope="col">SHA-256 of the parameters</th>
              </tr>
            </thead>
            <tbody>
              {all
                .slice(-SHOWN)
                .toReversed()
                .map((epoch) => (
                  <tr key={epoch.epoch}>
                    <th scope="row">{epoch.epoch}</th>
                    <td>{epoch.trainLoss?.toFixed(4) ?? "–"}</td>
                    {classes && <td>{percentText(epoch.trainAccuracy ?? Number.NaN, 2)}</td>}
                    <td>{epoch.testLoss?.toFixed(4) ?? "–"}</td>
                    <td>{testText(epoch)}</td>
                    <td>{epoch.seconds.toFixed(2)}</td>
                    <td class="hash" title={epoch.parametersSha256}>
                      <code data-sha256={epoch.parametersSha256}>{epoch.parametersSha256}</code>
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
          {all.length > SHOWN && (
            <p class="quiet">
              The last {SHOWN} of {whole(all.length)}; run.json in the Keep view has them all.
            </p>
          )}
        </section>
      )}
    </section>
  );
}

function testText({ testAccuracy, testScore = null }: EpochPoint): string {
  if (testAccuracy !== null) return percentText(testAccuracy, 2);
  return testScore === null ? "–" : testScore.toFixed(4);
}

function Repeat() {
  const found = opened.value;
  useSignalEffect(() => {
    tick.value; // a lesson may have changed the parameters
    if (progress.value?.playing === false) void updateParameterStatus();
  });
  if (!found) return null;
  const beyond = beyondLink();
  const command = beyond ? undefined : commandOf(setup.value, found.layers, found.file);
  return (
    <section class="repeat" aria-labelledby="repeat">
      <h2 id="repeat">The same run elsewhere</h2>
      <p class="quiet">
        {beyond
          ? `This page's address holds the settings, but not ${beyond}: no link makes this run.`
          : linkSays(setup.value)}
      </p>
      {found.changes.length > 0 && <p class="quiet">Changed: {found.changes.map(changeText).join("; ")}.</p>}
      {command !== undefined && <Copy text={command} label="In a terminal" />}
    </section>
  );
}

const changeText = ({ epoch, step, options }: RunChange): string =>
  `${Object.entries(options)
    .map(([name, value]) => `${{ learningRate: "η", weightDecay: "λ" }[name] ?? "B"} = ${value}`)
    .join(", ")} from epoch ${epoch}, step ${step + 1}`;

function linkSays({ data, rows, randomLabels }: StudioSetup): string {
  if (data === "file")
    return "This page's address holds the whole set-up; with the same file dropped it is the same run.";
  const link = "This page's address holds the whole set-up: whoever opens the link gets the same run, seed and all.";
  return rows > 0 || randomLabels ? `${link} Its rows or labels are drawn by this page, so no command makes it.` : link;
}
