// The lab's calls about how right the network is, and their results. Types only.
import type { Metrics } from "../../training/metrics.ts";
import type { ValueMetrics } from "../../training/value-metrics.ts";
import type { RowPlace } from "./row-place.ts";

/** What a row's targets are and what is answered, in the units of the data, [T] each; of labels 1 or 0, and p. */
export type RowValues = { readonly wanted: Float64Array; readonly answered: Float64Array };

/** A row with its label, the network's prediction and ℓ; `values` where numbers or labels are learned. */
export type EvaluatedRow = RowPlace & {
  readonly label: number;
  readonly predicted: number;
  readonly loss: number;
  readonly values: RowValues | null;
};

/** Figures on one split, and its rows of largest loss; of numbers and labels those of the largest error. */
export type Evaluation = {
  readonly part: RowPlace["part"];
  readonly metrics: Metrics | null; //      of classes
  readonly figures: ValueMetrics | null; // of numbers or labels
  readonly worst: readonly EvaluatedRow[];
};

/** What one target is and what is answered, over rows that are spread evenly. */
export type TargetAnswers = RowValues & {
  readonly low: Float64Array | null; //  under "quantile" the lowest and the highest one
  readonly high: Float64Array | null; // and under "gaussian" one deviation below and above
};

export interface EvaluationApi {
  /** Evaluate the current parameters on the test split. */
  evaluate(): Promise<Evaluation>;
  /** Rows of true class `label` predicted as `predicted`, largest loss first, at most `most`. */
  confusionCell(label: number, predicted: number, most: number): Promise<readonly EvaluatedRow[]>;
  /** Target `j` of at most so many rows of the newest evaluation; null where classes are learned. */
  targetAnswers(j: number, most: number): Promise<TargetAnswers | null>;
}
