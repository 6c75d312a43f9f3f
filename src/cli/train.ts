// `deltaprop train DATA`: train, test, save, and say what to do next.
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { chooseEngine } from "../engines/registry.ts";
import { makeFolder } from "../files/durable.ts";
import { precisionOf, type RunData, runRecord } from "../files/run.ts";
import { findRun, refuseOtherRun, saveRun } from "../files/run-folder.ts";
import { RULES } from "../gradients/kernels.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../network/network.ts";
import { INITIALISATIONS } from "../network/parameters.ts";
import { log } from "../numerics/exp-log.ts";
import type { TrainedOn } from "../training/model.ts";
import { type Choices, resolveChoices } from "../training/options.ts";
import { checkParts, splitParts } from "../training/parts.ts";
import { Diverged, type Trained } from "../training/record.ts";
import { SCHEDULES } from "../training/schedule.ts";
import { train } from "../training/trainer.ts";
import { decimal, layerSize, list, seedNumber, wholeNumber } from "./arguments.ts";
import { Interrupted, interruptible } from "./failure.ts";
import { VERSION, warn } from "./program.ts";
import { addData, addMachine, type DataFlags, loadParts, type MachineFlags } from "./read.ts";
import { jsonTalk, silence, textTalk } from "./talk.ts";

type Flags = Partial<Choices> &
  DataFlags &
  MachineFlags & {
    readonly layers?: number[];
    readonly hidden?: number[];
    readonly activation: Activation;
    readonly out?: string;
    readonly json?: true;
    readonly quiet?: true;
  };

const NOTE_HIDDEN = [256, 256, 256]; // the note's H₁, H₂, H₃

export function registerTrain(program: Command): void {
  const command = program
    .command("train")
    .description("train a network, test it, and save it with everything needed to repeat the run")
    .argument("<data>", "digits, mnist, fashion-mnist, kmnist, a folder, or a file (CSV, TSV, Parquet, IDX, NPY, NPZ)");
  addData(command);
  command
    .addOption(
      new Option("--layers <sizes>", "all layer sizes, e.g. 784,256,10")
        .argParser(list(layerSize("--layers")))
        .conflicts("hidden"),
    )
    .addOption(
      new Option("--hidden <sizes>", "hidden layer sizes (default: 256,256,256, the note's network)").argParser(
        list(layerSize("--hidden")),
      ),
    )
    .addOption(new Option("--activation <name>", "between the layers").choices(ACTIVATIONS).default("relu"))
    .addOption(
      new Option("--initialisation <name>", "of the weights (default: he; glorot below 10,000 rows)").choices(
        INITIALISATIONS,
      ),
    )
    .addOption(
      new Option(
        "--epochs <n>",
        "times through the training rows (default: 10; below 10,000 rows as many as make 1,000 steps)",
      ).argParser(wholeNumber("--epochs", 1, 1_000_000)),
    )
    .addOption(
      new Option("--batch-size <n>", "rows of a step (default: 64; 16 below 10,000 rows)").argParser(
        wholeNumber("--batch-size", 1, 65_536),
      ),
    )
    .addOption(
      new Option(
        "--learning-rate <x>",
        "step size (default: 0.1; 0.01 with momentum, nesterov; 0.001 with adam, adamw)",
      ).argParser(decimal("--learning-rate", "a number > 0", (x) => x > 0)),
    )
    .addOption(new Option("--rule <name>", "update rule (default: sgd)").choices(RULES))
    .addOption(new Option("--schedule <name>", "of the learning rate (default: constant)").choices(SCHEDULES))
    .addOption(
      new Option("--warmup-epochs <n>", "epochs in which the rate rises from 0 (default: 0)").argParser(
        wholeNumber("--warmup-epochs", 0, 1_000_000),
      ),
    )
    .addOption(
      new Option(
        "--weight-decay <x>",
        "L2, on weights (default: 0; 0.01 below 10,000 rows but with adam, adamw)",
      ).argParser(decimal("--weight-decay", "a number ≥ 0", (x) => x >= 0)),
    )
    .addOption(
      new Option("--label-smoothing <x>", "share of every label spread over all classes (default: 0)").argParser(
        decimal("--label-smoothing", "a number in [0, 1)", (x) => x >= 0 && x < 1),
      ),
    )
    .addOption(new Option("--class-weights <w>", "balanced, or one number a class").argParser(classWeights))
    .addOption(
      new Option(
        "--validation <share>",
        "of the training rows held back (default: 0, or 0.1 with --patience)",
      ).argParser(decimal("--validation", "a number in [0, 1)", (x) => x >= 0 && x < 1)),
    )
    .addOption(
      new Option("--patience <n>", "stop after n epochs without a better validation loss, and keep the best").argParser(
        wholeNumber("--patience", 1, 1_000_000),
      ),
    );
  addMachine(command);
  command
    .addOption(
      new Option("--seed <n>", "of every draw: weights, shuffles, split (default: 1)").argParser(seedNumber("--seed")),
    )
    .option("--out <folder>", "where the run goes (default: runs/NAME-SEED)")
    .option("--json", "one JSON object a line instead of text")
    .option("--quiet", "print nothing but warnings and errors")
    .action(run);
}

function classWeights(text: string): Choices["classWeights"] {
  const weight = decimal("--class-weights", "balanced, or numbers ≥ 0 with commas between", (x) => x >= 0);
  return text === "balanced" ? text : list(weight)(text);
}

async function run(data: string, flags: Flags): Promise<void> {
  const { layers, hidden, activation, out, json, quiet, label, engine, threads, ...rest } = flags;
  const { dataDir: _, strict: __, ...given } = rest;
  const { source, parts, heldOut } = await loadParts(data, flags);
  const { cols, classes } = parts.train;
  const network = defineNetwork(layers ?? [cols, ...(hidden ?? NOTE_HIDDEN), classes.length], activation);
  const choices = resolveChoices(given, parts.train.rows);
  const split = { ...splitParts(parts, choices), test: parts.test };
  const facts: RunData = {
    ...{ name: source.name, sha256: source.sha256, label: label ?? null, heldOut },
    rows: { train: split.train.rows, validation: split.validation?.rows ?? 0, test: parts.test.rows },
  };
  checkParts(network, split);
  chooseEngine(engine);
  const folder = out ?? join("runs", `${runName(source.name)}-${choices.seed}`);
  const found = await findRun(folder);
  const precision = precisionOf(engine);
  if (found)
    refuseOtherRun(folder, found, { data: facts, layers: network.layers, activation, options: choices, precision });
  const talk = json ? jsonTalk : quiet ? silence : textTalk(split.train.rows, data);
  await makeFolder(folder); // before the work, so that a folder that cannot be written costs nobody an hour
  talk.start(facts, network, choices);
  await interruptible(async (signal) => {
    const machine = { engine, ...(threads !== undefined && { threads }) };
    const { trained, failure } = await settle(
      train(network, split, { ...choices, ...machine, signal, onEvent: talk.event }),
    );
    talk.pause();
    const better = !isWhole(trained) && found !== undefined && isWhole(found);
    const trainedOn: TrainedOn = {
      ...{ name: source.name, sha256: source.sha256, label: label ?? null },
      heldOut: heldOut === null ? null : { fraction: heldOut, seed: choices.seed },
    };
    const model = { ...trained.model, trainedOn };
    const path = better ? null : await saveRun(folder, trained, model, runRecord(trained, facts, versions()));
    talk.end(trained, path, folder);
    if (isWhole(trained) && trained.epochs.at(-1)!.trainLoss > log(classes.length))
      warn("the loss ended above that of guessing, ln C. A smaller learning rate usually helps.");
    if (failure) throw failure;
    if (trained.ending === "interrupted") throw new Interrupted();
  });
}

/** A run's result, or what it left when its numbers ran away. */
async function settle(run: Promise<Trained>): Promise<{ trained: Trained; failure?: Diverged }> {
  try {
    return { trained: await run };
  } catch (error) {
    if (error instanceof Diverged) return { trained: error.kept, failure: error };
    throw error;
  }
}

function isWhole({ ending }: Pick<Trained, "ending">): boolean {
  return ending === "finished" || ending === "early";
}

/** A data set's name as part of a folder's name. */
function runName(name: string): string {
  const base = basename(name).replace(/(\.(csv|tsv|txt|npy|idx|gz))+$/i, "");
  return base.replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") || "data";
}

function versions(): Record<string, string> {
  return { deltaprop: VERSION, node: process.version, platform: `${process.platform} ${process.arch}` };
}
