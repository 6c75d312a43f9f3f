// Where the rows of a run came from and how they were read: a part of run.json.
import { COLUMN_KINDS, type Column } from "../../data/columns.ts";
import { isPictureOptions, type PictureOptions } from "../../data/pictures/picture-form.ts";
import { MISSING_CHOICES, TASKS, type TableOptions } from "../../data/table/table-options.ts";
import { show } from "../../errors.ts";

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

const isText = (value: unknown) => typeof value === "string";
const isList = (value: unknown): value is readonly string[] => Array.isArray(value) && isStrings(value);
const members = (of: (value: unknown) => boolean) => (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(of);

function isKind(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, levels, order, decimal, ...none } = value as Partial<Column>;
  return (
    (COLUMN_KINDS as readonly unknown[]).includes(kind) &&
    (levels === undefined || isList(levels)) &&
    [undefined, "dmy", "mdy", "ymd"].includes(order) &&
    [undefined, ","].includes(decimal) &&
    Object.keys(none).length === 0
  );
}

const CHOICES: Readonly<Record<keyof RecordedChoices, readonly [is: (value: unknown) => boolean, what: string]>> = {
  encoding: [isText, "a text"],
  sheet: [isText, "a text"],
  columns: [isList, "a list of texts"],
  ignore: [isList, "a list of texts"],
  categorical: [isList, "a list of texts"],
  numeric: [isList, "a list of texts"],
  ordinal: [members(isList), "lists of texts by column"],
  kinds: [members(isKind), "kinds by column"],
  task: [(value) => (TASKS as readonly unknown[]).includes(value), `one of ${TASKS.join(", ")}`],
  missing: [(value) => (MISSING_CHOICES as readonly unknown[]).includes(value), `one of ${MISSING_CHOICES.join(", ")}`],
  weight: [isText, "a text"],
  group: [isText, "a text"],
  time: [isText, "a text"],
  keep: [isList, "a list of texts"],
};

/** What is wrong with a table's choices as a file has them, in words; undefined where nothing is. */
export function wrongChoice(table: unknown): string | undefined {
  if (table === undefined) return undefined;
  if (typeof table !== "object" || table === null || Array.isArray(table)) return "data.table must be an object.";
  for (const [name, value] of Object.entries(table)) {
    if (!Object.hasOwn(CHOICES, name)) return `data.table has ${show(name)}, which is no choice of a table.`;
    const [is, what] = CHOICES[name as keyof RecordedChoices];
    if (!is(value)) return `data.table.${name} must be ${what}, got ${show(value)}.`;
  }
  return undefined;
}

export const isStrings = (values: readonly unknown[]): boolean => values.every((value) => typeof value === "string");
