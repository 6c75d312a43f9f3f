// The network judged on a part: figures, the rows it got most wrong, and the rows behind each cell of the confusion matrix.
import type { Dataset } from "../../data/dataset.ts";
import type { Session } from "../../engines/engine.ts";
import { measure } from "../../training/metrics.ts";
import { consecutive } from "../../training/order.ts";
import type { Judged, Judgement, RowPlace } from "./protocol.ts";

const WORST = 24;

/** What the page is not told unless it asks: every row's loss and prediction. */
export type Judging = Judgement & {
  readonly labels: Int32Array;
  readonly losses: Float64Array;
  readonly predictions: Int32Array;
};

/** Judge rows `first` … of the session, which are those of `data`. Between walks of the run only. */
export async function judge(session: Session, part: RowPlace["part"], data: Dataset, first: number): Promise<Judging> {
  const { losses, predictions } = await session.evaluate(consecutive(first, data.rows), { plain: true });
  const { labels, classes } = data;
  const metrics = measure(labels, predictions, losses, classes.length);
  const judging = { part, metrics, worst: [], labels, losses, predictions };
  return { ...judging, worst: rowsWhere(judging, WORST, () => true) };
}

/** At most `most` rows that pass, the largest loss first. */
export function rowsWhere(
  { part, labels, losses, predictions }: Judging,
  most: number,
  passes: (label: number, predicted: number) => boolean,
): readonly Judged[] {
  return Array.from(consecutive(0, labels.length))
    .filter((row) => passes(labels[row]!, predictions[row]!))
    .sort((a, b) => losses[b]! - losses[a]!)
    .slice(0, most)
    .map((row) => ({ part, row, label: labels[row]!, predicted: predictions[row]!, loss: losses[row]! }));
}
