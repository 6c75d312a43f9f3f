// `deltaprop predict MODEL FILE…`: the class and the probabilities of every row of unlabelled files.
import type { Command } from "commander";
import { numbersFrom, rowsOf, storeOf } from "../data/stored/row-store.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { lossTask } from "../network/losses.ts";
import { predict, predictValues } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import type { Asked } from "./asked.ts";
import { loadFeatures } from "./asked-rows.ts";
import {
  addForce,
  addMachine,
  addMemory,
  addModel,
  addPictureFlags,
  addReading,
  type MachineFlags,
  type MemoryFlags,
  type ModelFlags,
  type PictureFlags,
  roomOf,
} from "./command-options.ts";
import { openModel } from "./inputs.ts";
import { type Answered, answerRow, endingOf, rowCount, writeAnswers } from "./predict-out.ts";
import { note, print, printJson } from "./program.ts";
import { refuseTakenRejects, writeRejects } from "./rejects.ts";
import { names } from "./table-flags.ts";
import { clip, count, percent, plural } from "./tables.ts";
import { valueText } from "./value-answers.ts";

type Flags = MachineFlags &
  MemoryFlags &
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
    program.command("predict").description("class and probabilities of every row of files, or its numbers or labels"),
  ).argument(
    "<files...>",
    "tables with the training's columns, with or without the label; IDX, NPY or NPZ; pictures (PNG, JPEG, WebP, GIF, BMP) or a folder of them; - is standard input",
  );
  addMachine(command);
  addReading(command);
  addPictureFlags(command);
  addMemory(command);
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
  // Every file is read before the first row is printed, so that a bad one prints nothing but its error.
  const inputs: Asked[] = [];
  for (const file of files) inputs.push(await loadFeatures(file, model, flags));
  await refuseTakenRejects(inputs, out, flags);
  for (const found of inputs.flatMap(({ notes = [] }) => notes)) note(found);
  const sums = new Float64Array(model.classes.length);
  const all = answers(inputs, model, flags, sums);
  if (out !== undefined) await writeAnswers(out, inputs, all, model);
  else for await (const answered of all) printAnswers(answered, model, json === true);
  let rejected = 0;
  for (const asked of inputs) rejected += (await writeRejects(asked, out))?.rows ?? 0;
  if (out === undefined) return;
  const rows = inputs.reduce((sum, asked) => sum + asked.rows.rows, 0);
  if (json) printJson({ event: "done", out, rows, rejected });
  else
    print(`${out}  ${plural(rows, "row")}: ${model.loss ? valueTally(sums, rows, model) : tally(sums, model.classes)}`);
}

const PIECE = 2 ** 22; // values of rows that are answered at once, where they are read when they are asked for
const SHARE = 64; //      bytes of --memory for each

/** The answers piece by piece; `sums` counts the classes, or the labels said, or adds up the numbers. */
async function* answers(
  inputs: readonly Asked[],
  model: Model,
  flags: Flags,
  sums: Float64Array,
): AsyncGenerator<Answered> {
  const said = model.loss && lossTask(model.loss) === "multilabel";
  for (const asked of inputs) {
    const { rows, cols } = asked.rows;
    const values = Math.min(PIECE, roomOf(flags) / SHARE);
    const some = storeOf(asked.rows) ? Math.max(1, Math.floor(values / cols)) : rows;
    for (let first = 0; first < rows; first += some) {
      const features = rowsOf(asked.rows, numbersFrom(first, Math.min(some, rows - first)));
      if (!model.loss) {
        const prediction = await predict(model, features, flags);
        for (const c of prediction.classes) sums[c]!++;
        yield { asked, first, prediction };
        continue;
      }
      const prediction = await predictValues(model, features, flags);
      prediction.values.forEach((x, k) => {
        sums[k % sums.length]! += said ? Number(x >= 0.5) : x;
      });
      yield { asked, first, prediction };
    }
  }
}

/** How often each class was answered, the most frequent first. */
function tally(counts: Float64Array, classes: readonly string[]): string {
  const order = [...counts.keys()].filter((c) => counts[c]! > 0).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const shown = order.slice(0, MOST_TALLIED).map((c) => `${clip(classes[c]!, 30)} (${count(counts[c]!)})`);
  return [...shown, ...(order.length > shown.length ? [`${order.length - shown.length} classes more`] : [])].join(", ");
}

const MOST_TALLIED = 6;

/** The means of numbers, or how often each label was said. */
function valueTally(sums: Float64Array, rows: number, { classes, loss }: Model): string {
  const T = classes.length;
  const labels = lossTask(loss!) === "multilabel";
  const shown = classes.slice(0, MOST_TALLIED).map((name, j) => {
    const mean = Number((sums[j]! / rows).toPrecision(6));
    return labels ? `${clip(name, 30)} (${count(sums[j]!)})` : `mean ${clip(name, 30)} ${mean}`;
  });
  return [...shown, ...(T > shown.length ? [`${T - shown.length} more`] : [])].join(", ");
}

function printAnswers(answered: Answered, model: Model, json: boolean): void {
  const { names: pictures } = answered.asked;
  for (let i = 0; i < rowCount(answered, model); i++) {
    const answer = answerRow(answered, model, i);
    if (json) {
      printJson(answer);
      continue;
    }
    const kept = Object.values(answer.kept ?? {}).map((cell) => `${clip(cell, 40)}  `);
    const place = pictures ? answer.file : `${answer.file}:${answer.row}`;
    const said =
      "class" in answer ? `${clip(answer.class, 40)}  ${percent(answer.probability)}` : valueText(model, answer);
    print(`${place}  ${kept.join("")}${said}`);
  }
}
