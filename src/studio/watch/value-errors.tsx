// How right a model of numbers or labels is on the test rows: its figures as `deltaprop test` has them, of a number the
// answers beside the targets, and the rows of the largest error.
import { useSignal } from "@preact/signals";
import type { EvaluatedRow, Evaluation, TargetAnswers } from "../lab/evaluation-api.ts";
import type { RawExample } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { rowWords } from "../parts/answer-words.ts";
import { Chart } from "../parts/chart.tsx";
import { ChoiceField } from "../parts/field.tsx";
import { FigureTable, QuantileTable } from "../parts/figure-table.tsx";
import { shortNumber, whole } from "../parts/numbers.ts";
import { RowGallery } from "../parts/row-gallery.tsx";
import { useLab } from "../parts/use-lab.ts";
import { evaluation, lab, opened } from "../state/store.ts";
import "../style/figures.css";

const MOST_POINTS = 1000; // of the plot

export type ErrorItem = { readonly evaluated: EvaluatedRow; readonly raw: RawExample };

export function ValueErrors({
  current,
  shown,
}: {
  readonly current: Evaluation;
  readonly shown: readonly ErrorItem[];
}) {
  const found = opened.value!;
  const figures = current.figures!;
  const numbers = found.task === "regress";
  return (
    <section class="mistakes" aria-labelledby="mistakes-title">
      <h2 id="mistakes-title">{t("How right it is")}</h2>
      <div class="two">
        <div>
          <p class="quiet">
            {t(
              found.targetScaling
                ? "{n} test rows, mean loss {loss} of scaled targets. Below each figure its 95 % interval."
                : "{n} test rows, mean loss {loss}. Below each figure its 95 % interval.",
              { n: whole(figures.rows), loss: shortNumber(figures.loss, 4) },
            )}
          </p>
          <div class="scroll">
            <FigureTable metrics={figures} />
          </div>
          <div class="scroll">
            <QuantileTable metrics={figures} />
          </div>
          {numbers && <AnsweredAndTrue names={found.classes} />}
        </div>
        <div>
          <p class="quiet">
            {t(
              numbers
                ? "The rows with the largest error, each target in its own deviations: what they are → what is answered. Pick one to follow it through the network."
                : "The rows with the largest error: what they are → what is answered. Pick one to follow it through the network.",
            )}
          </p>
          <RowGallery
            scrollTo="example"
            rows={shown.flatMap(({ evaluated: { part, row, loss, values }, raw }) =>
              values === null
                ? []
                : [
                    {
                      at: { part, row },
                      raw,
                      title: t("Row {row}, loss {loss}", { row: row + 1, loss: shortNumber(loss) }),
                      said: rowWords(found, values.wanted, values.answered),
                    },
                  ],
            )}
          />
        </div>
      </div>
    </section>
  );
}

/** One target of the test rows: what it is along, what is answered up; right on the line. */
function AnsweredAndTrue({ names }: { readonly names: readonly string[] }) {
  const chosen = useSignal(0);
  const j = Math.min(chosen.value, names.length - 1);
  const answers = useLab(
    () => {
      const target = Math.min(chosen.value, names.length - 1);
      return evaluation.value ? () => lab.targetAnswers(target, MOST_POINTS) : null;
    },
    { dependsOn: "evaluation" },
  );
  const current = answers.value;
  const name = names[j]!;
  return (
    <>
      {names.length > 1 && (
        <ChoiceField
          label={t("Target")}
          value={String(j)}
          options={names.map((each, k) => ({ value: String(k), name: each }))}
          onChoose={(value) => {
            chosen.value = Number(value);
          }}
        />
      )}
      <Chart
        name={t("answered")}
        title={t("{name}: what it is, and what is answered", { name })}
        label={
          current
            ? t("{n} test rows: what {name} is from left to right, what is answered from below to above", {
                n: whole(current.wanted.length),
                name,
              })
            : t("Nothing is answered yet")
        }
        height={320}
        empty={!current}
        legend={[
          { name: t("a test row"), color: "blue" },
          { name: t("right"), color: "quiet" },
        ]}
        draw={(plot) => {
          const points = pointsOf(current);
          const [low, high] = rangeOf(current);
          return {
            marginLeft: 56,
            marginRight: 12,
            marginTop: 12,
            marginBottom: 34,
            x: { domain: [low, high], label: t("it is"), ticks: 5, tickFormat: (value: number) => shortNumber(value) },
            y: { domain: [low, high], label: null, ticks: 5, tickFormat: (value: number) => shortNumber(value) },
            marks: [
              plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
              plot.line(
                [
                  [low, low],
                  [high, high],
                ],
                { stroke: "var(--ink-2)", strokeDasharray: "4 3" },
              ),
              ...(current?.low && current.high
                ? [
                    plot.ruleX(points, {
                      x: "target",
                      y1: "low",
                      y2: "high",
                      stroke: "var(--blue)",
                      strokeOpacity: 0.35,
                    }),
                  ]
                : []),
              plot.dot(points, { x: "target", y: "value", fill: "var(--blue)", fillOpacity: 0.6, r: 2.5 }),
            ],
          };
        }}
      />
    </>
  );
}

function pointsOf(answers: TargetAnswers | null) {
  if (!answers) return [];
  const { wanted, answered, low, high } = answers;
  return Array.from(wanted, (target, i) => ({ target, value: answered[i]!, low: low?.[i], high: high?.[i] }));
}

/** From the least to the largest of targets and answers, the same along both axes. */
function rangeOf(answers: TargetAnswers | null): readonly [low: number, high: number] {
  if (!answers) return [0, 1];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of [answers.wanted, answers.answered])
    for (const x of values) [low, high] = [Math.min(low, x), Math.max(high, x)];
  const edge = 0.03 * (high - low) || 1;
  return [low - edge, high + edge];
}
