// The test figure of numbers or labels after each epoch: the mean R² or the mean F₁.

import { newestScore } from "../lab/epoch-points.ts";
import { t } from "../language/words.ts";
import { scoreName } from "../parts/answer-words.ts";
import { Chart } from "../parts/chart.tsx";
import { localText, shortNumber } from "../parts/numbers.ts";
import { compared } from "../state/compared.ts";
import { epochs, opened } from "../state/store.ts";
import { comparedKeys, dotted, frame, laidOver, span, thinned, ticksOf } from "./chart-frame.ts";

const LOWEST = -1; // an R² far below 0 says no more

export function ScoreChart({ height }: { readonly height: number }) {
  const { task, classes } = opened.value!;
  const name = scoreName(task);
  const tested = thinned(epochs.value.filter(({ testScore = null }) => testScore !== null));
  const least = tested.reduce((low, { testScore }) => Math.min(low, testScore!), 0);
  const newest = newestScore(epochs.value);
  const last = tested.at(-1);
  const mean = classes.length > 1 ? t(", mean of {n}", { n: classes.length }) : "";
  return (
    <Chart
      name={t("score")}
      title={t("{figure} on the test rows", { figure: name }) + mean}
      label={
        last
          ? t("After epoch {n}: test {figure} {value}", { n: last.epoch, figure: name, value: shortNumber(newest!) })
          : t("No epoch has been tested yet")
      }
      height={height}
      empty={!last}
      legend={[{ name: t("test"), color: "orange" }, ...comparedKeys()]}
      draw={(plot) => ({
        ...frame,
        x: { domain: [0, span()], label: t("epochs"), ticks: ticksOf(span()), tickFormat: String },
        y: {
          domain: [Math.max(LOWEST, least), 1],
          label: null,
          ticks: 5,
          tickFormat: (score: number) => localText(String(score)),
        },
        marks: [
          plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
          plot.ruleY([0], { stroke: "var(--rule-2)" }),
          ...compared.value.map((run, k) =>
            plot.lineY(thinned(run.epochs.filter(({ testScore = null }) => testScore !== null)), {
              x: "epoch",
              y: "testScore",
              ...laidOver(k),
            }),
          ),
          plot.lineY(tested, { x: "epoch", y: "testScore", stroke: "var(--orange)", strokeWidth: 1.5, clip: true }),
          ...dotted(tested.length, () =>
            plot.dot(tested, { x: "epoch", y: "testScore", fill: "var(--orange)", r: 3, clip: true }),
          ),
        ],
      })}
    />
  );
}
