// Plans a run from its data and options, for a new run or from the record of an earlier one.
import { join, resolve } from "node:path";
import { lossToGoOn } from "../../classifier/go-on.ts";
import { alikeRowsWarning } from "../../data/alike-rows.ts";
import type { Dataset, Source, SourceTable } from "../../data/dataset.ts";
import type { TableChoices } from "../../data/formats/format.ts";
import { isNamed } from "../../data/source.ts";
import type { SplitKeys, TrainAndTest } from "../../data/split.ts";
import { isSparse } from "../../data/stored/row-store.ts";
import { DeltapropError, InvalidInput, must, printable } from "../../errors.ts";
import { RUN_FILE } from "../../files/run/run-folder.ts";
import type { RecordedChoices, RecordedStart, RunData, RunPlan, RunRecord } from "../../files/run/run-record.ts";
import { outputsPerTarget } from "../../network/losses.ts";
import { activationText, defineNetwork, layerOptionsOf, type Network, readActivation } from "../../network/network.ts";
import { lossOf, type TrainingOptions } from "../../training/options.ts";
import { type NetworkOf, type PlannedTraining, planTraining, type RunBasis } from "../../training/plan-training.ts";
import { learnedText, tableLines } from "../column-table.ts";
import { type MemoryFlags, readingOf } from "../command-options.ts";
import { warnOrRefuse } from "../inputs.ts";
import { loadSplits, type PartFlags, refuseTwoWays, tooFewRows } from "../load-parts.ts";
import { recordedFlags } from "../recorded-flags.ts";
import { choicesOf } from "../table-flags.ts";
import { plural } from "../tables.ts";
import { targetLines, withLoss } from "./loss-flag.ts";
import { type RowNumbers, rowNumbers } from "./row-numbers.ts";
import { type SplitFacts, splitFacts, splitLines, withMeanWeight } from "./split-lines.ts";
import { choicesFor, goOn, openStart, startLine } from "./start-model.ts";

/** A run's features and, of a table, what was found in its columns, in words and as it was found. */
export type About = {
  readonly features: number;
  readonly lines: readonly string[];
  readonly table: SourceTable | undefined;
  /** What there is to learn, in words: "3 classes". */
  readonly learned: string;
  /** What decided which rows were held out, beside class and seed. */
  readonly split: SplitFacts;
};

/** A checked run, and its part of the record. */
export type PlannedRun = {
  readonly training: PlannedTraining;
  readonly plan: Omit<RunPlan, "engine" | "threads" | "precision" | "versions">;
  readonly about: About;
  /** Which rows of the data its parts are. */
  readonly rowNumbers: () => RowNumbers;
};

export type PlanFlags = PartFlags & {
  /** A model to go on from. */
  readonly from?: string | undefined;
  /** What a record says of it. */
  readonly start?: RecordedStart | undefined;
  /** Of the loss of each label. */
  readonly labelWeights?: readonly number[] | undefined;
};

/** What a repeat of a run compares of its data. */
type FoundData = Pick<RunData, "sha256" | "heldOut" | "parts">;

/** Load `data` and plan a run on it. `accept` sees what was found first, and may raise. Raises InvalidInput. */
export async function planRun(
  data: string,
  flags: PlanFlags,
  networkOf: (train: Dataset) => NetworkOf,
  given: Partial<TrainingOptions>,
  accept: (found: FoundData) => void = () => {},
): Promise<PlannedRun> {
  refuseTwoWays({ ...flags, validation: given.validation });
  const start = flags.from === undefined ? undefined : await openStart(flags.from, flags.start);
  const like = start && { table: choicesFor(start.model, flags), model: start.model };
  const { source, splits: parted, parts } = await loadSplits(data, flags, like);
  accept({ sha256: source.sha256, heldOut: parted.heldOut, parts });
  const gone = start && goOn(start, parted, source, flags, data);
  const weighed = withMeanWeight(gone?.splits.train ?? parted.train, source.table, data);
  const loaded = { ...parted, ...gone?.splits, train: weighed.train } as TrainAndTest;
  const loss = start && lossToGoOn(start.model, given.loss);
  const wanted = withLoss({ ...given, ...(loss && { loss }) }, loaded.train, flags.labelWeights);
  const define = gone ? () => gone.model.network : networkOf(loaded.train);
  const network = (inputs: number, classes: number) => {
    const defined = define(inputs, classes);
    refuseMisfits(defined, wanted, loaded.train, inputs, data);
    return defined;
  };
  const { scaling, targetScaling, parameters } = gone?.model ?? {};
  const basis = gone && { scaling, targetScaling, parameters };
  const training = plannedTraining(network, loaded, wanted, basis, data);
  const { splits, options } = training;
  if (!isNamed(data)) warnOrRefuse(alikeRowsWarning(splits, fittedScaling(training)), data, flags.strict);
  const { pictures, arrays } = readingOf(flags);
  const facts: RunData = {
    name: source.name,
    from: isNamed(data) ? data : resolve(data),
    dataDir: flags.dataDir === undefined ? null : resolve(flags.dataDir),
    sha256: source.sha256,
    label: choicesOf(flags).label ?? labelOf(source),
    table: recordedOf({ ...choicesOf(flags), task: recordedTask(flags, loaded.train) }),
    reading: pictures || arrays ? { pictures, arrays } : undefined,
    parts,
    heldOut: loaded.heldOut,
    rows: { train: splits.train.rows, validation: splits.validation?.rows ?? 0, test: loaded.test.rows },
  };
  const { layers } = training.network;
  const activation = activationText(training.network);
  const notes = (source.notes ?? []).map((note) => `           ${printable(note)}`);
  const split = splitFacts(splits, source.table);
  const lines = [
    ...(start ? [startLine(start)] : []),
    ...tableLines(source, choicesOf(flags).task),
    ...targetLines(splits.train, options.loss, basis?.targetScaling),
    ...splitLines(split),
    ...weighed.lines,
    ...(isSparse(splits.train) ? [SPARSE] : []),
    ...notes,
  ];
  const learned = learnedText(splits.train);
  const about = { features: splits.train.cols, lines, learned, table: source.table, split };
  const own = layerOptionsOf(training.network);
  const plan = { data: facts, layers, activation, ...own, options, start: start?.record, arithmetic: "exact" } as const;
  const keys = ({ labels, groups, times }: SplitKeys): SplitKeys => ({ labels, groups, times }); // not the features
  const [all, train, test] = [keys(source.train), keys(loaded.train), keys(loaded.test)];
  const watched = loaded.validation && keys(loaded.validation);
  const { heldOut } = loaded;
  const numbers = () => rowNumbers(all, { train, test, validation: watched, heldOut }, options);
  return { training, plan, about, rowNumbers: numbers };
}

const SPARSE = "  scaling  most numbers are 0: each column is divided by its largest size, so that 0 stays 0";

const fittedScaling = ({ basis: { scaling } }: PlannedTraining) => (typeof scaling === "object" ? scaling : undefined);

/** A task that was found is recorded where version 0.1 knew none. */
const recordedTask = (flags: PlanFlags, { task }: Dataset) =>
  task ?? (choicesOf(flags).task === "classify" ? "classify" : undefined);

/** The label column of a table with words or holes, or where version 0.1's rule had another; else null. */
function labelOf({ train, table }: Source): string | null {
  if (table?.labelName === undefined) return null;
  if (train.task) return table.labelName;
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
  { classWeights, loss }: Partial<TrainingOptions>,
  { classes, task }: Dataset,
  inputs: number,
  file: string,
): void {
  const names = classes.length > 8 ? `${classes.slice(0, 8).join(", ")}, …` : classes.join(", ");
  const [D, C] = [layers[0]!, layers.at(-1)!];
  const features = `${inputs}, as the data have ${plural(inputs, "feature")}`;
  must(D === inputs, "the first number of --layers", features, D, "", { file });
  const wanted = classes.length * (task ? outputsPerTarget(lossOf({ loss })) : 1);
  const have = task ? plural(classes.length, "target") : plural(classes.length, "class", "classes");
  const outputs = `${wanted}, as the data have ${have} (${printable(names)})`;
  must(C === wanted, "the last number of --layers", outputs, C, "", { file });
  if (!Array.isArray(classWeights)) return;
  const expected = `${plural(classes.length, "number")}, one a class (${printable(names)})`;
  must(classWeights.length === classes.length, "--class-weights", expected, classWeights.length, "", { file });
}

function plannedTraining(
  network: NetworkOf,
  data: TrainAndTest,
  given: Partial<TrainingOptions>,
  basis: RunBasis | undefined,
  file: string,
) {
  try {
    return planTraining(network, data, given, basis);
  } catch (error) {
    throw tooFewRows(error, data.train.rows, `${given.validation ?? 0.1} of them for validation`, file);
  }
}

function refuseOther(file: string, found: string | undefined, recorded: string, remedy: string): void {
  if (found !== recorded) throw otherData(file, found, recorded, remedy);
}

function otherData(file: string, found: string | undefined, recorded: string, remedy: string): InvalidInput {
  const reason = `these data differ from the run's: SHA-256 ${found}, recorded ${printable(recorded)}. ${remedy}`;
  return new InvalidInput("OTHER_DATA", reason, { file });
}

export type DataPlace = MemoryFlags &
  Pick<PlanFlags, "dataDir" | "validationData" | "testData" | "from"> & {
    readonly data?: string | undefined;
  };

/**
 * Plan the run recorded in `folder` again, on its data: found where the record says, or where `data` and `dataDir` say.
 * Raises InvalidInput if they are missing or have other bytes; `remedy` names the option that points to them.
 */
export async function planRepeat(
  folder: string,
  record: RunRecord,
  { data, dataDir, memory, cache, ...places }: DataPlace,
  remedy: string,
): Promise<PlannedRun> {
  const { sha256, heldOut, from, parts = {} } = record.data;
  const word = data ?? from;
  const place = dataDir ?? record.data.dataDir ?? undefined;
  const flags = {
    ...recordedFlags(record.data),
    seed: record.options.seed,
    dataDir: place,
    memory,
    cache,
    validationData: parts.validation && (places.validationData ?? parts.validation.from),
    testData: parts.test && (places.testData ?? parts.test.from),
    from: record.start && (places.from ?? record.start.from),
    start: record.start,
  };
  const network = () => () => defineNetwork(record.layers, readActivation(record.activation), record);
  let accepted = false; // then what is wrong is in the record
  const accept = (found: FoundData) => {
    refuseOther(word, found.sha256, sha256, remedy);
    for (const part of ["validation", "test"] as const)
      if (parts[part])
        refuseOther(
          flags[`${part}Data`]!,
          found.parts?.[part]?.sha256,
          parts[part].sha256,
          `Name the ${part} data with --${part}-data.`,
        );
    accepted = found.heldOut === heldOut;
    if (!accepted) throw otherData(word, found.sha256, sha256, remedy);
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
