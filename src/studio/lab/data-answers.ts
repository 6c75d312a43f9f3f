// What δ tells of the open run's data: typical and unusual rows, labels that look wrong, who taught it an answer.

import { type Dataset, selectRows } from "../../data/dataset.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import { byNorm, gradientNorms } from "../../insights/gradient-norms.ts";
import { doubtedLabels } from "../../insights/label-scores.ts";
import { curvatureInfluence } from "../../insights/pair-influence.ts";
import { predict } from "../../training/evaluate.ts";
import type { AnswerTeachers, DataAnswers, InfluentialRow } from "./ask-api.ts";
import { modelOf, type OpenRun } from "./open-run.ts";
import type { RowPlace } from "./row-place.ts";

const MOST_ROWS = 10_000; //     that are looked at, the first
const SHOWN = 12;
const CURVATURE_ROWS = 1_000; // a visitor waits for it
const ENGINE = "wasm";

const firstRows = (data: Dataset): Dataset =>
  data.rows > MOST_ROWS ? selectRows(data, numbersFrom(0, MOST_ROWS)) : data;

/** At the run's current parameters. */
export async function dataAnswers(open: OpenRun): Promise<DataAnswers> {
  const model = modelOf(open);
  const [train, test] = [firstRows(open.rows.train), firstRows(open.rows.test)];
  const norms = await gradientNorms(model, train, { engine: ENGINE });
  const order = byNorm(norms);
  const normed = (row: number) => ({ part: "train", row, label: train.labels[row]!, norm: norms[row]! }) as const;
  const byNorms = {
    typical: order.slice(0, SHOWN).map(normed),
    unusual: order.toReversed().slice(0, SHOWN).map(normed),
    measured: train.rows,
  };
  if (model.loss) return { ...byNorms, doubted: [], judged: 0 };
  const { probabilities } = await predict(model, test.features, { engine: ENGINE });
  const { selfConfidence: p, suggested, suspected } = doubtedLabels(probabilities, test.labels, model.classes.length);
  const doubted = [...suspected.keys()].filter((row) => suspected[row] === 1).sort((a, b) => p[a]! - p[b]! || a - b);
  return {
    ...byNorms,
    doubted: doubted.slice(0, SHOWN).map((row) => ({
      part: "test",
      row,
      label: test.labels[row]!,
      suggested: suggested[row]!,
      probability: p[row]!,
    })),
    judged: test.rows,
  };
}

/** Of the class that the network answers at that row. */
export async function teachers(open: OpenRun, place: RowPlace): Promise<AnswerTeachers> {
  const model = modelOf(open);
  const train = firstRows(open.rows.train);
  const row = selectRows(open.rows[place.part], Uint32Array.of(place.row));
  const { classes } = await predict(model, row.features, { engine: ENGINE });
  const answer = classes[0]!;
  const options = { engine: ENGINE, curvatureRows: CURVATURE_ROWS } as const;
  const values = await curvatureInfluence(model, train, { ...row, labels: Int32Array.of(answer) }, options);
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
  const shown = (rows: readonly number[]): InfluentialRow[] =>
    rows.slice(0, SHOWN).map((i) => ({ part: "train", row: i, label: train.labels[i]!, influence: values[i]! }));
  return {
    place,
    answer,
    measured: train.rows,
    up: shown(order).filter(({ influence }) => influence > 0),
    down: shown(order.toReversed()).filter(({ influence }) => influence < 0),
  };
}
