// `deltaprop split DATA --out FOLDER`: the parts of a table as files, in the user's own columns, cell by cell as they
// stand. A run on the folder trains, watches and tests on the rows that a run on the table holds apart.
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Source } from "../data/dataset.ts";
import { selectRows } from "../data/dataset.ts";
import type { TableChoices } from "../data/formats/format.ts";
import { textLine } from "../data/formats/write-table.ts";
import { type LoadOptions, loadUncompared } from "../data/source.ts";
import { partRows } from "../data/split.ts";
import { InvalidInput, must } from "../errors.ts";
import { makeFolder, writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { decimal, seedNumber } from "./arguments.ts";
import { asArgument, callOf } from "./call.ts";
import { addForce, addReading, type DataFlags } from "./command-options.ts";
import { loadData } from "./inputs.ts";
import { tooFewRows } from "./load-parts.ts";
import { print, printJson } from "./program.ts";
import { addRowKeys, choicesOf } from "./table-flags.ts";
import { plural } from "./tables.ts";
import { splitFacts, splitLines } from "./train/split-lines.ts";

type Flags = Pick<DataFlags, "encoding" | "sheet" | "group" | "time" | "strict"> &
  Overwrite & {
    readonly stratify?: string;
    readonly test: number;
    readonly validation: number;
    readonly seed: number;
    readonly out: string;
    readonly json?: true;
  };

const NOTES = `
Rows are held out class by class of the label (the one that \`data\` finds, or --stratify), by whole groups, or by time.
Cells stay as they stand, in UTF-8. \`deltaprop train FOLDER\` trains, watches and tests on these very parts.`;

export function registerSplit(program: Command): void {
  const command = program
    .command("split")
    .description("part a table into train.csv, validation.csv and test.csv, its columns unchanged")
    .argument("<data>", "a table in one file");
  addRowKeys(command, false);
  command.option(
    "--stratify <column>",
    "the column of which each part has every value in proportion (default: the label)",
  );
  addReading(command);
  command
    .addOption(share("--test", "of the rows, to test on", 0.2))
    .addOption(share("--validation", "of the other rows, to judge each epoch; 0: none", 0.1))
    .addOption(new Option("--seed <n>", "of the draw").argParser(seedNumber("--seed")).default(1))
    .requiredOption("--out <folder>", "where the files go");
  addForce(command).option("--json", "one JSON object instead of text").addHelpText("after", NOTES).action(run);
}

const share = (flag: string, what: string, usual: number) =>
  new Option(`${flag} <share>`, what)
    .argParser(decimal(flag, "a number in [0, 1)", (x) => x >= 0 && x < 1))
    .default(usual);

async function run(data: string, flags: Flags): Promise<void> {
  const { out, json, seed } = flags;
  const task = flags.stratify === undefined ? ("found" as const) : undefined;
  const choices = { ...choicesOf(flags), label: flags.stratify, task };
  const source = await loadData(data, { strict: flags.strict, uncompared: true }, choices).catch((error: unknown) => {
    throw inOwnWords(error);
  });
  const rows = partsOf(source, flags, data);
  const parts = Object.fromEntries(Object.entries(rows).map(([part, of]) => [part, selectRows(source.train, of)]));
  const split = splitFacts({ train: parts.train!, validation: parts.validation, test: parts.test }, source.table);
  const files = Object.keys(rows).map((part) => join(out, `${part}.csv`));
  for (const part of ["train", "validation", "test"]) await refuseStale(join(out, `${part}.csv`), files, flags);
  await makeFolder(out);
  await writeParts(data, choices, rows, out);
  const counts = Object.fromEntries(Object.entries(rows).map(([part, of]) => [part, of.length]));
  if (json) return printJson({ event: "done", out, rows: counts, split, seed });
  for (const [k, file] of files.entries()) print(`${file}  ${plural(Object.values(rows)[k]!.length, "row")}`);
  for (const line of splitLines(split)) print(line.trim());
  const by = split === null ? [] : [`--${split.by}`, split.column];
  print(`Next: ${callOf("train", asArgument(out), ...labelWords(source, flags), ...by)}`);
}

/** The words that let `train` find the label where it might find another. */
function labelWords({ table }: Source, { stratify }: Flags): string[] {
  return table?.labelName === undefined || stratify !== undefined ? [] : ["--label", table.labelName];
}

function partsOf(source: Source, { test, validation, seed }: Flags, file: string): Record<string, Uint32Array> {
  const { train: all, table } = source;
  must(table !== undefined && source.test === undefined, "the data", "a table in one file", source.name, "", { file });
  must(test + validation > 0, "--test and --validation", "not both 0", 0);
  try {
    const whole = Uint32Array.from({ length: all.rows }, (_, i) => i);
    const [rest, tested] = test > 0 ? partRows(all, [1 - test, test], seed) : [whole];
    const kept = selectRows(all, rest!);
    const [inner, watched] = validation > 0 ? partRows(kept, [1 - validation, validation], seed) : [undefined];
    const outer = (rows: Uint32Array) => rows.map((i) => rest![i]!);
    return {
      train: inner ? outer(inner) : rest!,
      ...(watched && { validation: outer(watched) }),
      ...(tested && { test: tested }),
    };
  } catch (error) {
    throw tooFewRows(error, all.rows, "these parts", file);
  }
}

/** Raises InvalidInput OUT_TAKEN for a file that would be replaced, or that would be read beside those written now. */
async function refuseStale(file: string, written: readonly string[], overwrite: Overwrite): Promise<void> {
  if (written.includes(file)) return refuseTaken(file, overwrite);
  if (!(await lstat(file).catch(() => undefined))) return;
  const reason = "a part of another split is there, which `train` would read beside these. Remove it first.";
  throw new InvalidInput("OUT_TAKEN", reason, { file });
}

/** Read the table again, and write each row as it stands to the file of its part, below the header. */
async function writeParts(
  data: string,
  choices: TableChoices,
  parts: Readonly<Record<string, Uint32Array>>,
  out: string,
): Promise<void> {
  const lines: string[] = [];
  const { table } = await loadUncompared(data, {
    ...choices,
    onRow: (cells: readonly unknown[], _: number, delimiter: string | undefined) =>
      lines.push(textLine(cells, delimiter === " " ? "\t" : delimiter)),
  } as LoadOptions);
  const start = table!.header ? 1 : 0;
  for (const [part, rows] of Object.entries(parts)) {
    const own = Array.from(rows, (i) => lines[i + start]!);
    await writeDurably(
      join(out, `${part}.csv`),
      [...lines.slice(0, start), ...own].map((line) => `${line}\n`),
    );
  }
}

/** The words of a refusal that name the option of `train` name that of `split`. */
function inOwnWords(error: unknown): unknown {
  if (!(error instanceof InvalidInput)) return error;
  const without = error.reason.replace(/; --missing drop leaves out [^.]*\./, ".");
  const reason = without.replaceAll("--label", "--stratify");
  return new InvalidInput(error.code, reason, { file: error.file, at: error.at }, { cause: error });
}
