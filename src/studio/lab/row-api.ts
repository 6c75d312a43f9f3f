// The lab's calls about a row of a table that the visitor makes, and their results. Types only.
import type { Column } from "../../data/columns.ts";
import type { AttributionMethod } from "../../insights/attributions.ts";
import type { ValuePrediction } from "../../training/evaluate.ts";
import type { RowPlace } from "./row-place.ts";

/** A column of a row that the visitor makes. */
export type TriedColumn = Pick<Column, "name" | "kind"> & {
  readonly levels: readonly string[] | null; // of the model
  readonly low: number; //                      of the training rows, as high
  readonly high: number;
  readonly whole: boolean; //                   whether all are integers
  readonly other: boolean; //                   whether the model knows "none of the levels"
  readonly holes: boolean; //                   whether it knows missing values
};

/**
 * The answer for such a row; pushes by column [D] for each method, on log S of a class, on a number, on the log of a
 * count, or on the log-odds of a label.
 */
export type RowAnswer = {
  readonly probabilities: Float64Array; //    S(z_L) [C], of classes
  readonly predicted: number; //              a class; −1 where numbers or labels are learned
  readonly values: ValuePrediction | null; // of these, in the units of the data
  readonly target: number; //                 the class, number or label of the pushes
  readonly explained: number; //              what they push on, here
  readonly none: number; //                   the same where every input is 0: what the integrated pushes start from
  readonly pushes: Readonly<Record<AttributionMethod, Float64Array>>;
};

export interface RowApi {
  /** What can be set in a row of the table. */
  triedColumns(): Promise<readonly TriedColumn[]>;
  /** That row of the data as numbers [D] to change: categories by the model's levels. */
  modelRow(place: RowPlace): Promise<Float64Array>;
  answerRow(row: Float64Array, target?: number): Promise<RowAnswer>;
}
