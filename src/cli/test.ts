// `deltaprop test MODEL DATA`: how good a saved model is on labelled data.
import type { Command } from "commander";
import type { Dataset, Source } from "../data/dataset.ts";
import { withFacts } from "../data/stored/row-store.ts";
import { printable } from "../errors.ts";
import { type CalibrationFigures, calibrationFigures } from "../training/calibration-figures.ts";
import { evaluate, valueMetrics } from "../training/evaluate.ts";
import { classIntervals, wilson } from "../training/intervals.ts";
import type { Model } from "../training/model.ts";
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
import { loss, metricsTables } from "./tables.ts";
import { valueTables } from "./value-figures.ts";
import { widthOf } from "./wrap.ts";

type Flags = DataFlags & MachineFlags & ModelFlags & { readonly json?: true };

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
  command.option("--json", "one JSON object instead of text").action(run);
}

async function run(path: string, data: string, flags: Flags): Promise<void> {
  const { model, file } = await openModel(path, flags);
  const { rows, which, source } = await loadTestRows(data, await flagsAsRecorded(file, data, flags), model);
  const named = withFacts(rows, { name: data }); // for errors
  const calibration = await calibrationFigures(model, named, flags);
  if (model.loss) return testValues(model, file, named, which, source, flags, calibration);
  const metrics = await evaluate(model, named, { ...flags, room: roomOf(flags) });
  if (flags.json) {
    const { name, sha256 } = source;
    const accuracyInterval = wilson(metrics.accuracy, metrics.rows);
    const { f1: f1Intervals, macroF1: macroF1Interval } = classIntervals(metrics);
    const intervals = { accuracyInterval, f1Intervals, macroF1Interval };
    const about = { model: file, data: name, sha256, part: which, classNames: model.classes };
    printJson({ ...about, ...metrics, ...intervals, ...(calibration && { calibration }) });
    return;
  }
  print(`${file} on ${printable(source.name)}: ${which}`);
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
