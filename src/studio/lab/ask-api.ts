// The lab's calls about what δ tells of the data, and their results. Types only.
import type { RowPlace } from "./row-place.ts";

type LabelledPlace = RowPlace & { readonly label: number };

/** A training row with the norm of its own gradient. */
export type NormedRow = LabelledPlace & { readonly norm: number };

/** A test row whose label confident learning counts as wrong. */
export type DoubtedRow = LabelledPlace & { readonly suggested: number; readonly probability: number };

/** A training row and what it gave log p of an answer. */
export type InfluentialRow = LabelledPlace & { readonly influence: number };

/** What the two arrays tell of the data at the parameters as they are. */
export type DataAnswers = {
  readonly typical: readonly NormedRow[]; //  least ‖g_i‖ first
  readonly unusual: readonly NormedRow[]; //  largest first
  readonly measured: number; //               training rows, the first
  readonly doubted: readonly DoubtedRow[]; // least p of their label first
  readonly judged: number; //                 test rows, the first; none where no classes are learned
};

/** The training rows that pushed an answer, by influence with an EK-FAC inverse. */
export type AnswerTeachers = {
  readonly place: RowPlace;
  readonly answer: number; // the class that is explained
  readonly measured: number; // training rows, the first
  readonly up: readonly InfluentialRow[];
  readonly down: readonly InfluentialRow[];
};

export interface AskApi {
  dataAnswers(): Promise<DataAnswers>;
  /** Who taught the network its answer to that row. */
  teachers(place: RowPlace): Promise<AnswerTeachers>;
}
