// `deltaprop cross-validate DATA`: the accuracy of the options on rows that training never saw, and how far it spreads.
import { type Command, Option } from "commander";
import { printable } from "../errors.ts";
import { type FoldScore, type FoldScores, scoreFolds } from "../search/fold-scores.ts";
import { wholeNumber } from "./arguments.ts";
import { tableLines } from "./column-table.ts";
import { addData, type DataFlags } from "./command-options.ts";
import { loadData } from "./inputs.ts";
import { note, print, printJson, warn } from "./program.ts";
import { rowsOfAllParts } from "./rows-of-all-parts.ts";
import { pointsText, scoreText } from "./score-text.ts";
import { gracefully } from "./shutdown.ts";
import { addTable, addTask } from "./table-flags.ts";
import { count, loss, plural, table } from "./tables.ts";
import { lossOption, taskOf, withLoss } from "./train/loss-flag.ts";
import { addAllTraining, allTrainingOptions, type NetworkFlags, networkOf } from "./training-flags.ts";

type Flags = DataFlags &
  NetworkFlags & {
    readonly folds: number;
    readonly repeat: number;
    readonly engine: string;
    readonly workers?: number;
    readonly json?: true;
  };

const HELP = `
Each fold is judged by a network that was trained on the other folds alone; also the scaling is fitted on those. A test
part that the data bring is left alone. ± is the standard error of the mean over the folds. Folds share training rows,
so the true one is somewhat larger.`;

export function registerCrossValidate(program: Command): void {
  const command = program
    .command("cross-validate")
    .description("how well the options do on rows that training never saw: mean, spread and standard error over folds")
    .argument("<data>", "as for train");
  addData(command);
  addTable(command);
  addTask(command);
  addAllTraining(command);
  command
    .addOption(lossOption())
    .addOption(
      new Option("--folds <n>", "parts; each is judged by a network of the others")
        .argParser(wholeNumber("--folds", 2, 1000))
        .default(5),
    )
    .addOption(
      new Option("--repeat <n>", "cross-validations, with other folds and weights each")
        .argParser(wholeNumber("--repeat", 1, 100))
        .default(1),
    );
  addWorkers(command);
  command.option("--json", "one JSON object a fold, then one of them all").addHelpText("after", HELP).action(run);
}

/** Where fits beside each other run. */
export function addWorkers(command: Command): void {
  command
    .option("--engine <name>", "which kernels compute", "auto")
    .addOption(
      new Option("--workers <n>", "fits at once, one thread each; changes no bit (default: the processors)").argParser(
        wholeNumber("--workers", 1, 256),
      ),
    );
}

async function run(data: string, flags: Flags): Promise<void> {
  const task = taskOf(flags.task, flags.loss);
  const source = await loadData(data, { ...flags, task });
  if (!flags.json) for (const line of tableLines(source, task)) print(line);
  const { test, ...parts } = source;
  const rows = { ...rowsOfAllParts(parts, data).data, name: data };
  if (test) note(`the test part of ${data} (${plural(test.rows, "row")}) is left alone.`);
  const { folds, repeat, engine, workers, json } = flags;
  const onFold = (score: FoldScore) => {
    if (json) printJson({ event: "fold", ...score });
  };
  const training = withLoss(await allTrainingOptions(flags), rows);
  const options = { ...training, folds, repeat, engine, workers, onFold };
  const begun = performance.now();
  const found = await gracefully(
    (signal) => scoreFolds(networkOf(flags, rows), rows, { ...options, signal }),
    () => "nothing was written.",
  );
  const seconds = (performance.now() - begun) / 1000;
  if (json)
    return printJson({ event: "complete", measure: found.measure, score: found.score, loss: found.loss, seconds });
  printScores(data, rows.rows, found, seconds);
}

function printScores(data: string, rows: number, found: FoldScores, seconds: number) {
  const { scores, measure, score: all, loss: losses } = found;
  print(`${printable(data)}: ${plural(rows, "row")}, ${plural(scores.length, "fit")} in ${seconds.toFixed(1)} s\n`);
  const repeats = scores.at(-1)!.repeat > 1;
  const lines = scores.map(({ repeat, fold, rows: judged, score, loss: mean }) => [
    repeats ? `${repeat}.${fold}` : String(fold),
    count(judged),
    scoreText(measure, score),
    mean === null ? "diverged" : loss(mean),
  ]);
  for (const line of table([["fold", "rows", measure, "loss"], ...lines])) print(line);
  const { mean, standardError, deviation } = all;
  const points = `± ${pointsText(measure, standardError)} (folds spread by ${pointsText(measure, deviation)})`;
  print(`\n${measure.padEnd(8)} ${scoreText(measure, mean)} ${points}`);
  if (losses) print(`loss     ${loss(losses.mean)} ± ${loss(losses.standardError)}`);
  else warn("training diverged in a fold. A smaller --learning-rate usually helps.");
}
