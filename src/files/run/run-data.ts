// Where the rows of a run came from and how they were read: a part of run.json.
import { isPictureOptions, type PictureOptions } from "../../data/pictures/picture-form.ts";
import type { TableOptions } from "../../data/table/table-options.ts";

/** The origin of the rows. */
export type RunData = {
  readonly name: string;
  /** The name of a named set, or the full path of a file or folder. */
  readonly from: string;
  /** The folder of the files of a named set, where one was given. */
  readonly dataDir: string | null;
  readonly sha256: string;
  /** The label column, where one was given or where it is not the one of version 0.1's rule. */
  readonly label: string | null;
  /** How pictures were made rows and which arrays of an archive were taken, where that was chosen. */
  readonly reading?: Reading | undefined;
  /** What was said of a table's other columns. */
  readonly table?: RecordedChoices | undefined;
  /** The parts that came from data of their own. */
  readonly parts?: RecordedParts | undefined;
  /** The share held out as test split, where the source has no test part. */
  readonly heldOut: number | null;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
};

/** Data of their own for the validation or the test part. */
export type RecordedParts = {
  readonly validation?: RecordedPart | undefined;
  readonly test?: RecordedPart | undefined;
};

/** As of the training data: name, place and the SHA-256 of the bytes. */
export type RecordedPart = Pick<RunData, "name" | "from" | "sha256">;

export const isParts = ({ validation, test }: RecordedParts): boolean =>
  [validation, test].every((part) => part === undefined || isStrings([part.name, part.from, part.sha256]));

export type Reading = {
  readonly pictures?: PictureOptions | undefined;
  readonly arrays?: readonly string[] | undefined;
};

export function isReading({ pictures, arrays }: Reading): boolean {
  return (pictures === undefined || isPictureOptions(pictures)) && (arrays === undefined || isStrings(arrays));
}
export type RecordedChoices = Pick<
  TableOptions,
  | "encoding"
  | "sheet"
  | "task"
  | "columns"
  | "ignore"
  | "categorical"
  | "numeric"
  | "ordinal"
  | "kinds"
  | "missing"
  | "weight"
  | "group"
  | "time"
  | "keep"
>;

export const isStrings = (values: readonly unknown[]): boolean => values.every((value) => typeof value === "string");
