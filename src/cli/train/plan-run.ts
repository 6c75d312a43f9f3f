// Plans a run from its data and options, for a new run or from the record of an earlier one.
import { join, resolve } from "node:path";
import type { Dataset, Source, SourceTable } from "../../data/dataset.ts";
import type { TableChoices } from "../../data/formats/format.ts";
import { isNamed } from "../../data/source.ts";
import type { TrainAndTest } from "../../data/split.ts";
import { DeltapropError, InvalidInput, must, printable } from "../../errors.ts";
import { RUN_FILE } from "../../files/run/run-folder.ts";
import type { RecordedChoices, RunData, RunPlan, RunRecord } from "../../files/run/run-record.ts";
import { type Activation, defineNetwork, type Network } from "../../network/network.ts";
import type { TrainingOptions } from "../../training/options.ts";
import { type NetworkOf, type PlannedTraining, planTraining } from "../../training/plan-training.ts";
import { tableLines } from "../column-table.ts";
import { type DataFlags, type MemoryFlags, readingOf } from "../command-options.ts";
import { loadSplits, tooFewRows } from "../inputs.ts";
import { recordedFlags } from "../recorded-flags.ts";
import { choicesOf } from "../table-flags.ts";
import { plural } from "../tables.ts";

/** A run's features and, of a table, what was found in its columns, in words and as it was found. */
export type About = {
  readonly features: number;
  readonly lines: readonly string[];
  readonly table: SourceTable | undefined;
};

/** A checked run, and its part of the record. */
export type PlannedRun = {
  readonly training: PlannedTraining;
  readonly plan: Omit<RunPlan, "engine" | "threads" | "precision" | "versions">;
  readonly about: About;
};

/**
 * Load `data` and plan a run on it. `accept` sees the data's SHA-256 and held-out share first, and may raise. Raises
 * InvalidInput.
 */
export async function planRun(
  data: string,
  flags: DataFlags & { readonly seed?: number },
  networkOf: (train: Dataset) => NetworkOf,
  given: Partial<TrainingOptions>,
  accept: (sha256: string, heldOut: number | null) => void = () => {},
): Promise<PlannedRun> {
  const { source, splits: loaded } = await loadSplits(data, flags);
  accept(source.sha256, loaded.heldOut);
  const define = networkOf(loaded.train);
  const network = (inputs: number, classes: number) => {
    const defined = define(inputs, classes);
    refuseMisfits(defined, given, loaded.train, inputs, data);
    return defined;
  };
  const training = plannedTraining(network, loaded, given, data);
  const { splits, options } = training;
  const { pictures, arrays } = readingOf(flags);
  const facts: RunData = {
    name: source.name,
    from: isNamed(data) ? data : resolve(data),
    dataDir: flags.dataDir === undefined ? null : resolve(flags.dataDir),
    sha256: source.sha256,
    label: choicesOf(flags).label ?? labelOf(source),
    table: recordedOf(choicesOf(flags)),
    reading: pictures || arrays ? { pictures, arrays } : undefined,
    heldOut: loaded.heldOut,
    rows: { train: splits.train.rows, validation: splits.validation?.rows ?? 0, test: loaded.test.rows },
  };
  const { layers, activation } = training.network;
  const notes = (source.notes ?? []).map((note) => `           ${printable(note)}`);
  const about = { features: splits.train.cols, lines: [...tableLines(source), ...notes], table: source.table };
  return { training, plan: { data: facts, layers, activation, options, arithmetic: "exact" }, about };
}

/** The label column of a table with words or holes, or where version 0.1's rule had another; else null. */
function labelOf({ train, table }: Source): string | null {
  if (table?.labelName === undefined) return null;
  const { columns, labelName } = table;
  const named = columns.filter(({ name }) => ["label", "class", "target"].includes(name.toLowerCase()));
  const once = train.featureNames && named.length === 1 ? named[0]!.name : undefined;
  const before = once ?? (train.featureNames ? columns.at(-1)!.name : String(columns.length));
  return train.columns || before !== labelName ? labelName : null;
}

/** What was said of the columns beside the label; undefined where nothing was. */
function recordedOf({ label: _, ...choices }: TableChoices): RecordedChoices | undefined {
  const given = Object.entries(choices).filter(([, value]) => value !== undefined);
  return given.length > 0 ? (Object.fromEntries(given) as RecordedChoices) : undefined;
}

/** Options against the data, in the words of the command line. */
function refuseMisfits(
  { layers }: Network,
  { classWeights }: Partial<TrainingOptions>,
  { classes }: Dataset,
  inputs: number,
  file: string,
): void {
  const names = classes.length > 8 ? `${classes.slice(0, 8).join(", ")}, …` : classes.join(", ");
  const [D, C] = [layers[0]!, layers.at(-1)!];
  const features = `${inputs}, as the data have ${plural(inputs, "feature")}`;
  must(D === inputs, "the first number of --layers", features, D, "", { file });
  const outputs = `${classes.length}, as the data have ${plural(classes.length, "class", "classes")} (${printable(names)})`;
  must(C === classes.length, "the last number of --layers", outputs, C, "", { file });
  if (!Array.isArray(classWeights)) return;
  const expected = `${plural(classes.length, "number")}, one a class (${printable(names)})`;
  must(classWeights.length === classes.length, "--class-weights", expected, classWeights.length, "", { file });
}

function plannedTraining(network: NetworkOf, data: TrainAndTest, given: Partial<TrainingOptions>, file: string) {
  try {
    return planTraining(network, data, given);
  } catch (error) {
    throw tooFewRows(error, data.train.rows, `${given.validation ?? 0.1} of them for validation`, file);
  }
}

export type DataPlace = MemoryFlags & {
  readonly data?: string | undefined;
  readonly dataDir?: string | undefined;
};

/**
 * Plan the run recorded in `folder` again, on its data: found where the record says, or where `data` and `dataDir` say.
 * Raises InvalidInput if they are missing or have other bytes; `remedy` names the option that points to them.
 */
export async function planRepeat(
  folder: string,
  record: RunRecord,
  { data, dataDir, memory, cache }: DataPlace,
  remedy: string,
): Promise<PlannedRun> {
  const { sha256, heldOut, from } = record.data;
  const word = data ?? from;
  const place = dataDir ?? record.data.dataDir ?? undefined;
  const flags = { ...recordedFlags(record.data), seed: record.options.seed, dataDir: place, memory, cache };
  const network = () => () => defineNetwork(record.layers, record.activation as Activation);
  let accepted = false; // then what is wrong is in the record
  const accept = (found: string, share: number | null) => {
    accepted = found === sha256 && share === heldOut;
    if (accepted) return;
    const reason = `these data differ from the run's: SHA-256 ${found}, recorded ${printable(sha256)}. ${remedy}`;
    throw new InvalidInput("OTHER_DATA", reason, { file: word });
  };
  const inRecord = { file: join(folder, RUN_FILE), at: "content" };
  const planned = await planRun(word, flags, network, record.options, accept).catch((error: unknown) => {
    const misfit = error instanceof InvalidInput && (error.file === undefined || accepted);
    if (misfit) throw new InvalidInput("BAD_RUN", error.reason, inRecord, { cause: error });
    const known = error instanceof DeltapropError && error.file !== undefined && error.code !== "OTHER_DATA";
    if (data !== undefined || !known) throw error;
    const reason = `${error.reason} The record of the run names it. ${remedy}`;
    throw new InvalidInput(error.code, reason, { file: error.file, at: error.at }, { cause: error });
  });
  for (const part of ["train", "validation", "test"] as const) {
    const [rows, recorded] = [planned.plan.data.rows[part], record.data.rows[part]];
    const reason = `it says ${recorded} rows of its ${part} part, these data have ${rows}.`;
    if (rows !== recorded) throw new InvalidInput("BAD_RUN", reason, inRecord);
  }
  return planned;
}
