// Options that several commands share, and the reading behind them: data sets, rows to test on, features to predict, models.
import { basename } from "node:path";
import { type Command, Option } from "commander";
import type { Dataset, Source } from "../data/dataset.ts";
import type { LabelArray } from "../data/formats/arrays.ts";
import { readIdx } from "../data/formats/idx.ts";
import { readBytes } from "../data/formats/idx-files.ts";
import { readNpy } from "../data/formats/npy.ts";
import { readNpzFeatures } from "../data/formats/npz.ts";
import { sharedRowsWarning } from "../data/shared-rows.ts";
import { loadSource } from "../data/source.ts";
import { splitDataset } from "../data/split.ts";
import { InvalidInput, must } from "../errors.ts";
import { loadModel } from "../files/run/run-folder.ts";
import { ACTIVATIONS, type Activation } from "../network/network.ts";
import { alignFeatures, type Model } from "../training/model.ts";
import { threadCount } from "./arguments.ts";
import { warn } from "./program.ts";
import { downloadLine } from "./train/progress.ts";

export type DataFlags = { readonly label?: string; readonly dataDir?: string; readonly strict?: true };
export type MachineFlags = { readonly engine: string; readonly threads?: number };

export type ModelFlags = { readonly activation?: Activation };

export function addData(command: Command): void {
  command
    .option("--label <column>", "the label column of a table, by name or position from 1")
    .option("--data-dir <folder>", "where the files of a named set are")
    .option("--strict", "stop with an error where the data would only be warned about");
}

export function addMachine(command: Command): void {
  command
    .option("--engine <name>", "which kernels compute", "auto")
    .addOption(new Option("--threads <n>", "how many threads compute").argParser(threadCount("--threads")));
}

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

const HELD_OUT = 0.2; // of the rows of a source without a test part, class by class

/** Training and test rows. `heldOut` is the share taken for the test, or null where the source has a test part. */
export async function loadSplits(
  data: string,
  flags: DataFlags & { readonly seed?: number },
): Promise<{ source: Source; splits: { train: Dataset; test: Dataset }; heldOut: number | null }> {
  const source = await loadData(data, flags);
  if (source.test) return { source, splits: { train: source.train, test: source.test }, heldOut: null };
  const [train, test] = holdOut(source.train, HELD_OUT, flags.seed ?? 1);
  warnOrRefuse(sharedRowsWarning(train, test), data, flags.strict);
  return { source, splits: { train, test }, heldOut: HELD_OUT };
}

/** Rows to test `model` on: the source's test part, else the rows its training held out, else, for other data, all rows. */
export async function loadTestRows(
  data: string,
  { label, dataDir, strict }: DataFlags,
  model: Model,
): Promise<{ rows: Dataset; which: string; source: Source }> {
  const from = model.trainedOn;
  const column = label ?? from?.label ?? undefined;
  const source = await loadData(data, {
    ...(column !== undefined && { label: column }),
    ...(dataDir && { dataDir }),
    ...(strict && { strict }),
  });
  if (source.test) return { rows: source.test, which: "its test part", source };
  if (from?.heldOut && from.sha256 === source.sha256) {
    const [, rows] = holdOut(source.train, from.heldOut.fraction, from.heldOut.seed);
    return { rows, which: "the rows held out of training", source };
  }
  return { rows: source.train, which: "all rows", source };
}

function holdOut(data: Dataset, share: number, seed: number): [Dataset, Dataset] {
  return splitDataset(data, [1 - share, share], seed) as [Dataset, Dataset];
}

export function addModel(command: Command): Command {
  const names = ACTIVATIONS.join(", ");
  return command
    .argument("<model>", "a run's folder or a .safetensors file, ours or of PyTorch's nn.Sequential")
    .option("--activation <name>", `between the layers of a file that does not say: ${names} (default: relu)`);
}

/** A model, with a warning where its file leaves us to guess. */
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

/** The raw features [n×D] of a file whose labels, if it has any, do not matter; columns in the model's order. */
export async function loadFeatures(file: string, model: Model): Promise<Dataset["features"]> {
  const D = model.network.layers[0]!;
  const array = await readArray(file);
  if (array === undefined) return tableFeatures(file, model);
  const { shape, values } = array;
  const perRow = shape.slice(1).reduce((product, size) => product * size, 1);
  const expected = `rows of ${D} values, as the model takes`;
  must(shape.length >= 2 && shape[0]! >= 1 && perRow === D, "the array", expected, shape, "", { file });
  return values instanceof Uint8Array || values instanceof Float32Array ? values : Float64Array.from(values);
}

/** An array in a file, by the end of its name; undefined for a table. */
async function readArray(file: string): Promise<LabelArray | undefined> {
  if (/\.npy$/i.test(file)) return readNpy(await readBytes(file), file);
  if (/\.npz$/i.test(file)) return readNpzFeatures(await readBytes(file), file);
  if (/\.png$/i.test(file)) {
    const { readPng } = await import("../data/formats/png.ts");
    const { height, width, values } = await readPng(await readBytes(file), file);
    return { shape: [1, height, width], values };
  }
  return /idx|ubyte/i.test(basename(file)) ? readIdx(await readBytes(file), file) : undefined;
}

/**
 * A table without its label column, or with it: then the column that training took for the label, or in a file without a header
 * the last, is left out.
 */
async function tableFeatures(file: string, model: Model): Promise<Dataset["features"]> {
  let refusal: InvalidInput | undefined;
  for (const label of [null, model.trainedOn?.label ?? undefined, undefined])
    try {
      const { train } = await loadSource(file, { label });
      return alignFeatures(model, { ...train, name: file }).features;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      if (refusal === undefined || error.code === "WRONG_COLUMNS") refusal = error; // a table that was read says more than one that was not
    }
  throw refusal;
}
