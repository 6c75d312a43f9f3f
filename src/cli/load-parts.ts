// The parts of a run's data: those of one source, or the validation and the test part from data of their own.
import { resolve } from "node:path";
import type { Dataset, Source } from "../data/dataset.ts";
import type { TableChoices } from "../data/formats/format.ts";
import { asPlain, columnsIn } from "../data/formats/table-format.ts";
import { refuseShared, withSameClasses } from "../data/join-parts.ts";
import { isNamed } from "../data/source.ts";
import { holdOutTest, type TrainAndTest } from "../data/split.ts";
import { withFacts } from "../data/stored/row-store.ts";
import { unlearnedClasses } from "../data/warnings.ts";
import { InvalidInput, must } from "../errors.ts";
import type { RecordedPart, RecordedParts } from "../files/run/run-record.ts";
import type { Model } from "../training/model.ts";
import { asInTraining, inTrainingsForm } from "./asked.ts";
import type { DataFlags } from "./command-options.ts";
import { loadData, warnOrRefuse } from "./inputs.ts";
import { note } from "./program.ts";
import { choicesOf } from "./table-flags.ts";
import { plural } from "./tables.ts";

export type PartFlags = DataFlags & {
  readonly seed?: number | undefined;
  readonly validationData?: string | undefined;
  readonly testData?: string | undefined;
};

/** How the data of a model to go on from are read. */
export type LikeModel = { readonly table: TableChoices; readonly model: Pick<Model, "picture"> };

export type LoadedParts = {
  readonly source: Source;
  readonly splits: TrainAndTest;
  readonly parts: RecordedParts | undefined;
};

/** Training and test rows of `data`, and a validation part where the data or a flag bring one. */
export async function loadSplits(data: string, flags: PartFlags, like?: LikeModel): Promise<LoadedParts> {
  const { validationData, testData, seed = 1, ...given } = flags;
  const reading = like ? asInTraining(like.model, given) : given;
  const source = await loadData(data, { ...reading, uncompared: true }, like?.table);
  const watched =
    validationData === undefined ? undefined : await loadPart(validationData, "validation", source, reading);
  const tested = testData === undefined ? undefined : await loadPart(testData, "test", source, reading);
  for (const [flag, given, own] of [
    ["--validation-data", watched, source.validation] as const,
    ["--test-data", tested, source.test] as const,
  ])
    if (given && own) note(`${data} has a part of its own for this, which ${flag} replaces.`);
  const whole = withSameClasses({
    train: source.train,
    validation: watched?.rows ?? source.validation,
    test: tested?.rows ?? source.test,
  });
  const splits = splitOff({ ...source, ...whole }, data, seed);
  refuseOverlap(splits, data);
  for (const part of ["validation", "test"] as const)
    warnOrRefuse(unlearnedClasses(splits.train, splits[part], part), data, flags.strict);
  const parts = watched || tested ? { validation: watched?.record, test: tested?.record } : undefined;
  return { source, splits, parts };
}

async function loadPart(
  word: string,
  part: "validation" | "test",
  { train, table }: Source,
  flags: DataFlags,
): Promise<{ readonly rows: Dataset; readonly record: RecordedPart }> {
  const found = await loadData(
    word,
    { ...inTrainingsForm(train, flags), uncompared: true },
    table && choicesLike(train, table, flags),
  );
  const own = found[part] ?? found.train;
  const named = withFacts(own, { name: word });
  const plain = table ? asPlain(named, train) : named;
  if (plain.cols !== train.cols) {
    const reason = `its rows have ${plural(plain.cols, "feature")}, those of training ${train.cols}.`;
    throw new InvalidInput("WRONG_COLUMNS", reason, { file: word });
  }
  const from = isNamed(word) ? word : resolve(word);
  return { rows: plain, record: { name: found.name, from, sha256: found.sha256 } };
}

/** A further part is read by the training's columns, by name, and has its label under the same name. */
function choicesLike(train: Dataset, { labelName }: NonNullable<Source["table"]>, flags: DataFlags): TableChoices {
  const { encoding, sheet, missing, group, time } = choicesOf(flags);
  const label = labelName === undefined ? null : labelName;
  const like = { encoding, sheet, missing, group, time, label, known: columnsIn(train) };
  if (train.task) return { ...like, task: train.task, classes: train.classes };
  const categorical = labelName === undefined ? [] : [labelName]; // few rows must not make a measurement of it
  return { ...like, categorical };
}

function refuseOverlap(splits: TrainAndTest, file: string): void {
  try {
    refuseShared(splits);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(error.code, error.reason, { file }, { cause: error });
  }
}

/** As holdOutTest; a table too small for it is named. */
function splitOff(source: Source, file: string, seed: number): TrainAndTest {
  try {
    return holdOutTest(source, seed);
  } catch (error) {
    throw tooFewRows(error, source.train.rows, "a fifth for the test", file);
  }
}

/** Words for rows of which a share cannot be held out, where `error` is that; else `error`. */
export function tooFewRows(error: unknown, rows: number, share: string, file: string): unknown {
  if (!(error instanceof InvalidInput)) return error;
  if (error.code === "BAD_SPLIT" && error.file === undefined)
    return new InvalidInput(error.code, error.reason, { file }, { cause: error });
  if (error.code !== "TOO_FEW_ROWS") return error;
  const are = rows === 1 ? "is" : "are";
  const reason = `${plural(rows, "row")} ${are} too few to hold out ${share}. Add rows, above all to classes of one row, or bring a part of its own with --test-data, or as a folder with train.csv and test.csv.`;
  return new InvalidInput("TOO_FEW_ROWS", reason, { file }, { cause: error });
}

/** Raises InvalidInput where a part that data of their own bring is asked for as a share too. */
export function refuseTwoWays({
  validationData,
  validation,
}: PartFlags & { readonly validation?: number | undefined }): void {
  const both = validationData !== undefined && (validation ?? 0) > 0;
  must(!both, "--validation", "left out with --validation-data", validation);
}
