// What commands read: data sets, rows to test on, features to predict, models.
import type { Dataset, Source } from "../data/dataset.ts";
import { diskFile } from "../data/disk-files.ts";
import { readFeatures } from "../data/read-files.ts";
import { loadSource } from "../data/source.ts";
import { holdOutTest, type TrainAndTest } from "../data/split.ts";
import { sharedRowsWarning } from "../data/warnings.ts";
import { InvalidInput, must } from "../errors.ts";
import { loadModel } from "../files/run/run-folder.ts";
import { ACTIVATIONS } from "../network/network.ts";
import { alignFeatures, type Model } from "../training/model.ts";
import type { DataFlags, ModelFlags } from "./command-options.ts";
import { warn } from "./program.ts";
import { downloadLine } from "./train/progress.ts";

/** The data set `data` names. Its warnings, and the progress of a download, go to standard error. */
export async function loadData(data: string, { label, dataDir, strict }: DataFlags): Promise<Source> {
  const source = await loadSource(data, { label, dataDir, onProgress: downloadLine(process.stderr) });
  warnOrRefuse(source.warnings, data, strict);
  return source;
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
  const splits = holdOutTest(source, flags.seed ?? 1);
  if (!source.test) warnOrRefuse(sharedRowsWarning(splits.train, splits.test), data, flags.strict);
  return { source, splits };
}

/**
 * Rows to test `model` on: the source's test part, else the rows its training held out, else, for other data, all rows.
 */
export async function loadTestRows(
  data: string,
  { label, dataDir, strict }: DataFlags,
  model: Model,
): Promise<{ rows: Dataset; which: string; source: Source }> {
  const from = model.trainedOn;
  const source = await loadData(data, { label: label ?? from?.label ?? undefined, dataDir, strict });
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
  const { model, file, plain } = await loadModel(path, activation);
  const { layers, activation: between } = model.network;
  const assumed = layers.length > 2 ? `${between} between them (--activation chooses another), ` : "";
  if (plain) warn(`${file} has no Deltaprop metadata: taken as layers with ${assumed}inputs not scaled.`);
  return { model, file };
}

/** The raw features [n×D] of a file, whatever its labels; columns in the model's order. */
export async function loadFeatures(file: string, model: Model): Promise<Dataset["features"]> {
  const D = model.network.layers[0]!;
  const { files, path } = diskFile(file);
  const array = await readFeatures(files, path);
  if (array === undefined) return tableFeatures(file, model);
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
async function tableFeatures(file: string, model: Model): Promise<Dataset["features"]> {
  let refusal: InvalidInput | undefined;
  for (const label of [null, model.trainedOn?.label ?? undefined, undefined])
    try {
      const { train } = await loadSource(file, { label });
      return alignFeatures(model, { ...train, name: file }).features;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      // a refusal of the columns is of a table that was read
      if (refusal === undefined || error.code === "WRONG_COLUMNS") refusal = error;
    }
  throw refusal;
}
