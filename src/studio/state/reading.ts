// How a visitor's file is read: what was chosen of a table's columns and of pictures before training. The same choices
// in the address, in a command, and as options of the reader.

import { COLORS, FITS, MOST_ROW_SIDE, type PictureSize } from "../../data/pictures/picture-form.ts";
import type { ReadFilesOptions } from "../../data/read-files.ts";
import { readRanks } from "../../data/table/rank-levels.ts";
import {
  MISSING_CHOICES,
  type MissingChoice,
  TASKS,
  type TableColumn,
  type Task,
} from "../../data/table/table-options.ts";

/** Columns by their names, or by their positions from 1 where these say more. "" and []: as it is found. */
export type ReadingChoices = {
  readonly label: string; //   several with commas between
  readonly task: "" | Task; // what there is to learn of it
  readonly categorical: readonly string[];
  readonly numeric: readonly string[];
  readonly ordinal: readonly string[]; // each with its levels: "size=S<M<L"
  readonly ignore: readonly string[];
  readonly weight: string; //  how much a row counts
  readonly group: string; //   of rows that stay together
  readonly time: string; //    of rows, of which the later are tested on
  readonly missing: MissingChoice;
  readonly size: string; //    of pictures, e.g. "28x28"
  readonly color: "" | (typeof COLORS)[number];
  readonly fit: "" | (typeof FITS)[number];
  readonly invert: boolean;
};

export const AS_FOUND: ReadingChoices = {
  label: "",
  task: "",
  categorical: [],
  numeric: [],
  ordinal: [],
  ignore: [],
  weight: "",
  group: "",
  time: "",
  missing: "fill",
  size: "",
  color: "",
  fit: "",
  invert: false,
};

type TableChoice = Exclude<keyof ReadingChoices, "size" | "color" | "fit" | "invert">;

const NAMES = Object.keys(AS_FOUND) as (keyof ReadingChoices)[];

/** The choices among the settings. */
export function readingIn(settings: ReadingChoices): ReadingChoices {
  return Object.fromEntries(NAMES.map((name) => [name, settings[name]])) as ReadingChoices;
}

/** What differs from how it is found, as the reader of files takes it; a task that was not said is to be found. */
export function readOptions(choices: ReadingChoices): Pick<ReadFilesOptions, "pictures" | TableChoice> {
  const { size, color, fit, invert, ordinal, task = "found", ...rest } = chosen(choices);
  const table = { ...rest, task: task as Task | "found", ...(ordinal && { ordinal: readRanks(ordinal) }) };
  const pictures = { ...(size && { size: pictureSize(size)! }), color, fit, invert };
  const said = Object.entries(pictures).filter(([, value]) => value !== undefined && value !== "");
  return { ...table, ...(said.length > 0 && { pictures: Object.fromEntries(said) }) };
}

/** The same as flags of a command; texts in quotes where a shell would take them apart. */
export function readFlags(choices: ReadingChoices): readonly string[] {
  return Object.entries(chosen(choices)).map(([name, value]) =>
    value === true ? `--${name}` : `--${name} ${quoted(String(value))}`,
  );
}

function chosen(choices: ReadingChoices): Partial<ReadingChoices> {
  return Object.fromEntries(
    NAMES.filter((name) => String(choices[name]) !== String(AS_FOUND[name])).map((name) => [name, choices[name]]),
  );
}

/** A word as a shell takes it. */
export const quoted = (text: string): string =>
  /^[\w./,:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** How a column is called: by its position where its name would be taken for one, or for two names. */
export const columnKey = ({ name, position }: Pick<TableColumn, "name" | "position">): string =>
  /^column \d+$|^\d*$|,|^\s|\s$/.test(name) ? String(position) : name;

/** What a visitor can say of one column. */
export type ColumnUse =
  | ""
  | "label"
  | "label too"
  | "number"
  | "category"
  | "ranks"
  | "left out"
  | "weight"
  | "group"
  | "time";

/** What was said of the column; "" where it is as found. */
export function useOf(choices: ReadingChoices, key: string): ColumnUse {
  const labels = labelsIn(choices);
  if (labels.includes(key)) return labels.length > 1 ? "label too" : "label";
  if (choices.ignore.includes(key)) return "left out";
  if (choices.numeric.includes(key)) return "number";
  if (choices.categorical.includes(key)) return "category";
  if (rankedLevels(choices, key)) return "ranks";
  if (choices.weight === key) return "weight";
  if (choices.group === key) return "group";
  return choices.time === key ? "time" : "";
}

/** The levels of a column of ranks, "S<M<L"; undefined of any other. */
export const rankedLevels = ({ ordinal }: ReadingChoices, key: string): string | undefined =>
  ordinal.find((each) => each.startsWith(`${key}=`))?.slice(key.length + 1);

/** The label columns that were named. */
const labelsIn = ({ label }: ReadingChoices): readonly string[] => (label === "" ? [] : label.split(","));

/**
 * The choices with another use of one column; `levels` of one of ranks, from least to most; `found`: the labels where
 * none is named.
 */
export function withUse(
  choices: ReadingChoices,
  key: string,
  use: ColumnUse,
  levels: readonly string[] = [],
  found: readonly string[] = [],
): ReadingChoices {
  const others = (list: readonly string[], wanted: ColumnUse) => [
    ...list.filter((each) => each !== key),
    ...(use === wanted ? [key] : []),
  ];
  const named = labelsIn(choices);
  const labels = others(use === "label too" && named.length === 0 ? found : named, "label too");
  const one = (now: string, wanted: ColumnUse) => (use === wanted ? key : now === key ? "" : now);
  return {
    ...choices,
    label: use === "label" ? key : labels.join(","),
    categorical: others(choices.categorical, "category"),
    numeric: others(choices.numeric, "number"),
    ordinal: [
      ...choices.ordinal.filter((each) => !each.startsWith(`${key}=`)),
      ...(use === "ranks" ? [`${key}=${levels.join("<")}`] : []),
    ],
    ignore: others(choices.ignore, "left out"),
    weight: one(choices.weight, "weight"),
    group: one(choices.group, "group"),
    time: one(choices.time, "time"),
  };
}

/** The size in a text such as "28x28"; undefined if it is none. */
export function pictureSize(text: string): PictureSize | undefined {
  const [, width, height] = /^\s*([1-9]\d{0,3})\s*[x×]\s*([1-9]\d{0,3})\s*$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height) };
  return size.width <= MOST_ROW_SIDE && size.height <= MOST_ROW_SIDE ? size : undefined;
}

/** Reads each choice from a text of the address; undefined where it is none. */
export const READ_CHOICE: {
  readonly [Name in keyof ReadingChoices]: (text: string) => ReadingChoices[Name] | undefined;
} = {
  label: column,
  task: (text) => TASKS.find((each) => each === text),
  categorical: columns,
  numeric: columns,
  ordinal: (text) => (readRanks(text.split(",")) ? text.split(",") : undefined),
  ignore: columns,
  weight: column,
  group: column,
  time: column,
  missing: (text) => MISSING_CHOICES.find((each) => each === text),
  size: (text) => (pictureSize(text) ? text : undefined),
  color: (text) => COLORS.find((each) => each === text),
  fit: (text) => FITS.find((each) => each === text),
  invert: (text) => (text === "true" ? true : undefined),
};

function column(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function columns(text: string): readonly string[] | undefined {
  const names = text.split(",");
  return names.every((name) => name !== "") ? names : undefined;
}
