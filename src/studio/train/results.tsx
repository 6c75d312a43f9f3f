// The run's results: current figures, curves, every epoch with its hash, and how to repeat the run elsewhere.
import { useSignalEffect } from "@preact/signals";
import type { RunChange } from "../../training/changes.ts";
import { newestScore, testAccuracyOf } from "../lab/epoch-points.ts";
import type { EpochPoint } from "../lab/protocol.ts";
import { rich, t } from "../language/words.ts";
import { scoreName } from "../parts/answer-words.ts";
import { Copy } from "../parts/copy.tsx";
import { fixedNumber, localText, percentText, shortNumber, whole } from "../parts/numbers.ts";
import { updateParameterStatus } from "../state/parameter-status.ts";
import { beyondLink } from "../state/repeatable.ts";
import type { StudioSetup, ViewName } from "../state/setup.ts";
import { epochs, evaluation, opened, progress, setup, tick, view } from "../state/store.ts";
import { commandOf } from "./command-line.ts";
import { FoundInFile } from "./found-in-file.tsx";
import { LiveExample } from "./live-example.tsx";
import { Plane } from "./plane.tsx";
import { LossChart, RightChart } from "./training-curves.tsx";

export function Results() {
  return (
    <div class="results">
      <Lead />
      <FoundInFile />
      <LiveExample />
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
      {rich(
        "A network, its data, and every equation of its training with the numbers it has right now. Press Play; begin with {lesson}; look {inside}; or {draw}.",
        {
          lesson: <To view="lessons">{t("a lesson")}</To>,
          inside: <To view="watch">{t("inside the network")}</To>,
          draw: <To view="draw">{t(opened.value?.image ? "draw something" : "try a row")}</To>,
        },
      )}
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
    [t("loss, last 32 steps"), at?.loss == null ? "–" : shortNumber(at.loss)],
    ...testFigures(),
    [t("examples a second"), at?.examplesPerSecond == null ? "–" : whole(roundedRate(at.examplesPerSecond))],
    [t("seconds of training"), seconds === 0 ? "–" : fixedNumber(seconds, 1)],
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
    return [[t("test accuracy"), tested === null ? "–" : percentText(tested, 2)]];
  }
  const score = newestScore(epochs.value);
  const [only, second] = evaluation.value?.figures?.targets ?? [];
  const mean = classes.length > 1 ? t(", mean of {n}", { n: classes.length }) : "";
  const own =
    only && !second
      ? ([
          ["RMSE", only.rmse],
          ["MAE", only.mae],
        ] as const)
      : [];
  return [
    [t("test {figure}", { figure: scoreName(task) }) + mean, score === null ? "–" : fixedNumber(score, 4)],
    ...own.map(([name, value]) => [t("test {figure}", { figure: name }), shortNumber(value, 4)] as const),
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
      <h2 id="epochs">{t("After each epoch")}</h2>
      {all.length === 0 ? (
        <p class="quiet">
          {t(
            "Nothing yet. Press Play: each epoch leaves its figures here, with the SHA-256 of every parameter. The same set-up gives the same bits in any browser and in Node.",
          )}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <section class="scroll" tabIndex={0} aria-label={t("Figures of each epoch")}>
          <table class="epochs">
            <thead>
              <tr>
                <th scope="col">{t("Epoch")}</th>
                <th scope="col">{t("Training loss")}</th>
                {classes && <th scope="col">{t("Training acc.")}</th>}
                <th scope="col">{t("Test loss")}</th>
                <th scope="col">{classes ? t("Test acc.") : t("Test {figure}", { figure: scoreName(task) })}</th>
                <th scope="col">{t("Seconds")}</th>
                <th scope="col">{t("SHA-256 of the parameters")}</th>
              </tr>
            </thead>
            <tbody>
              {all
                .slice(-SHOWN)
                .toReversed()
                .map((epoch, k) => (
                  <tr key={k}>
                    <th scope="row">{epoch.epoch}</th>
                    <td>{lossText(epoch.trainLoss)}</td>
                    {classes && <td>{percentText(epoch.trainAccuracy ?? Number.NaN, 2)}</td>}
                    <td>{lossText(epoch.testLoss)}</td>
                    <td>{testText(epoch)}</td>
                    <td>{fixedNumber(epoch.seconds, 2)}</td>
                    <td class="hash" title={epoch.parametersSha256}>
                      <code data-sha256={epoch.parametersSha256}>{epoch.parametersSha256}</code>
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
          {all.length > SHOWN && (
            <p class="quiet">
              {t("The last {n} of {all}; run.json in the Keep view has them all.", {
                n: SHOWN,
                all: whole(all.length),
              })}
            </p>
          )}
        </section>
      )}
    </section>
  );
}

function testText({ testAccuracy, testScore = null }: EpochPoint): string {
  if (testAccuracy !== null) return percentText(testAccuracy, 2);
  return lossText(testScore);
}

const lossText = (value: number | null | undefined): string => (value == null ? "–" : fixedNumber(value, 4));

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
      <h2 id="repeat">{t("The same run elsewhere")}</h2>
      <p class="quiet">
        {beyond
          ? t("This page's address holds the settings, but not {what}: no link makes this run.", { what: beyond })
          : linkSays(setup.value)}
      </p>
      {found.changes.length > 0 && (
        <p class="quiet">{t("Changed: {what}.", { what: found.changes.map(changeText).join("; ") })}</p>
      )}
      {command !== undefined && <Copy text={command} label={t("In a terminal")} />}
    </section>
  );
}

const changeText = ({ epoch, step, options }: RunChange): string =>
  t("{settings} from epoch {epoch}, step {step}", {
    settings: Object.entries(options)
      .map(([name, value]) => `${{ learningRate: "η", weightDecay: "λ" }[name] ?? "B"} = ${localText(String(value))}`)
      .join(", "),
    epoch,
    step: step + 1,
  });

function linkSays({ data, rows, randomLabels }: StudioSetup): string {
  if (data === "file")
    return t("This page's address holds the whole set-up; with the same file dropped it is the same run.");
  const link = t("This page's address holds the whole set-up: whoever opens the link gets the same run, seed and all.");
  const drawn = () => t("Its rows or labels are drawn by this page, so no command makes it.");
  return rows > 0 || randomLabels ? `${link} ${drawn()}` : link;
}
