// `deltaprop check`: every equation of the note, and our own, against oracles that share no formula with them.
import { type Command, Option } from "commander";
import { selectRows } from "../data/dataset.ts";
import { chooseEngine } from "../engines/registry.ts";
import { checkNote, type RowReport } from "../equations/check-note.ts";
import { htmlReport } from "../equations/check-page.ts";
import { HEADING, jsonReport, rowLines, summaryLines } from "../equations/check-report.ts";
import type { Problem } from "../equations/implementation.ts";
import { engineImplementation } from "../equations/implementation.ts";
import { SECTIONS } from "../equations/note.ts";
import { shapeProblem } from "../equations/shape-problems.ts";
import { InvalidInput, must } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { checkLoss, LOSSES, type LossName, targetColumns } from "../network/losses.ts";
import { ACTIVATIONS, type Activation, defineNetwork, parameterCount } from "../network/network.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { alignDataset, sessionFeatures } from "../training/model.ts";
import { optimizerCoefficients } from "../training/optimizer.ts";
import { sessionTargets } from "../training/value-targets.ts";
import { layerSize, list, seedNumber, threadCount, wholeNumber } from "./arguments.ts";
import {
  activationList,
  addData,
  addForce,
  type DataFlags,
  type LayerFlags,
  layerNorm,
  layerOrder,
  residual,
} from "./command-options.ts";
import { loadTestRows, openModel } from "./inputs.ts";
import { print } from "./program.ts";

type Flags = DataFlags &
  LayerFlags &
  Overwrite & {
    readonly layers: number[];
    readonly activation: Activation;
    readonly activations?: Activation[];
    readonly loss: LossName;
    readonly batchSize: number;
    readonly seed: number;
    readonly engine: string;
    readonly threads: number;
    readonly model?: string;
    readonly layerOrder?: string[] | undefined;
    readonly data?: string;
    readonly sample?: number;
    readonly json?: true;
    readonly html?: string;
  };

const NOTE_LAYERS = [20, 16, 16, 16, 10]; // the note's four layers at a size where every parameter is looked at
const EVERY_PARAMETER = 2000; //              of networks up to this size; of larger ones a sample
const SAMPLE = 512;
const LARGEST_BATCH = 64; //                  dual numbers of every example are held at once

export function registerCheck(program: Command): void {
  const command = program
    .command("check")
    .description("prove every gradient: the note's equations against dual numbers and central differences")
    .addOption(
      new Option("--layers <sizes>", "input, hidden and output sizes")
        .argParser(list(layerSize("--layers")))
        .default(NOTE_LAYERS, NOTE_LAYERS.join(","))
        .conflicts("model"),
    )
    .addOption(
      new Option("--activation <name>", "of all hidden layers").choices(ACTIVATIONS).default("relu").conflicts("model"),
    )
    .addOption(activationList("of each hidden layer, first to last, instead of --activation").conflicts("model"))
    .addOption(layerNorm().conflicts("model"))
    .addOption(residual().conflicts("model"))
    .addOption(
      new Option("--loss <name>", "the loss").choices(LOSSES).default("softmax-cross-entropy").conflicts("model"),
    )
    .addOption(
      new Option("--batch-size <n>", `examples in the batch, 1 to ${LARGEST_BATCH}`)
        .argParser(wholeNumber("--batch-size", 1, LARGEST_BATCH))
        .default(8),
    )
    .addOption(new Option("--seed <n>", "of parameters, data and draws").argParser(seedNumber("--seed")).default(1))
    .option("--engine <name>", "the engine that is checked", "reference-float64")
    .addOption(new Option("--threads <n>", "how many threads compute").argParser(threadCount("--threads")).default(1))
    .option("--model <file>", "check a trained network; needs --data")
    .addOption(layerOrder())
    .option("--data <name>", "the data whose rows make the batch, with --model");
  addData(command);
  command
    .addOption(
      new Option("--sample <n>", "about how many parameters to look at")
        .default(undefined, `all, or ${SAMPLE} where there are more than ${EVERY_PARAMETER}`)
        .argParser(wholeNumber("--sample", 1, 100_000)),
    )
    .option("--json", "one JSON object instead of text")
    .option("--html <file>", "also write a page with every equation beside its numbers");
  addForce(command).addHelpText("after", "\nExits with 4 if any row fails.").action(run);
}

async function run(flags: Flags): Promise<void> {
  const { seed, json, html } = flags;
  if (html !== undefined) await refuseTaken(html, flags);
  const implementation = engineImplementation(chooseEngine(flags.engine), {
    coefficients: optimizerCoefficients,
    threads: flags.threads,
  });
  const problem = await problemOf(flags);
  const parameters = parameterCount(problem.network);
  const sample = flags.sample ?? (parameters > EVERY_PARAMETER ? SAMPLE : undefined);
  const onRow = json ? undefined : tableRow();
  const report = await checkNote(implementation, problem, { seed, sample, onRow });
  if (html !== undefined) await writeDurably(html, await htmlReport(report));
  if (json) process.stdout.write(`${jsonReport(report)}\n`);
  else {
    for (const line of ["", ...summaryLines(report)]) print(line);
    if (html !== undefined) print(`page     ${html}`);
  }
  if (!report.pass) process.exitCode = 4;
}

/** Prints each row when it is checked, under the note's headings. */
function tableRow(): (row: RowReport) => void {
  let section = "";
  return (row) => {
    if (section === "") print(HEADING);
    if (row.section !== section) {
      section = row.section;
      print(`\n${SECTIONS[section]}`);
    }
    for (const line of rowLines(row)) print(line);
  };
}

async function problemOf(flags: Flags): Promise<Problem> {
  const { layers, activation, batchSize, seed, model, data } = flags;
  must((model === undefined) === (data === undefined), "check", "given --model and --data together", model ?? data);
  if (model === undefined || data === undefined) {
    const chosen = flags.activations ?? activation;
    const loss = checkLoss(flags.loss);
    defineNetwork(layers, chosen, flags);
    targetColumns(loss, layers.at(-1)!);
    return shapeProblem(layers, chosen, batchSize, seed, loss, flags);
  }
  return trainedProblem(model, data, flags);
}

/** A trained network on a batch of rows drawn from its test rows. */
async function trainedProblem(path: string, data: string, flags: Flags): Promise<Problem> {
  const { batchSize, seed } = flags;
  const { model, file } = await openModel(path, { layerOrder: flags.layerOrder });
  const { rows } = await loadTestRows(data, flags, model);
  const aligned = alignDataset(model, rows);
  const order = Uint32Array.from({ length: aligned.rows }, (_, i) => i);
  const chosen = new Random(seed, PURPOSE.sample).shuffle(order).slice(0, batchSize);
  const batch = selectRows(aligned, chosen);
  const { features, divisor = 1 } = sessionFeatures(batch, model.scaling);
  const T = model.classes.length;
  const bad = model.parameters.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InvalidInput("BAD_MODEL", `parameter ${bad} is not finite.`, { file });
  return {
    network: model.network,
    parameters: Float64Array.from(model.parameters),
    batchSize: batch.rows,
    features: Float64Array.from(features, (x) => Math.fround(x / divisor)),
    labels: Int32Array.from(batch.labels),
    ...(model.loss
      ? { loss: model.loss, targets: sessionTargets(batch.values!, T, model.targetScaling, undefined).map(Math.fround) }
      : { targets: batch.targets && Float64Array.from(batch.targets, Math.fround) }),
  };
}
