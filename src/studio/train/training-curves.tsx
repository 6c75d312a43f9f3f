// Loss and accuracy by step and epoch.
import { Chart } from "../parts/chart.tsx";
import { percentText, shortNumber } from "../parts/numbers.ts";
import { epochs, opened, points, setup } from "../state/store.ts";

/** Epochs begun: the length of the charts' horizontal axis. */
const span = (): number => Math.max(1, Math.min(setup.value.epochs, Math.ceil(reached())));

function reached(): number {
  const per = opened.value?.stepsPerEpoch ?? 1;
  return (points.value.at(-1)?.step ?? 0) / per;
}

export function LossChart({ height = 260 }: { readonly height?: number }) {
  const per = opened.value?.stepsPerEpoch ?? 1;
  const curve = points.value.filter(({ loss }) => Number.isFinite(loss));
  const ended = epochs.value.filter(({ testLoss }) => testLoss !== null && Number.isFinite(testLoss));
  const last = curve.at(-1);
  const label = last
    ? `Training loss ${shortNumber(last.loss)} after ${last.step} steps${ended.length > 0 ? `, test loss ${shortNumber(ended.at(-1)!.testLoss!)}` : ""}`
    : "No steps yet";
  const losses = [curve.map(({ loss }) => loss), ended.map(({ testLoss }) => testLoss!)];
  const highest = last ? Math.max(...losses.map(top)) : 2.5;
  return (
    <Chart
      name="loss"
      title="Loss"
      label={label}
      height={height}
      legend={[
        { name: "training", color: "blue" },
        { name: "test", color: "orange" },
      ]}
      draw={(plot) => ({
        ...frame,
        x: { domain: [0, span()], label: "epochs", ticks: ticksOf(span()), tickFormat: String },
        y: { domain: [0, highest], label: null, nice: true, ticks: 5 },
        marks: [
          plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
          plot.ruleY([0], { stroke: "var(--rule-2)" }),
          plot.lineY(curve, { x: (d) => d.step / per, y: "loss", stroke: "var(--blue)", strokeWidth: 1.5, clip: true }),
          plot.lineY(ended, { x: "epoch", y: "testLoss", stroke: "var(--orange)", strokeWidth: 1.5, clip: true }),
          plot.dot(ended, { x: "epoch", y: "testLoss", fill: "var(--orange)", r: 3, clip: true }),
        ],
      })}
    />
  );
}

export function AccuracyChart({ height = 260 }: { readonly height?: number }) {
  const all = epochs.value;
  const lowest = Math.min(...all.flatMap(({ trainAccuracy, testAccuracy }) => [trainAccuracy ?? 1, testAccuracy ?? 1]));
  const floor = all.length === 0 ? 0 : Math.max(0, Math.floor(10 * lowest - 0.5) / 10);
  const last = all.at(-1);
  const label = last
    ? `After epoch ${last.epoch}: training accuracy ${percentText(last.trainAccuracy ?? Number.NaN)}, test accuracy ${percentText(last.testAccuracy ?? 0)}`
    : "No epoch has ended yet";
  return (
    <Chart
      name="accuracy"
      title="Accuracy"
      label={label}
      height={height}
      legend={[
        { name: "training", color: "blue" },
        { name: "test", color: "orange" },
      ]}
      draw={(plot) => ({
        ...frame,
        x: { domain: [0, span()], label: "epochs", ticks: ticksOf(span()), tickFormat: String },
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
          plot.lineY(all, { x: "epoch", y: "trainAccuracy", stroke: "var(--blue)", strokeWidth: 1.5 }),
          plot.dot(all, { x: "epoch", y: "trainAccuracy", fill: "var(--blue)", r: 3 }),
          plot.lineY(all, { x: "epoch", y: "testAccuracy", stroke: "var(--orange)", strokeWidth: 1.5 }),
          plot.dot(all, { x: "epoch", y: "testAccuracy", fill: "var(--orange)", r: 3 }),
        ],
      })}
    />
  );
}

const frame = { marginLeft: 44, marginRight: 12, marginTop: 12, marginBottom: 34 } as const;

/** At most eleven epochs, from 0. */
function ticksOf(end: number): number[] {
  const step = Math.max(1, Math.ceil(end / 10));
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, k) => k * step);
}

/** The 99.5 % quantile of the losses, at least 0.1: a few outliers do not set the scale. */
function top(losses: readonly number[]): number {
  const sorted = losses.toSorted((a, b) => a - b);
  return Math.max(0.1, sorted[Math.ceil(0.995 * (sorted.length - 1))] ?? 0);
}
