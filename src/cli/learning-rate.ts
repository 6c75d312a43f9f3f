// `deltaprop learning-rate DATA`: the range test, its curve, and the rate that it recommends.
import { type Command, Option } from "commander";
import { printable } from "../errors.ts";
import { testRates } from "../insights/rate-test.ts";
import { wholeNumber } from "./arguments.ts";
import { addData, addMachine, type DataFlags, type MachineFlags } from "./command-options.ts";
import { print, printJson } from "./program.ts";
import { gracefully } from "./shutdown.ts";
import { addTable } from "./table-flags.ts";
import { loss, table } from "./tables.ts";
import { planRun } from "./train/plan-run.ts";
import { sparkline } from "./train/progress.ts";
import { addTraining, type NetworkFlags, networkOf, trainingOptions } from "./training-flags.ts";

type Flags = DataFlags & MachineFlags & NetworkFlags & { readonly steps: number; readonly json?: true };

const LINES = 20;

export function registerLearningRate(program: Command): void {
  const command = program
    .command("learning-rate")
    .description("the range test: a short run whose rate grows, its curve, and the rate to begin with")
    .argument("<data>", "as for train");
  addData(command);
  addTable(command);
  addTraining(command);
  command.addOption(
    new Option("--steps <n>", "of the test").argParser(wholeNumber("--steps", 20, 100_000)).default(200),
  );
  addMachine(command);
  command.option("--json", "one JSON object instead of text").action(run);
}

async function run(data: string, flags: Flags): Promise<void> {
  const { training } = await planRun(data, flags, (train) => networkOf(flags, train), trainingOptions(flags));
  const { engine, threads, steps } = flags;
  const advice = await gracefully(
    (signal) => testRates(training, { engine, threads, steps, signal }),
    () => "nothing was written.",
  );
  if (flags.json) return printJson(advice);
  const { curve, largest, recommended } = advice;
  const { optimizer, batchSize } = training.options;
  print(
    `${printable(data)}: range test of ${training.network.layers.join("-")}, ${optimizer}, batches of ${batchSize}\n`,
  );
  print(
    `loss  ${sparkline(
      curve.map(({ smoothed }) => smoothed),
      60,
    )}\n`,
  );
  const every = Math.max(1, Math.floor(curve.length / LINES));
  const shown = curve.filter((_, k) => k % every === 0 || k === curve.length - 1);
  const lines = shown.map((at) => [at.rate.toPrecision(3), loss(at.loss), loss(at.smoothed)]);
  for (const line of table([["rate", "loss", "smoothed"], ...lines])) print(line);
  print(`\nabove about ${Number(largest.toPrecision(2))} the loss is higher than at the start`);
  print(`Recommended: --learning-rate ${recommended} with the default schedule, half of it with --schedule constant`);
}
