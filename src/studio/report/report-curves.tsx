// Loss and accuracy by epoch, on the training and the validation rows; the noise scale where it was recorded.
import type { EpochRecord } from "../../training/training-result.ts";
import { Chart, type PlotLibrary } from "../parts/chart.tsx";
import { percentText, shortNumber } from "../parts/numbers.ts";

type EpochSeries = { readonly name: string; readonly of: (epoch: EpochRecord) => number | null };

export function Curves({ epochs }: { readonly epochs: readonly EpochRecord[] }) {
  if (epochs.length === 0) return <p>No epoch had ended.</p>;
  return (
    <div class="curves">
      <EpochChart
        title="Loss"
        epochs={epochs}
        figure={(value) => shortNumber(value, 4)}
        curves={[
          { name: "training", of: ({ trainLoss }) => trainLoss },
          { name: "validation", of: ({ validationLoss }) => validationLoss },
        ]}
      />
      {epochs.some(({ trainAccuracy }) => trainAccuracy !== null) && (
        <EpochChart
          title="Accuracy"
          epochs={epochs}
          figure={(value) => percentText(value, 1)}
          curves={[
            { name: "training", of: ({ trainAccuracy }) => trainAccuracy },
            { name: "validation", of: ({ validationAccuracy }) => validationAccuracy },
          ]}
        />
      )}
      <Figures epochs={epochs} />
      {epochs.at(-1)!.noise && (
        <EpochChart
          title="Gradient noise scale"
          epochs={epochs}
          figure={(value) => shortNumber(value, 3)}
          curves={[{ name: "examples", of: ({ noise }) => noise?.scale ?? null }]}
        />
      )}
    </div>
  );
}

const mean = (values: readonly (number | null)[]) =>
  values.includes(null) ? null : values.reduce((sum: number, x) => sum + x! / values.length, 0);

/** R² of numbers, F1 of labels on the validation rows; of several the means. */
function Figures({ epochs }: { readonly epochs: readonly EpochRecord[] }) {
  const first = epochs.find(({ validationFigures }) => validationFigures)?.validationFigures;
  if (!first) return null;
  const numbers = first.targets.length > 0;
  const of = ({ validationFigures }: EpochRecord) =>
    numbers
      ? mean(validationFigures!.targets.map(({ r2 }) => r2))
      : mean(validationFigures!.labels.map(({ f1 }) => f1));
  if (epochs.every((epoch) => of(epoch) === null)) return null;
  return (
    <EpochChart
      title={numbers ? "R²" : "F1"}
      epochs={epochs}
      figure={(value) => shortNumber(value, 4)}
      curves={[{ name: "validation", of }]}
    />
  );
}

type EpochChartProps = {
  readonly title: string;
  readonly epochs: readonly EpochRecord[];
  readonly curves: readonly EpochSeries[];
  readonly figure: (value: number) => string;
};

const COLORS = ["blue", "orange"] as const;

function EpochChart({ title, epochs, curves, figure }: EpochChartProps) {
  const shown = curves.filter(({ of }) => epochs.some((epoch) => of(epoch) !== null));
  const last = epochs.at(-1)!;
  const ends = shown.map(({ name, of }) => `${name} ${textOf(of(last), figure)}`).join(", ");
  return (
    <Chart
      name={title.toLowerCase()}
      title={title}
      label={`${title} by epoch. After epoch ${last.epoch}: ${ends}`}
      height={280}
      legend={shown.map(({ name }, c) => ({ name, color: COLORS[c]! }))}
      draw={(plot) => ({
        marginLeft: 52,
        marginRight: 12,
        marginTop: 12,
        marginBottom: 34,
        x: { label: "epoch", ticks: ticksOf(epochs.length), tickFormat: "d" },
        y: {
          label: null,
          nice: true,
          ticks: 5,
          ...(title === "Accuracy"
            ? { tickFormat: (share: number) => `${+(100 * share).toFixed(2)} %` }
            : title === "Loss" || title === "Gradient noise scale"
              ? { zero: true }
              : {}),
        },
        marks: [
          plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
          ...shown.flatMap((curve, c) => marksOf(plot, epochs, curve, `var(--${COLORS[c]})`)),
        ],
      })}
    />
  );
}

/** A scale is unknown where the epoch's estimate of ‖G‖² is not above 0. */
const textOf = (value: number | null, figure: (value: number) => string) =>
  value === null ? "unknown" : figure(value);

const MOST_DOTS = 40;

function marksOf(plot: PlotLibrary, epochs: readonly EpochRecord[], { of }: EpochSeries, color: string) {
  const line = plot.lineY(epochs, { x: "epoch", y: of, stroke: color, strokeWidth: 1.5 });
  return epochs.length > MOST_DOTS ? [line] : [line, plot.dot(epochs, { x: "epoch", y: of, fill: color, r: 2.5 })];
}

/** At most ten epochs, with the last. */
function ticksOf(last: number): number[] {
  const step = Math.max(1, Math.ceil(last / 10));
  return Array.from({ length: Math.ceil(last / step) }, (_, k) => last - k * step).reverse();
}
