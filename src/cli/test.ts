// `deltaprop test MODEL DATA`: how good a saved model is on labelled data.
import { type Command, Option } from "commander";
import type { Dataset, Source } from "../data/dataset.ts";
import { withFacts } from "../data/stored/row-store.ts";
import { must, printable } from "../errors.ts";
import { evaluateAveraged } from "../training/averaged-predict.ts";
import { type CalibrationFigures, calibrationFigures } from "../training/calibration-figures.ts";
import { evaluate, valueMetrics } from "../training/evaluate.ts";
import { classIntervals, wilson } from "../training/intervals.ts";
import type { Model } from "../training/model.ts";
import { wholeNumber } from "./arguments.ts";
import { addAugment, readAugment } from "./augment-option.ts";
import {
  addData,
  addMachine,
  addModel,
  type DataFlags,
  type MachineFlags,
  type ModelFlags,
  roomOf,
} from "./command-options.ts";
import { loadTestRows, openModel } from "./inputs.ts";
import { print, printJson } from "./program.ts";
import { flagsAsRecorded } from "./recorded-flags.ts";
import { loss, metricsTables, plural } from "./tables.ts";
import { valueTables } from "./value-figures.ts";
import { widthOf } from "./wrap.ts";

type Flags = DataFlags &
  MachineFlags &
  ModelFlags & { readonly augment?: string; readonly copies?: number; readonly json?: true };

export function registerTest(program: Command): void {
  const command = addModel(
    program
      .command("test")
      .description(
        "figures of a saved model: accuracy, confusion matrix and F1; RMSE, MAE and R²; or those of each label",
      ),
  ).argument("<data>", "data with labels; its test part, where it has one");
  addData(command);
  addMachine(command);
  addAugment(command, "average each answer over the image and distorted copies of it (default: none)");
  command.addOption(
    new Option("--copies <n>", "of --augment (default: 16)").argParser(wholeNumber("--copies", 1, 1000)),
  );
  command.option("--json", "one JSON object instead of text").action(run);
}

async function run(path: string, data: string, flags: Flags): Promise<void> {
  const augment = await readAugment(flags.augment);
  const { copies = 16 } = flags;
  must(augment !== undefined || flags.copies === undefined, "--copies", "left out without --augment", flags.copies);
  const averaging = augment === undefined || augment === "none" ? undefined : { augment, copies, seed: 1 };
  const { model, file } = await openModel(path, flags);
  const { rows, which, source } = await loadTestRows(data, await flagsAsRecorded(file, data, flags), model);
  const named = withFacts(rows, { name: data }); // for errors
  must(!averaging || !model.loss, "--augment", "left out for a model of numbers or labels", flags.augment);
  const calibration = averaging ? undefined : await calibrationFigures(model, named, flags);
  if (model.loss) return testValues(model, file, named, which, source, flags, calibration);
  const machine = { ...flags, room: roomOf(flags) };
  const metrics = averaging
    ? await evaluateAveraged(model, named, averaging, flags)
    : await evaluate(model, named, machine);
  if (flags.json) {
    const { name, sha256 } = source;
    const accuracyInterval = wilson(metrics.accuracy, metrics.rows);
    const { f1: f1Intervals, macroF1: macroF1Interval } = classIntervals(metrics);
    const intervals = { accuracyInterval, f1Intervals, macroF1Interval };
    const about = { model: file, data: name, sha256, part: which, classNames: model.classes };
    printJson({
      ...about,
      ...metrics,
      ...intervals,
      ...(averaging && { averaging }),
      ...(calibration && { calibration }),
    });
    return;
  }
  print(`${file} on ${printable(source.name)}: ${which}`);
  if (averaging)
    print(
      `each answer is the mean over the image and ${plural(copies, "distorted copy", "distorted copies")} of it (${printable(flags.augment!)}, seed 1)`,
    );
  for (const line of metricsTables(metrics, model.classes, widthOf(process.stdout))) print(line);
  for (const line of calibrationLines(calibration)) print(line);
}

async function testValues(
  model: Model,
  file: string,
  rows: Dataset,
  which: string,
  source: Source,
  flags: Flags,
  calibration?: CalibrationFigures,
) {
  const metrics = await valueMetrics(model, rows, { ...flags, room: roomOf(flags) });
  const { name, sha256 } = source;
  if (flags.json)
    return printJson({
      model: file,
      data: name,
      sha256,
      part: which,
      lossName: model.loss!.name,
      ...metrics,
      ...(calibration && { calibration }),
    });
  print(`${file} on ${printable(name)}: ${which}`);
  for (const line of valueTables(metrics, widthOf(process.stdout))) print(line);
  for (const line of calibrationLines(calibration)) print(line);
}

function calibrationLines(found: CalibrationFigures | undefined): string[] {
  if (found === undefined) return [];
  const { temperature, calibrationError: error, crossEntropy } = found;
  return [
    "",
    `calibration error ${error.before.toFixed(4)} before, ${error.after.toFixed(4)} after temperature ${temperature.toPrecision(4)} (15 bins)`,
    `loss of the probabilities ${loss(crossEntropy.before)} before, ${loss(crossEntropy.after)} after; classes and labels are the same`,
  ];
}
