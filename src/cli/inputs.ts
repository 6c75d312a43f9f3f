// What commands read: data sets, rows to test on, features to predict, models.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Dataset, Source } from "../data/dataset.ts";
import type { TableChoices } from "../data/formats/format.ts";
import { cacheFolder } from "../data/named/catalog.ts";
import { isNamed, loadSource, loadUncompared, type ReadProgress } from "../data/source.ts";
import { holdOutTest } from "../data/split.ts";
import type { CacheOptions } from "../data/stored/cache.ts";
import { valuesOf } from "../data/stored/row-store.ts";
import { InvalidInput, must, printable } from "../errors.ts";
import { findRun, loadModel } from "../files/run/run-folder.ts";
import { lossTask } from "../network/losses.ts";
import { ACTIVATIONS } from "../network/network.ts";
import { columnsOf, type Model } from "../training/model.ts";
import { asInTraining, inScaleOf, refuseOtherScale, refuseOtherShape } from "./asked.ts";
import { asArgument, callOf } from "./call.ts";
import { type DataFlags, type MemoryFlags, type ModelFlags, readingOf, roomOf } from "./command-options.ts";
import { VERSION, warn } from "./program.ts";
import { ReadingLine } from "./reading-line.ts";
import { choicesOf } from "./table-flags.ts";
import { downloadLine } from "./train/progress.ts";

type Silence = {
  /** Say nothing: the data are read a second time. */
  readonly silent?: true | undefined;
  /** The caller compares the parts. */
  readonly uncompared?: true | undefined;
};

/**
 * The data set `data` names. Its warnings, and the progress of a download, go to standard error; what was chosen of a
 * table's columns is for the caller to say.
 */
export async function loadData(
  data: string,
  {
    dataDir,
    strict,
    silent,
    uncompared,
    ...flags
  }: DataFlags & Silence & { readonly json?: true; readonly quiet?: true },
  table: TableChoices = choicesOf(flags),
): Promise<Source> {
  if (!silent) warnOfNamesake(data, dataDir);
  const choices = { ...table, ...readingOf(flags), dataDir, store: storeFor(flags) };
  const load = uncompared ? loadUncompared : loadSource;
  const line = new ReadingLine(process.stderr);
  const onRead = flags.json || flags.quiet ? undefined : (progress: ReadProgress) => line.show(progress);
  const source = await load(data, { ...choices, onRead, onProgress: downloadLine(process.stderr) }).finally(() =>
    line.end(),
  );
  const { warnings, table: found } = source;
  if (!silent) warnOrRefuse(strict ? [...(found?.notes ?? []), ...warnings] : warnings, data, strict);
  return source;
}

/** Where rows are stored that memory has no room for. */
export function storeFor(flags: MemoryFlags): CacheOptions {
  return { folder: flags.cache ?? join(cacheFolder(), "rows"), memory: roomOf(flags) / 2, version: VERSION };
}

/** A name can mean two things: a set of ours, and a file or folder here, unless that is the set's folder. */
function warnOfNamesake(data: string, dataDir: string | undefined): void {
  const here = isNamed(data) ? statSync(data, { throwIfNoEntry: false }) : undefined;
  if (!here || (dataDir !== undefined && resolve(dataDir) === resolve(data))) return;
  const what = here.isDirectory() ? "folder" : "file";
  warn(`${data} is taken for the built-in set. The ${what} of that name here is ./${data}.`);
}

export function warnOrRefuse(warnings: readonly string[], file: string, strict: true | undefined): void {
  if (strict && warnings.length > 0)
    throw new InvalidInput("DATA_WARNING", `${warnings.join(" ")} (--strict makes this an error.)`, { file });
  for (const warning of warnings) warn(warning);
}

/**
 * Rows to test `model` on: the source's test part, else the rows its training held out, else, for other data, all rows.
 */
export async function loadTestRows(
  data: string,
  { dataDir, strict, ...flags }: DataFlags,
  model: Model,
): Promise<{ rows: Dataset; which: string; source: Source }> {
  const from = model.trainedOn;
  const label = flags.label ?? from?.label ?? (model.loss && model.classes.join(","));
  const choices = { ...choicesOf(flags), ...learnedBy(model), label, weight: undefined, known: columnsOf(model) };
  const reading = asInTraining(model, { ...flags, dataDir, strict });
  const first = await loadData(data, reading, choices);
  const again = ownChoices(choices, first, model);
  const source = again ? await loadData(data, { ...reading, silent: true }, again) : first;
  const { rows: found, which } = testRowsOf(source, model, data);
  const rows = inScaleOf(model, found);
  const { image = rows.picture } = rows;
  if (image) refuseOtherShape(model, [image.height, image.width], data);
  refuseOtherScale(model, valuesOf(rows), data);
  return { rows, which, source };
}

/** How the labels of rows for a model are read: as what it answers with. */
export const learnedBy = ({ loss, classes }: Model): Pick<TableChoices, "task" | "classes"> =>
  loss === undefined ? {} : { task: lossTask(loss), classes };

/** Of the data that a model was trained on: the choices to read the same rows with; undefined where nothing differs. */
function ownChoices(choices: TableChoices, { sha256 }: Source, { trainedOn }: Model): TableChoices | undefined {
  if (trainedOn?.table === undefined || trainedOn.sha256 !== sha256) return undefined;
  const own = Object.entries(trainedOn.table).filter(([, value]) => value !== undefined);
  const differ = own.some(([name, value]) => choices[name as keyof TableChoices] !== value);
  return differ ? { ...choices, ...trainedOn.table } : undefined;
}

function testRowsOf(source: Source, { trainedOn }: Model, data: string): { rows: Dataset; which: string } {
  if (source.test) return { rows: source.test, which: "its test part" };
  const own = trainedOn !== undefined && trainedOn.sha256 === source.sha256;
  if (!own) return { rows: source.train, which: "all rows" };
  if (trainedOn.heldOut) {
    const { test: rows } = holdOutTest(source, trainedOn.heldOut.seed, trainedOn.heldOut.fraction);
    const { group, time } = trainedOn.table ?? {};
    const how =
      group !== undefined ? `, whole groups of ${group}` : time !== undefined ? `, the latest by ${time}` : "";
    return { rows, which: `the rows held out of training${how}` };
  }
  const { test } = trainedOn.parts ?? {};
  const other = test === undefined ? "" : ` Its test rows are those of ${printable(test.name)}.`;
  warn(`${data}: the model was trained on these very rows, so this tests nothing.${other}`);
  return { rows: source.train, which: "all rows, which it was trained on" };
}

/** A model, with a warning where its file does not say how its layers are joined or its inputs scaled. */
export async function openModel(
  path: string,
  { activation, layerOrder }: ModelFlags = {},
): Promise<{ model: Model; file: string }> {
  const known = activation === undefined || ACTIVATIONS.includes(activation);
  must(known, "--activation", `one of ${ACTIVATIONS.join(", ")}`, activation);
  const { model, file, plain, converted } = await loadModel(path, activation, layerOrder).catch((error: unknown) =>
    refuseUnended(path, error),
  );
  const { layers, activation: between } = model.network;
  const assumed = layers.length > 2 ? `${between} between them (--activation chooses another), ` : "";
  if (plain) warn(`${file} has no Deltaprop metadata: taken as layers with ${assumed}inputs not scaled.`);
  if (converted) warn(`${file}: ${converted}.`);
  if (model.parameters.every((value) => value === 0))
    warn(`${file}: all its numbers are 0, so every row has the same answer. Was it saved before it was trained?`);
  return { model, file };
}

/** A run's folder without a model: its run has not ended. */
async function refuseUnended(path: string, error: unknown): Promise<never> {
  const missing = error instanceof InvalidInput && error.code === "FILE_NOT_FOUND";
  const run = missing ? await findRun(path).catch(() => undefined) : undefined;
  if (!run) throw error;
  const reason = `this run has not ended, so there is no model yet. Go on with ${callOf("train", "--resume", asArgument(path))}`;
  throw new InvalidInput("RUN_NOT_ENDED", reason, { file: path });
}
