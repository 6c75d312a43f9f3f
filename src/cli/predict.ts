// `deltaprop predict MODEL FILE…`: the class and the probabilities of every row of unlabelled files.
import type { Command } from "commander";
import { type Machine, predict } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import type { Asked } from "./asked.ts";
import {
  addMachine,
  addModel,
  addPictureFlags,
  addReading,
  type MachineFlags,
  type ModelFlags,
  type PictureFlags,
} from "./command-options.ts";
import { loadFeatures, openModel } from "./inputs.ts";
import { print, printJson } from "./program.ts";
import { clip, percent } from "./tables.ts";

type Flags = MachineFlags &
  ModelFlags &
  PictureFlags & { readonly json?: true; readonly encoding?: string | undefined; readonly sheet?: string | undefined };

export function registerPredict(program: Command): void {
  const command = addModel(
    program.command("predict").description("class and probabilities of every row of files"),
  ).argument(
    "<files...>",
    "tables with the training's columns, with or without the label; IDX, NPY or NPZ; pictures (PNG, JPEG, WebP, GIF, BMP) or a folder of them",
  );
  addMachine(command);
  addReading(command);
  addPictureFlags(command);
  command.option("--json", "one JSON object a row, with every class's probability").action(run);
}

async function run(path: string, files: readonly string[], flags: Flags): Promise<void> {
  const { model } = await openModel(path, flags);
  // Every file is read before the first row is printed, so that a bad one prints nothing but its error.
  const inputs: Asked[] = [];
  for (const file of files) inputs.push(await loadFeatures(file, model, flags));
  for (const asked of inputs) await predictFile(model, asked, flags, flags.json === true);
}

async function predictFile(
  model: Model,
  { file, features, names }: Asked,
  machine: Machine,
  json: boolean,
): Promise<void> {
  const { classes, probabilities } = await predict(model, features, machine);
  const C = model.classes.length;
  classes.forEach((c, i) => {
    const row = probabilities.subarray(i * C, (i + 1) * C);
    if (json) {
      const named = Object.fromEntries(model.classes.map((name, k) => [name, row[k]]));
      printJson({
        file: names?.[i] ?? file,
        row: names ? 1 : i + 1,
        class: model.classes[c],
        probability: row[c],
        probabilities: named,
      });
    } else print(`${names?.[i] ?? `${file}:${i + 1}`}  ${clip(model.classes[c]!, 40)}  ${percent(row[c]!)}`);
  });
}
