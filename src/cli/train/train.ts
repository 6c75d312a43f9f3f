// `deltaprop train DATA`: its options, and the checks before it. resume.ts is --resume; run-to-folder.ts trains.
import { type Command, Option } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { chooseEngine } from "../../engines/registry.ts";
import { InvalidInput, must } from "../../errors.ts";
import { enginePrecision } from "../../files/run/run-record.ts";
import { OPTIMIZERS } from "../../gradients/kernels.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../../network/network.ts";
import { INITIALIZATIONS } from "../../network/parameters.ts";
import { defaultHidden } from "../../training/defaults.ts";
import { currentOptions } from "../../training/old-spellings.ts";
import type { TrainingOptions } from "../../training/options.ts";
import type { RecipeName } from "../../training/recipes.ts";
import { decimal, layerSize, list, wholeNumber } from "../arguments.ts";
import {
  activationList,
  addData,
  addMachine,
  addParts,
  type LayerFlags,
  layerNorm,
  residual,
  roomOf,
} from "../command-options.ts";
import { versions } from "../program.ts";
import { readingWords } from "../recorded-flags.ts";
import { addTable, addTask } from "../table-flags.ts";
import { addTrainingOptions, allTrainingOptions, type OptionFlags } from "../training-flags.ts";
import { reporterFor } from "./console.ts";
import { labelWeightsOption, lossOption, taskOf } from "./loss-flag.ts";
import { addMembers, type MembersFlags, refuseMembers, trainMembers, wentOn } from "./members.ts";
import { type PlanFlags, planRun } from "./plan-run.ts";
import { addPrivate, type PrivateFlags, privateOf } from "./private-flags.ts";
import { addRecipe, recipeOf, refuseOtherRows } from "./recipe-flag.ts";
import { continueRun, resumeRun } from "./resume.ts";
import { openRunPlace } from "./run-place.ts";
import { runToFolder } from "./run-to-folder.ts";

type Flags = OptionFlags &
  PlanFlags &
  PrivateFlags &
  LayerFlags &
  MembersFlags & {
    readonly layers?: number[];
    readonly hidden?: number[];
    readonly activation: Activation;
    readonly activations?: Activation[];
    readonly recipe?: RecipeName;
    readonly out?: string;
    readonly checkpointMinutes: number;
    readonly resume?: string;
    readonly noiseScale?: true;
    readonly json?: true;
    readonly quiet?: true;
  };

export function registerTrain(program: Command): void {
  const command = program
    .command("train")
    .description("train a network, test it, and save it with everything needed to repeat the run")
    .argument(
      "[data]",
      "digits, mnist, fashion-mnist, kmnist, spiral (circles, moons, xor, gaussians), a folder of pictures or files, or a file (CSV, TSV, Parquet, IDX, NPY, NPZ)",
    );
  addData(command);
  addTask(command);
  addTable(command);
  addParts(command);
  command
    .addOption(
      new Option("--layers <sizes>", "all layer sizes, e.g. 784,256,10")
        .argParser(list(layerSize("--layers")))
        .conflicts("hidden"),
    )
    .addOption(
      new Option(
        "--hidden <sizes>",
        "hidden layer sizes (default: 128,128; 64 for at most 450 rows of 10 columns or more; for images 256,256,256)",
      ).argParser(list(layerSize("--hidden"))),
    )
    .addOption(new Option("--activation <name>", "of all hidden layers").choices(ACTIVATIONS).default("relu"))
    .addOption(activationList("of each hidden layer, first to last, instead of --activation"))
    .addOption(layerNorm())
    .addOption(residual())
    .addOption(lossOption());
  addTrainingOptions(command);
  command
    .addOption(labelWeightsOption())
    .addOption(new Option("--rule <name>", "--optimizer, as version 0.1 called it").choices(OPTIMIZERS).hideHelp())
    .addOption(
      new Option("--initialisation <name>", "--initialization, as version 0.1 called it")
        .choices(INITIALIZATIONS)
        .hideHelp(),
    )
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
  addRecipe(command);
  addMembers(command);
  addPrivate(command);
  addMachine(command);
  command
    .option("--out <folder>", "where the run goes (default: runs/NAME-SEED, or the next free runs/NAME-SEED-2, …)")
    .addOption(
      new Option("--checkpoint-minutes <x>", "longest time between two checkpoints; 0: one after every step")
        .argParser(decimal("--checkpoint-minutes", "a number in [0, 10000]", (x) => x >= 0 && x <= 10_000))
        .default(5),
    )
    .option(
      "--calibrate",
      "fit a temperature on the validation rows at the end, so that probabilities mean what they say",
    )
    .option("--noise-scale", "measure the gradient noise after every epoch, into metrics.jsonl; changes no bit")
    .option(
      "--from <run>",
      "go on from the model of a run or file, on new rows with its columns; new classes get outputs",
    )
    .option("--resume <folder>", "resume the run in this folder, bit for bit, with the options of its run.json")
    .option("--json", "one JSON object a line instead of text")
    .option("--quiet", "print nothing but warnings and errors")
    .action(run);
}

/** What the model of --from settles. */
function refuseSettledFlags(command: Command): void {
  for (const name of ["layers", "hidden", "activation", "activations", "layerNorm", "residual", "initialization"])
    must(
      command.getOptionValueSource(name) !== "cli",
      name === "layerNorm" ? "--layer-norm" : `--${name}`,
      "left out with --from: the model keeps its own",
      command.getOptionValue(name),
    );
}

async function run(data: string | undefined, flags: Flags, command: Command): Promise<void> {
  if (flags.resume !== undefined) return resumeRun(flags.resume, data, flags, command);
  if (data === undefined) throw new InvalidInput("MISSING_ARGUMENT", "missing required argument 'data'.");
  if (flags.from !== undefined) refuseSettledFlags(command);
  const { members } = flags;
  if (members === undefined) return trainOne(data, flags);
  refuseMembers(flags);
  await trainMembers(data, { ...flags, members }, (out, k) =>
    trainOne(data, { ...flags, out, ...(k > 0 && { member: k }) }, true),
  );
}

/** One run. `again`: a run that the folder holds, complete or interrupted, is left or gone on with. */
async function trainOne(data: string, flags: Flags, again = false): Promise<void> {
  const { layers, hidden, activation, out, engine, threads, dataDir, checkpointMinutes: minutes, noiseScale } = flags;
  const { epsilon: _, ...plain } = flags; // of --private, not Adam's
  const { hidden: usual, ...recipe } = recipeOf(flags);
  const given: Partial<TrainingOptions> = {
    ...recipe,
    ...(await allTrainingOptions(currentOptions(plain))),
    private: privateOf(flags),
  };
  const network = (train: Dataset) => {
    refuseOtherRows(flags, train);
    const between = hidden ?? usual ?? defaultHidden(train);
    return (inputs: number, classes: number) =>
      defineNetwork(layers ?? [inputs, ...between, classes], flags.activations ?? activation, flags);
  };
  const task = flags.from === undefined ? taskOf(flags.task, flags.loss) : flags.task; // else the model's
  const { training, plan, about } = await planRun(data, { ...flags, task }, network, given);
  chooseEngine(engine);
  const whole = { ...plan, precision: enginePrecision(engine), versions: versions() };
  if (again && (await wentOn(whole, out!, () => continueRun(out!, data, flags)))) return;
  const { journal, found } = await openRunPlace(whole, out);
  try {
    const live = found?.status !== "complete"; // a complete run is replaced only by its complete repeat
    const job = { training, plan: whole, engine, threads, room: roomOf(flags), minutes, live, noiseScale };
    const named = { data, dataDir, testData: flags.testData, reading: readingWords(plan.data), about };
    await runToFolder(job, journal, reporterFor(flags, plan.data.rows.train, named));
  } finally {
    await journal.close();
  }
}
