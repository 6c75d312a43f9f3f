// What commands read: data sets, rows to test on, features to predict, models.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Dataset, Source } from "../data/dataset.ts";
import { diskFile } from "../data/disk-files.ts";
import { readFeatures } from "../data/read-files.ts";
import { isNamed, loadSource } from "../data/source.ts";
import { holdOutTest, type TrainAndTest } from "../data/split.ts";
import { sharedRowsWarning } from "../data/warnings.ts";
import { InvalidInput, must } from "../errors.ts";
import { findRun, loadModel } from "../files/run/run-folder.ts";
import { ACTIVATIONS } from "../network/network.ts";
import { alignFeatures, type Model } from "../training/model.ts";
import { asArgument, callOf } from "./call.ts";
import type { DataFlags, ModelFlags } from "./command-options.ts";
import { warn } from "./program.ts";
import { plural } from "./tables.ts";
import { downloadLine } from "./train/progress.ts";

/** The data set `data` names. Its warnings, and the progress of a download, go to standard error. */
export async function loadData(data: string, flags: DataFlags): Promise<Source> {
  const { label, encoding, sheet, dataDir, strict } = flags;
  warnOfNamesake(data, dataDir);
  const source = await loadSource(data, { label, encoding, sheet, dataDir, onProgress: downloadLine(process.stderr) });
  warnOrRefuse(source.warnings, data, strict);
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
  flags: DataFlags,
  model: Model,
): Promise<{ rows: Dataset; which: string; source: Source }> {
  const from = model.trainedOn;
  const source = await loadData(data, { ...flags, label: flags.label ?? from?.label ?? undefined });
  if (source.test) return { rows: source.test, which: "its test part", source };
  if (from?.heldOut && from.sha256 === source.sha256) {
    const { test: rows } = holdOutTest(source, from.heldOut.seed, from.heldOut.fraction);
    return { rows, which: "the rows held out of training", source };
  }
  return { rows: source.train, which: "all rows", source };
}

/** A model, with a warning where its file does not say how its layers are joined or its inputs scaled. */
export async function openModel(
  path: string,
  { activation }: ModelFlags = {},
): Promise<{ model: Model; file: string }> {
  const known = activation === undefined || ACTIVATIONS.includes(activation);
  must(known, "--activation", `one of ${ACTIVATIONS.join(", ")}`, activation);
  const { model, file, plain, converted } = await loadModel(path, activation).catch((error: unknown) =>
    refuseUnended(path, error),
  );
  const { layers, activation: between } = model.network;
  const assumed = layers.length > 2 ? `${between} between them (--activation chooses another), ` : "";
  if (plain) warn(`${file} has no Deltaprop metadata: taken as layers with ${assumed}inputs not scaled.`);
  if (converted) warn(`${file}: ${converted}.`);
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

/** The raw features [n×D] of a file, whatever its labels; columns in the model's order. */
export async function loadFeatures(
  file: string,
  model: Model,
  reading: Pick<DataFlags, "encoding" | "sheet"> = {},
): Promise<Dataset["features"]> {
  const D = model.network.layers[0]!;
  const { files, path } = diskFile(file);
  const array = await readFeatures(files, path);
  if (array === undefined) return tableFeatures(file, model, reading);
  const { shape, values } = array;
  const perRow = shape.slice(1).reduce((product, size) => product * size, 1);
  const expected = `rows of ${D} values, as the model takes`;
  must(shape.length >= 2 && shape[0]! >= 1 && perRow === D, "the array", expected, shape, "", { file });
  return values instanceof Uint8Array || values instanceof Float32Array ? values : Float64Array.from(values);
}

/**
 * A table without its label column, or with it: then the column that training took for the label, or in a file without
 * a header the last, is left out.
 */
async function tableFeatures(
  file: string,
  model: Model,
  { encoding, sheet }: Pick<DataFlags, "encoding" | "sheet">,
): Promise<Dataset["features"]> {
  let refusal: InvalidInput | undefined;
  for (const label of [null, model.trainedOn?.label ?? undefined, undefined])
    try {
      const { train } = await loadSource(file, { label, encoding, sheet });
      return alignFeatures(model, { ...train, name: file }).features;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      // a refusal of the columns is of a table that was read
      if (refusal === undefined || error.code === "WRONG_COLUMNS") refusal = error;
    }
  throw refusal;
}
