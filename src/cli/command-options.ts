// Options that several commands share.
import { type Command, Option } from "commander";
import type { TableChoices } from "../data/formats/format.ts";
import { MISSING_CHOICES } from "../data/table/table-options.ts";
import { must } from "../errors.ts";
import { ACTIVATIONS, type Activation } from "../network/network.ts";
import { list, threadCount } from "./arguments.ts";

/** What is said of a table's columns. */
export type TableFlags = Partial<
  Pick<TableChoices, "label" | "columns" | "ignore" | "categorical" | "numeric" | "ordinal" | "missing">
>;

export type DataFlags = Omit<TableFlags, "label"> & {
  readonly label?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly strict?: true | undefined;
};
export type MachineFlags = { readonly engine: string; readonly threads?: number };
export type ModelFlags = { readonly activation?: Activation; readonly layerOrder?: string[] | undefined };

/** The flags of a table's columns as its reader takes them. */
export function choicesOf({
  label,
  columns,
  ignore,
  categorical,
  numeric,
  ordinal,
  missing,
}: TableFlags): TableChoices {
  return { label, columns, ignore, categorical, numeric, ordinal, missing };
}

const names = (text: string): string[] => text.split(",").map((name) => name.trim());

/** "size=S<M<L,grade=low<high" as levels by name. */
function ranks(text: string): Record<string, readonly string[]> {
  const columns = names(text).map((part) => /^(.+)=(.+<.+)$/.exec(part));
  must(!columns.includes(null), "--ordinal", 'columns with their levels, e.g. "size=S<M<L"', text);
  return Object.fromEntries(
    columns.map((found) => [found![1]!, found![2]!.split("<").map((level) => level.trim())] as const),
  );
}

export function addData(command: Command): void {
  command
    .option("--label <column>", "the label column of a table, by name or position from 1")
    .addOption(new Option("--columns <list>", "the columns of a table to learn from").argParser(names))
    .addOption(new Option("--ignore <list>", "columns of a table to leave out").argParser(names))
    .addOption(new Option("--categorical <list>", "columns whose values are names").argParser(names))
    .addOption(new Option("--numeric <list>", "columns of numbers that would be left out").argParser(names))
    .addOption(new Option("--ordinal <list>", 'columns of ranks with their levels, e.g. "size=S<M<L"').argParser(ranks))
    .addOption(
      new Option(
        "--missing <way>",
        "of holes in a table: filled in, refused, or their rows dropped (default: fill)",
      ).choices(MISSING_CHOICES),
    )
    .option("--data-dir <folder>", "where the files of a named set are")
    .option("--strict", "stop with an error where the data would only be warned about");
}

export function addMachine(command: Command): void {
  command
    .option("--engine <name>", "which kernels compute", "auto")
    .addOption(new Option("--threads <n>", "how many threads compute").argParser(threadCount("--threads")));
}

export function addForce(command: Command): Command {
  return command.option("--force", "replace a file that is there already");
}

/** For files whose layers' names and shapes leave their order open. */
export function layerOrder(): Option {
  return new Option(
    "--layer-order <names>",
    "the layers of a file that does not say, first to last, e.g. fc1,fc2,out",
  ).argParser(list((name) => name));
}

export function addModel(command: Command): Command {
  const names = ACTIVATIONS.join(", ");
  return command
    .argument("<model>", "a run's folder or a .safetensors file, ours or of PyTorch's nn.Sequential")
    .addOption(layerOrder())
    .option("--activation <name>", `between the layers of a file that does not say: ${names} (default: relu)`);
}
