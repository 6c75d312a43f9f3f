// What commands read: data sets, rows to test on, features to predict, models.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Dataset, Source } from "../data/dataset.ts";
import { diskFile } from "../data/disk-files.ts";
import type { LabelArray } from "../data/formats/arrays.ts";
import type { TableChoices } from "../data/formats/format.ts";
import { cacheFolder } from "../data/named/catalog.ts";
import { readFeatures } from "../data/read-files.ts";
import { isNamed, loadSource, type ReadProgress } from "../data/source.ts";
import { holdOutTest, type TrainAndTest } from "../data/split.ts";
import { valuesOf } from "../data/stored/row-store.ts";
import { sharedRowsWarning } from "../data/warnings.ts";
import { InvalidInput, must } from "../errors.ts";
import { findRun, loadModel } from "../files/run/run-folder.ts";
import { ACTIVATIONS } from "../network/network.ts";
import { alignFeatures, columnCount, columnsOf, type Model } from "../training/model.ts";
import {
  type Asked,
  asInTraining,
  askedPictures,
  holdsPictures,
  inScaleOf,
  refuseOtherScale,
  refuseOtherShape,
} from "./asked.ts";
import { asArgument, callOf } from "./call.ts";
import { type DataFlags, type ModelFlags, type PictureFlags, readingOf, roomOf } from "./command-options.ts";
import { VERSION, warn } from "./program.ts";
import { ReadingLine } from "./reading-line.ts";
import { choicesOf } from "./table-flags.ts";
import { plural } from "./tables.ts";
import { downloadLine } from "./train/progress.ts";

/**
 * The data set `data` names. Its warnings, and the progress of a download, go to standard error; what was chosen of a
 * table's columns is for the caller to say.
 */
export async function loadData(
  data: string,
  { dataDir, strict, ...flags }: DataFlags & { readonly json?: true; readonly quiet?: true },
  table: TableChoices = choicesOf(flags),
): Promise<Source> {
  warnOfNamesake(data, dataDir);
  const { cache = join(cacheFolder(), "rows") } = flags;
  const store = { folder: cache, memory: roomOf(flags) / 2, version: VERSION };
  const choices = { ...table, ...readingOf(flags), dataDir, store };
  const line = new ReadingLine(process.stderr);
  const onRead = flags.json || flags.quiet ? undefined : (progress: ReadProgress) => line.show(progress);
  const source = await loadSource(data, { ...choices, onRead, onProgress: downloadLine(process.stderr) }).finally(() =>
    line.end(),
  );
  const { warnings, table: found } = source;
  warnOrRefuse(strict ? [...(found?.notes ?? []), ...warnings] : warnings, data, strict);
  return source;
}

/** A name can mean two things: a set of ours, and a file or folder here, unless that is the set's folder. */
function warnOfNamesake(data: string, dataDir: string | undefined): void {
  const here = isNamed(data) ? statSync(data, { throwIfNoEntry: false }) : undefined;
  if (!here || (dataDir !== undefined && resolve(dataDir) === resolve(data))) return;
  const what = here.isDirectory() ? "folder" : "file";
  warn(`${data} is taken for the built-in set. The ${what} of that name here is ./${data}.`);
}

function warnOrRefuse(warnings: readonly string[], file: string, strict: true | undefined): void {
  if (strict && warnings.length > 0)
    throw new InvalidInput("DATA_WARNING", `${warnings.join(" ")} (--strict makes this an error.)`, { file });
  for (const warning of warnings) warn(warning);
}

/** Training and test rows of `data`. */
export async function loadSplits(
  data: string,
  flags: DataFlags & { readonly seed?: number },
): Promise<{ source: Source; splits: TrainAndTest }> {
  const source = await loadData(data, flags);
  const splits = splitOff(source, data, flags.seed ?? 1);
  if (!source.test) warnOrRefuse(sharedRowsWarning(splits.train, splits.test), data, flags.strict);
  return { source, splits };
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
  if (!(error instanceof InvalidInput) || !/^part \d/.test(error.reason)) return error;
  const are = rows === 1 ? "is" : "are";
  const reason = `${plural(rows, "row")} ${are} too few to hold out ${share}. Add rows, above all to classes of one row, or bring a part of its own: a folder with train.csv and test.csv.`;
  return new InvalidInput("TOO_FEW_ROWS", reason, { file }, { cause: error });
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
  const label = flags.label ?? from?.label ?? undefined;
  const choices = { ...choicesOf(flags), label, known: columnsOf(model) };
  const source = await loadData(data, asInTraining(model, { ...flags, dataDir, strict }), choices);
  const { rows: found, which } = testRowsOf(source, from);
  const rows = inScaleOf(model, found);
  const { image = rows.picture } = rows;
  if (image) refuseOtherShape(model, [image.height, image.width], data);
  refuseOtherScale(model, valuesOf(rows), data);
  return { rows, which, source };
}

function testRowsOf(source: Source, from: Model["trainedOn"]): { rows: Dataset; which: string } {
  if (source.test) return { rows: source.test, which: "its test part" };
  if (from?.heldOut && from.sha256 === source.sha256) {
    const { test: rows } = holdOutTest(source, from.heldOut.seed, from.heldOut.fraction);
    return { rows, which: "the rows held out of training" };
  }
  return { rows: source.train, which: "all rows" };
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

/**
 * The raw features [n×D] of a file, whatever its labels, or of all pictures of a folder; columns in the model's order
 * and codes.
 */
export async function loadFeatures(
  file: string,
  model: Model,
  flags: PictureFlags & Pick<DataFlags, "encoding" | "sheet"> = {},
): Promise<Asked> {
  if (await holdsPictures(file)) return askedPictures(file, model, flags);
  const D = columnCount(model);
  const { files, path } = diskFile(file);
  const array = await readFeatures(files, path, readingOf(flags).pictures);
  const features = array === undefined ? await tableFeatures(file, model, flags) : arrayFeatures(array, D, model, file);
  refuseOtherScale(model, features, file);
  return { file, features };
}

function arrayFeatures(
  { shape, values, names }: LabelArray,
  D: number,
  model: Model,
  file: string,
): Dataset["features"] {
  const perRow = shape.slice(1).reduce((product, size) => product * size, 1);
  const expected = `rows of ${D} values, as the model takes`;
  const fits = shape.length >= 2 && shape[0]! >= 1 && perRow === D && names === undefined;
  must(fits, "the array", expected, names ? "text" : shape, "", { file });
  if (shape.length === 3 || (shape.length === 4 && shape[3] === 1)) refuseOtherShape(model, shape.slice(1, 3), file);
  return values instanceof Uint8Array || values instanceof Float32Array ? values : Float64Array.from(values);
}

/** A table with the model's columns among its own; without a header they are all it has, but for the label. */
async function tableFeatures(
  file: string,
  model: Model,
  { encoding, sheet }: Pick<DataFlags, "encoding" | "sheet">,
): Promise<Dataset["features"]> {
  const { trainedOn, classes } = model;
  const without = trainedOn?.label ?? undefined;
  const choices = { label: null, known: columnsOf(model), classes, without };
  const { pictures } = readingOf(asInTraining(model, {})); // of a Parquet file of pictures
  const { train } = await loadSource(file, { ...choices, encoding, sheet, pictures });
  return alignFeatures(model, { ...train, name: file }).features;
}
