// Loss and accuracy by step and epoch.
import { testAccuracyOf } from "../lab/epoch-points.ts";
import type { EpochPoint } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { Chart } from "../parts/chart.tsx";
import { localText, percentText, shortNumber } from "../parts/numbers.ts";
import { compared } from "../state/compared.ts";
import { epochs, opened, points } from "../state/store.ts";
import { comparedKeys, dotted, frame, laidOver, span, thinned, ticksOf } from "./chart-frame.ts";
import { ScoreChart } from "./score-chart.tsx";

/** The epochs that were tested. */
const tested = (ended: readonly EpochPoint[]) => ended.filter(({ testAccuracy }) => testAccuracy !== null);

export function LossChart({ height = 260 }: { readonly height?: number }) {
  const curve = points.value.filter(({ loss }) => Number.isFinite(loss));
  const ended = thinned(epochs.value.filter(({ testLoss }) => testLoss !== null && Number.isFinite(testLoss)));
  const last = curve.at(-1);
  const told = last && t("Training loss {loss} after {n} steps", { loss: shortNumber(last.loss), n: last.step });
  const ofTest = ended.length > 0 ? t(", test loss {loss}", { loss: shortNumber(ended.at(-1)!.testLoss!) }) : "";
  const label = told === undefined ? t("No steps yet") : told + ofTest;
  const losses = [curve.map(({ loss }) => loss), ended.map(({ testLoss }) => testLoss!)];
  const ranged = curve.filter(({ low, high }) => low !== undefined && low !== high && Number.isFinite(high));
  const highest = last
    ? Math.max(
        ...losses.map((all) => top(all, 0.995)),
        top(
          ranged.map(({ high }) => high!),
          0.9,
        ),
      )
    : 2.5;
  return (
    <Chart
      name={t("loss")}
      title={t("Loss")}
      label={label}
      height={height}
      empty={!last}
      legend={[
        { name: t(ranged.length > 0 ? "training; band: its single steps" : "training"), color: "blue" },
        { name: t("test"), color: "orange" },
        ...comparedKeys(),
      ]}
      draw={(plot) => ({
        ...frame,
        x: { domain: [0, span()], label: t("epochs"), ticks: ticksOf(span()), tickFormat: String },
        y: { domain: [0, highest], label: null, nice: true, ticks: 5, tickFormat: tickText },
        marks: [
          plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
          plot.ruleY([0], { stroke: "var(--rule-2)" }),
          plot.areaY(ranged, { x: "epoch", y1: "low", y2: "high", fill: "var(--blue)", fillOpacity: 0.2, clip: true }),
          ...compared.value.map((run, k) => plot.lineY(run.points, { x: "epoch", y: "loss", ...laidOver(k) })),
          plot.lineY(curve, { x: "epoch", y: "loss", stroke: "var(--blue)", strokeWidth: 1.5, clip: true }),
          plot.lineY(ended, { x: "epoch", y: "testLoss", stroke: "var(--orange)", strokeWidth: 1.5, clip: true }),
          ...dotted(ended.length, () =>
            plot.dot(ended, { x: "epoch", y: "testLoss", fill: "var(--orange)", r: 3, clip: true }),
          ),
        ],
      })}
    />
  );
}

/** Of classes the accuracy, else the test figure that takes its place. */
export function RightChart({ height = 260 }: { readonly height?: number }) {
  const classes = (opened.value?.task ?? "classify") === "classify";
  return classes ? <AccuracyChart height={height} /> : <ScoreChart height={height} />;
}

function AccuracyChart({ height }: { readonly height: number }) {
  const all = thinned(epochs.value);
  const test = thinned(tested(epochs.value));
  const lowest = [...all, ...test, ...compared.value.flatMap((run) => tested(run.epochs))].reduce(
    (least, { trainAccuracy, testAccuracy }) => Math.min(least, trainAccuracy ?? 1, testAccuracy ?? 1),
    1,
  );
  const floor = all.length === 0 ? 0 : Math.max(0, Math.floor(10 * lowest - 0.5) / 10);
  const last = all.at(-1);
  const newest = testAccuracyOf(epochs.value);
  const told =
    last &&
    t("After epoch {n}: training accuracy {share}", {
      n: last.epoch,
      share: percentText(last.trainAccuracy ?? Number.NaN),
    });
  const ofTest = newest === null ? "" : t(", test accuracy {share}", { share: percentText(newest) });
  const label = told === undefined ? t("No epoch has ended yet") : told + ofTest;
  return (
    <Chart
      name={t("accuracy")}
      title={floor > 0 ? t("Accuracy, from {n} %", { n: 100 * floor }) : t("Accuracy")}
      label={label}
      height={height}
      empty={!last}
      legend={[{ name: t("training"), color: "blue" }, { name: t("test"), color: "orange" }, ...comparedKeys()]}
      draw={(plot) => ({
        ...frame,
        x: { domain: [0, span()], label: t("epochs"), ticks: ticksOf(span()), tickFormat: String },
        y: {
          domain: [100 * floor, 100],
          label: null,
          percent: true,
          ticks: 5,
          tickFormat: (share: number) => `${share} %`,
        },
        marks: [
          plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
          plot.ruleY([floor], { stroke: "var(--rule-2)" }),
          ...compared.value.map((run, k) =>
            plot.lineY(thinned(tested(run.epochs)), { x: "epoch", y: "testAccuracy", ...laidOver(k) }),
          ),
          plot.lineY(all, { x: "epoch", y: "trainAccuracy", stroke: "var(--blue)", strokeWidth: 1.5, clip: true }),
          ...dotted(all.length, () =>
            plot.dot(all, { x: "epoch", y: "trainAccuracy", fill: "var(--blue)", r: 3, clip: true }),
          ),
          plot.lineY(test, { x: "epoch", y: "testAccuracy", stroke: "var(--orange)", strokeWidth: 1.5, clip: true }),
          ...dotted(test.length, () =>
            plot.dot(test, {
              x: "epoch",
              y: "testAccuracy",
              fill: "var(--orange)",
              r: 3,
              clip: true,
            }),
          ),
        ],
      })}
    />
  );
}

/** A loss at the axis, never wider than its margin: 0.5, 120, 5e15. */
const tickText = (loss: number): string =>
  loss < 10_000 ? localText(String(loss)) : loss.toExponential(0).replace("+", "");

/** That quantile of the losses, at least 0.1: a few outliers do not set the scale. */
function top(losses: readonly number[], quantile: number): number {
  const sorted = losses.toSorted((a, b) => a - b);
  return Math.max(0.1, sorted[Math.ceil(quantile * (sorted.length - 1))] ?? 0);
}
