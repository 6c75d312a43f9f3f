// `deltaprop predict MODEL FILE…`: the class and the probabilities of every row of unlabelled files.
import type { Command } from "commander";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { predict } from "../training/evaluate.ts";
import type { Asked } from "./asked.ts";
import { loadFeatures } from "./asked-rows.ts";
import {
  addForce,
  addMachine,
  addModel,
  addPictureFlags,
  addReading,
  type MachineFlags,
  type ModelFlags,
  type PictureFlags,
} from "./command-options.ts";
import { openModel } from "./inputs.ts";
import { type Answered, answerRow, endingOf, writeAnswers } from "./predict-out.ts";
import { print, printJson } from "./program.ts";
import { refuseTakenRejects, writeRejects } from "./rejects.ts";
import { names } from "./table-flags.ts";
import { clip, count, percent, plural } from "./tables.ts";

type Flags = MachineFlags &
  ModelFlags &
  Overwrite &
  PictureFlags & {
    readonly json?: true;
    readonly encoding?: string | undefined;
    readonly sheet?: string | undefined;
    readonly keep?: readonly string[] | undefined;
    readonly out?: string | undefined;
  };

const NOTES = `
Columns of a table are found by name, in any order; others are ignored. With --on-bad skip a row that cannot be read is
left out and written to NAME.rejects.csv, beside --out or here.`;

export function registerPredict(program: Command): void {
  const command = addModel(
    program.command("predict").description("class and probabilities of every row of files"),
  ).argument(
    "<files...>",
    "tables with the training's columns, with or without the label; IDX, NPY or NPZ; pictures (PNG, JPEG, WebP, GIF, BMP) or a folder of them; - is standard input",
  );
  addMachine(command);
  addReading(command);
  addPictureFlags(command);
  command
    .option("--arrays <name>", "of an archive: the array of features", names)
    .option("--keep <columns>", "columns of a table to hand back beside the answers, such as ids", names)
    .option("--out <file>", "write the answers to a file: .csv, .tsv, .jsonl or .parquet");
  addForce(command)
    .option("--json", "one JSON object a row, with every class's probability")
    .addHelpText("after", NOTES)
    .action(run);
}

async function run(path: string, files: readonly string[], flags: Flags): Promise<void> {
  const { out, json } = flags;
  if (out !== undefined) {
    endingOf(out);
    await refuseTaken(out, flags);
  }
  const { model } = await openModel(path, flags);
  const { classes } = model;
  // Every file is read before the first row is printed, so that a bad one prints nothing but its error.
  const inputs: Asked[] = [];
  for (const file of files) inputs.push(await loadFeatures(file, model, flags));
  await refuseTakenRejects(inputs, out, flags);
  const all: Answered[] = [];
  for (const asked of inputs) all.push({ asked, prediction: await predict(model, asked.features, flags) });
  if (out !== undefined) await writeAnswers(out, all, classes);
  else for (const answered of all) printAnswers(answered, classes, json === true);
  let rejected = 0;
  for (const asked of inputs) rejected += (await writeRejects(asked, out))?.rows ?? 0;
  if (out === undefined) return;
  const rows = all.reduce((sum, { prediction }) => sum + prediction.classes.length, 0);
  if (json) printJson({ event: "done", out, rows, rejected });
  else print(`${out}  ${plural(rows, "row")}: ${tally(all, classes)}`);
}

/** How often each class was answered, the most frequent first. */
function tally(all: readonly Answered[], classes: readonly string[]): string {
  const counts = classes.map(() => 0);
  for (const { prediction } of all) for (const c of prediction.classes) counts[c]!++;
  const order = [...counts.keys()].filter((c) => counts[c]! > 0).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const shown = order.slice(0, MOST_TALLIED).map((c) => `${clip(classes[c]!, 30)} (${count(counts[c]!)})`);
  return [...shown, ...(order.length > shown.length ? [`${order.length - shown.length} classes more`] : [])].join(", ");
}

const MOST_TALLIED = 6;

function printAnswers(answered: Answered, classes: readonly string[], json: boolean): void {
  const { names: pictures } = answered.asked;
  answered.prediction.classes.forEach((_, i) => {
    const answer = answerRow(answered, classes, i);
    if (json) {
      printJson(answer);
      return;
    }
    const kept = Object.values(answer.kept ?? {}).map((cell) => `${clip(cell, 40)}  `);
    const place = pictures ? answer.file : `${answer.file}:${answer.row}`;
    print(`${place}  ${kept.join("")}${clip(answer.class, 40)}  ${percent(answer.probability)}`);
  });
}
