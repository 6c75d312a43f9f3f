// `deltaprop batch-size DATA`: the batch that the gradient noise of a short run recommends, and the price of others.
import { type Command, Option } from "commander";
import { printable } from "../errors.ts";
import { recommendBatchSize } from "../insights/noise-advice.ts";
import { wholeNumber } from "./arguments.ts";
import { addData, addMachine, type DataFlags, type MachineFlags } from "./command-options.ts";
import { print, printJson } from "./program.ts";
import { gracefully } from "./shutdown.ts";
import { addTable } from "./table-flags.ts";
import { count, loss, plural, table } from "./tables.ts";
import { planRun } from "./train/plan-run.ts";
import { addTraining, type NetworkFlags, networkOf, trainingOptions } from "./training-flags.ts";

type Flags = DataFlags &
  MachineFlags &
  NetworkFlags & { readonly steps?: number; readonly rows: number; readonly json?: true };

const HELP = `
The gradient noise scale is tr Σ/‖G‖²: at this batch size a step is worth half of the best possible one, and so is an
example (McCandlish et al., 2018). Smaller batches cost more steps, larger ones more examples. The scale grows while the
loss falls: what is measured holds for this part of a run. The paper finds it too large on MNIST, within a small factor.`;

export function registerBatchSize(program: Command): void {
  const command = program
    .command("batch-size")
    .description("the batch size that the gradient noise of a short run recommends")
    .argument("<data>", "as for train");
  addData(command);
  addTable(command);
  addTraining(command);
  command
    .addOption(
      new Option("--steps <n>", "of the short run (default: an epoch, or two of few rows, 10 to 2,000)").argParser(
        wholeNumber("--steps", 10, 1_000_000),
      ),
    )
    .addOption(
      new Option("--rows <n>", "of each measurement").argParser(wholeNumber("--rows", 2, 1_000_000)).default(2048),
    );
  addMachine(command);
  command.option("--json", "one JSON object instead of text").addHelpText("after", HELP).action(run);
}

async function run(data: string, flags: Flags): Promise<void> {
  const { training } = await planRun(data, flags, (train) => networkOf(flags, train), trainingOptions(flags));
  const { engine, threads, steps, rows } = flags;
  const advice = await gracefully(
    (signal) => recommendBatchSize(training, { engine, threads, steps, rows, signal }),
    () => "nothing was written.",
  );
  if (flags.json) return printJson(advice);
  const { measured, scale, recommended, prices } = advice;
  const { batchSize, optimizer, learningRate } = training.options;
  const { network } = training;
  print(
    `${printable(data)}: gradient noise of ${network.layers.join("-")} along ${plural(measured.at(-1)!.step, "step")}`,
  );
  print(`${optimizer}, learning rate ${learningRate}, batches of ${batchSize}\n`);
  const shown = (value: number | null) => (value === null ? "?" : count(Math.round(value)));
  const lines = measured.map((at) => [
    count(at.step),
    loss(at.loss),
    loss(at.trace),
    loss(at.squaredGradient),
    shown(at.scale),
    shown(at.standardError),
  ]);
  for (const line of table([["step", "loss", "tr Σ", "‖G‖²", "noise scale", "±"], ...lines])) print(line);
  print(`\nnoise scale over the run: ${count(Math.round(scale))} examples. Recommended: --batch-size ${recommended}\n`);
  const priced = prices.map(({ batchSize: B, steps: s, examples }) => [count(B), s.toFixed(2), examples.toFixed(2)]);
  for (const line of table([["batch size", "steps", "examples"], ...priced])) print(line);
  print("steps and examples to the same loss, as multiples of the fewest possible, by the paper's model");
}
