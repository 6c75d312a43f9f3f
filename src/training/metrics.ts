// Metrics of predictions: accuracy, mean loss, confusion matrix, precision, recall, F1. Counts and float64 sums in row
// order.
import { must } from "../errors.ts";

/** Null where the denominator is 0: precision of a class never predicted, recall of a class that does not occur. */
export type Scores = {
  /** Of the rows predicted as the class, the share that is of it; in [0, 1]. */
  readonly precision: number | null;
  /** Of the rows of the class, the share predicted as it; in [0, 1]. */
  readonly recall: number | null;
  /** Harmonic mean of the two, in [0, 1]. */
  readonly f1: number | null;
};

/** Figures of predictions on labelled rows. */
export type Metrics = {
  /** Rows that were predicted, ≥ 1. */
  readonly rows: number;
  /** Share of them whose prediction is their label, in [0, 1]. */
  readonly accuracy: number;
  /** Mean cross-entropy, natural logarithm. */
  readonly loss: number;
  /** Rows by [true class][predicted class]. */
  readonly confusion: readonly (readonly number[])[];
  /** [C], of each class, in class order. */
  readonly classes: readonly (Scores & {
    /** Rows of the class. */
    readonly support: number;
  })[];
  /** Mean over the classes that occur or are predicted, a null counted as 0, as in scikit-learn. */
  readonly macro: Scores;
  /** Mean weighted by support. */
  readonly weighted: Scores;
};

/**
 * Metrics of n predictions: class indices of labels and predictions, and the loss of each row. Raises InvalidInput
 * unless the three arrays have the same length, at least 1.
 */
export function measure(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  losses: ArrayLike<number>,
  classCount: number,
): Metrics {
  for (const [what, list] of Object.entries({ labels, predictions, losses }))
    must(typeof list?.length === "number", what, "a list of numbers", list);
  const rows = labels.length;
  must(rows >= 1, "labels", "at least one row", rows);
  must(predictions.length === rows, "predictions", `${rows} classes`, predictions.length);
  must(losses.length === rows, "losses", `${rows} numbers`, losses.length);
  const counts = new RowCounts(classCount);
  counts.add(labels, predictions, losses);
  return metricsOf(counts);
}

/** What metrics take of rows, counted and added up in their order. */
export class RowCounts {
  /** Rows by [true class][predicted class]. */
  readonly confusion: readonly number[][];
  rows = 0;
  hits = 0;
  lossSum = 0;

  constructor(classCount: number) {
    this.confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  }

  /** The next rows: `labels` from row `first` on. */
  add(labels: ArrayLike<number>, predictions: ArrayLike<number>, losses: ArrayLike<number>, first = 0): void {
    for (let i = 0; i < predictions.length; i++) {
      const label = labels[first + i]!;
      this.confusion[label]![predictions[i]!]!++;
      if (label === predictions[i]) this.hits++;
      this.lossSum += losses[i]!;
    }
    this.rows += predictions.length;
  }
}

export function metricsOf({ confusion, rows, hits, lossSum }: RowCounts): Metrics {
  const classCount = confusion.length;
  const all = Array.from({ length: classCount }, (_, c) => c);
  const classes = all.map((c) => {
    const hits = confusion[c]![c]!;
    const support = sum(confusion[c]!);
    const predicted = sum(all.map((other) => confusion[other]![c]!));
    return {
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + predicted), // 2PR/(P + R)
      support,
    };
  });
  const present = classes.filter(({ f1 }) => f1 !== null);
  return {
    rows,
    accuracy: hits / rows,
    loss: lossSum / rows,
    confusion,
    classes,
    macro: average(present, () => 1),
    weighted: average(present, ({ support }) => support),
  };
}

/** The mean, added up in index order. */
export function meanOf(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** The share of rows whose prediction is the label. */
export function accuracyOf(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  return countHits(predictions, labels) / labels.length;
}

/** How many predictions are the labels of their rows, which are those of `order`, or 0, 1, 2, … */
export function countHits(predictions: ArrayLike<number>, labels: ArrayLike<number>, order?: Uint32Array): number {
  let hits = 0;
  for (let i = 0; i < predictions.length; i++) if (predictions[i] === labels[order ? order[i]! : i]) hits++;
  return hits;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function average<C extends Scores>(classes: readonly C[], weightOf: (c: C) => number): Scores {
  const whole = sum(classes.map(weightOf));
  const mean = (score: keyof Scores) => ratio(sum(classes.map((c) => weightOf(c) * (c[score] ?? 0))), whole);
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}
