// The options of `data` and `train` that say what a table's columns are.
import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import type { TableChoices } from "../data/formats/format.ts";
import { readRanks } from "../data/table/rank-levels.ts";
import { schemaOptions } from "../data/table/schema.ts";
import { MISSING_CHOICES, TASKS } from "../data/table/table-options.ts";
import { InvalidInput, must } from "../errors.ts";
import { parseJson } from "../files/model/json.ts";

export type TableFlags = Partial<
  Pick<
    TableChoices,
    | "label"
    | "task"
    | "columns"
    | "ignore"
    | "categorical"
    | "numeric"
    | "ordinal"
    | "missing"
    | "encoding"
    | "sheet"
    | "group"
    | "time"
    | "weight"
  >
> & {
  readonly schema?: string | undefined;
  /** What a run's record says of the columns. */
  readonly recorded?: TableChoices | undefined;
};

/** The options of a table's columns as its reader takes them: what is said on the command line wins over a schema. */
export function choicesOf(flags: TableFlags): TableChoices {
  const { label, task, columns, ignore, categorical, numeric, ordinal, missing, ...rest } = flags;
  const { encoding, sheet, group, time, weight, schema, recorded } = rest;
  const reading = { label, task, columns, ignore, categorical, numeric, ordinal, missing, encoding, sheet };
  const said = Object.entries({ ...reading, group, time, weight });
  const given = Object.fromEntries(said.filter(([, value]) => value !== undefined));
  return { ...(schema === undefined ? recorded : readSchema(schema)), ...given };
}

function readSchema(file: string): TableChoices {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new InvalidInput("FILE_UNREADABLE", (cause as Error).message, { file }, { cause });
  }
  try {
    return schemaOptions(parseJson(text), file);
  } catch (cause) {
    if (cause instanceof InvalidInput) throw cause;
    throw new InvalidInput("BAD_SCHEMA", `it must be JSON: ${(cause as Error).message}.`, { file }, { cause });
  }
}

/** What there is to learn of the label. */
export function addTask(command: Command): void {
  command.addOption(
    new Option("--task <name>", "what the label is: a class, numbers, or labels (default: by its values)").choices(
      TASKS,
    ),
  );
}

/** The columns that decide which rows are held out, and how much each row counts. */
export function addRowKeys(command: Command, weight = true): void {
  command
    .option("--group <column>", "what rows belong to, such as a patient: no group is on both sides of a split")
    .addOption(
      new Option("--time <column>", "when rows were, numbers or dates: the later ones are held out").conflicts("group"),
    );
  if (weight) command.option("--weight <column>", "how much a row counts in training, a number ≥ 0 (default: 1 each)");
}

export const names = (text: string): string[] => text.split(",").map((name) => name.trim());

/** "size=S<M<L,grade=low<high" as levels by name. */
function ranks(text: string): Record<string, readonly string[]> {
  const found = readRanks(names(text));
  must(found !== undefined, "--ordinal", 'columns with their levels, e.g. "size=S<M<L"', text);
  return found;
}

export function addTable(command: Command): void {
  addRowKeys(command);
  command
    .addOption(new Option("--columns <list>", "the columns of a table to learn from, by name").argParser(names))
    .addOption(new Option("--ignore <list>", "columns of a table to leave out").argParser(names))
    .addOption(new Option("--categorical <list>", "columns whose values are names, also if numbers").argParser(names))
    .addOption(new Option("--numeric <list>", "columns of numbers, also if they count the rows").argParser(names))
    .addOption(new Option("--ordinal <list>", 'columns of ranks with their levels: "size=S<M<L"').argParser(ranks))
    .addOption(
      new Option(
        "--missing <way>",
        "holes of a table are filled, refused, or their rows dropped (default: fill)",
      ).choices(MISSING_CHOICES),
    )
    .option("--schema <file>", "what each column is, as data --schema-out writes it");
}
