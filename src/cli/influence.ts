// `deltaprop influence RUN DATA --of ROW`: which training examples pushed an answer, up and down.
import { type Command, Option } from "commander";
import { type Dataset, selectRows } from "../data/dataset.ts";
import { InvalidInput, must, printable } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { openRunFolder } from "../files/run/run-folder.ts";
import { curvatureInfluence, type TracInCheckpoint, tracIn } from "../insights/pair-influence.ts";
import { representerPoints } from "../insights/representer-points.ts";
import { predict } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import { decimal, wholeNumber } from "./arguments.ts";
import { addForce, addMachine, addMemory, addParts, type MachineFlags } from "./command-options.ts";
import { openModel } from "./inputs.ts";
import { type InfluenceAnswer, influencePage } from "./pages/influence-page.ts";
import { print, printJson, warn } from "./program.ts";
import { gracefully } from "./shutdown.ts";
import { clip, percent, plural, table } from "./tables.ts";
import { checkpointsAgain, weightOf } from "./train/again.ts";
import { type DataPlace, type PlannedRun, planRepeat } from "./train/plan-run.ts";
import type { RowNumbers } from "./train/row-numbers.ts";

const METHODS = ["ek-fac", "tracin", "representer"] as const;
type Method = (typeof METHODS)[number];

type Flags = MachineFlags &
  DataPlace &
  Overwrite & {
    readonly of: number;
    readonly class?: string;
    readonly method: Method;
    readonly damping?: number;
    readonly checkpoints?: number;
    readonly decay?: number;
    readonly top: number;
    readonly html?: string;
    readonly json?: true;
  };

const HELP = `
Methods, for log p of the explained class; each is an estimate:
  ek-fac       by how much it would fall, had the run been trained to its minimum without the row (influence with an
               EK-FAC inverse, to first order)
  tracin       by how much steps on the row raised it (TracIn). A run keeps its last parameters alone, and the sum is
               taken there; --checkpoints 5 trains the run again from its record and sums at five times of it
  representer  what the row gives the class's logit, in a last layer that is trained again with decay
Only the first was held against retraining: docs/results.md has the figures.`;

export function registerInfluence(program: Command): void {
  const command = program
    .command("influence")
    .description("which training examples pushed an answer, up and down")
    .argument("<run>", "a run's folder")
    .argument("[data]", "where its data are now, if not where run.json says")
    .addOption(
      new Option("--of <row>", "the row that is asked about: of the test part, or of data that the run split itself")
        .argParser(wholeNumber("--of", 1, 2 ** 32 - 1))
        .makeOptionMandatory(),
    )
    .option("--class <name>", "the class to explain (default: the model's answer)")
    .addOption(new Option("--method <name>", "of estimating").choices(METHODS).default("ek-fac"))
    .addOption(
      new Option("--damping <x>", "of ek-fac, over the mean eigenvalue of a layer (default: 10)").argParser(
        decimal("--damping", "a number > 0", (x) => x > 0),
      ),
    )
    .addOption(
      new Option("--checkpoints <n>", "of tracin: times of the training to sum over").argParser(
        wholeNumber("--checkpoints", 1, 10_000),
      ),
    )
    .addOption(
      new Option("--decay <x>", "of representer, of the last layer (default: 0.001)").argParser(
        decimal("--decay", "a number > 0", (x) => x > 0),
      ),
    )
    .addOption(new Option("--top <n>", "rows up, and rows down").argParser(wholeNumber("--top", 1, 10_000)).default(10))
    .option("--html <file>", "also write a page with their pictures or columns")
    .option("--data-dir <folder>", "where the files of a named set are");
  addParts(command);
  command.option("--from <run>", "where the model is now that the run went on from");
  addMachine(command);
  addMemory(command);
  addForce(command).option("--json", "one JSON object a row instead of text").addHelpText("after", HELP).action(run);
}

async function run(folder: string, data: string | undefined, flags: Flags): Promise<void> {
  refuseOtherMethods(flags);
  if (flags.html !== undefined) await refuseTaken(flags.html, flags);
  const record = await openRunFolder(folder);
  const { model } = await openModel(folder);
  if (record.options.private)
    warn(`${folder}: a private run. What is said here of single rows is not covered by its ε; keep it to yourself.`);
  const planned = await planRepeat(folder, record, { ...flags, data }, "Name them after the run, or with --data-dir.");
  const { train } = planned.training.splits;
  refuseSoft(train, data ?? record.data.from);
  const numbers = planned.rowNumbers();
  const row = askedRow(planned, numbers, flags.of);
  const { classes, probabilities } = await predict(model, row.features, { engine: flags.engine, threads: 1 });
  const named = flags.class === undefined ? classes[0]! : model.classes.indexOf(flags.class);
  must(named >= 0, "--class", `one of ${model.classes.slice(0, 10).join(", ")}`, flags.class);
  const asked: Dataset = { ...row, labels: Int32Array.of(named), classes: model.classes };
  await gracefully(
    async (signal) => {
      const { values, about } = await estimate(folder, record, planned, model, asked, flags, signal);
      const answer: InfluenceAnswer = {
        name: planned.plan.data.name,
        train,
        row,
        place: `${numbers.together ? "" : "test "}row ${flags.of}`,
        placeOf: (i) => `${numbers.together ? "" : "train "}row ${numbers.train[i]! + 1}`,
        answer: model.classes[named]!,
        probability: probabilities[named]!,
        about,
        values,
        ...ends(values, flags.top),
      };
      if (flags.html !== undefined) await writeDurably(flags.html, influencePage(answer));
      if (flags.json) printRows(answer, numbers, flags.method);
      else printTables(answer, flags);
    },
    () => "nothing was written.",
  );
}

function refuseOtherMethods({ method, damping, checkpoints, decay }: Flags): void {
  for (const [flag, value, own] of [
    ["--damping", damping, "ek-fac"],
    ["--checkpoints", checkpoints, "tracin"],
    ["--decay", decay, "representer"],
  ] as const)
    must(value === undefined || method === own, flag, `left out but for --method ${own}`, value);
}

function refuseSoft({ targets, classes }: Dataset, file: string): void {
  const soft = "these rows have probabilities, and influence follows one label a row. Train on labels to ask this.";
  if (targets !== undefined) throw new InvalidInput("NOT_HELD", soft, { file });
  const one = "these data have one class, so no answer was pushed anywhere. Bring rows of two classes or more.";
  if (classes.length < 2) throw new InvalidInput("NOT_HELD", one, { file });
}

/** The row of that number: of the test part, or of all rows where the run split them itself. */
function askedRow({ training }: PlannedRun, numbers: RowNumbers, of: number): Dataset {
  const parts = numbers.together ? (["train", "validation", "test"] as const) : (["test"] as const);
  const part = parts.find((name) => numbers[name].includes(of - 1));
  const count = parts.reduce((sum, name) => sum + numbers[name].length, 0);
  const which = numbers.together ? "the data" : "the test part";
  must(part !== undefined, "--of", `a row of ${which}, an integer in [1, ${count}]`, of);
  return selectRows(training.splits[part]!, Uint32Array.of(numbers[part].indexOf(of - 1)));
}

type Estimate = { readonly values: Float64Array; readonly about: string };

async function estimate(
  folder: string,
  record: Parameters<typeof checkpointsAgain>[1],
  { training }: PlannedRun,
  model: Model,
  asked: Dataset,
  { method, damping, checkpoints, decay, engine, threads }: Flags,
  signal: AbortSignal,
): Promise<Estimate> {
  const { options, splits } = training;
  const { labelSmoothing, classWeights } = options;
  const loss = { engine, signal, labelSmoothing, classWeights };
  if (method === "ek-fac") {
    const values = await curvatureInfluence(model, splits.train, asked, { ...loss, damping });
    return { values, about: "EK-FAC influence: what log p would lose without the row" };
  }
  if (method === "representer") {
    const found = await representerPoints(model, splits.train, asked, { engine, signal, decay });
    const rest = `their sum misses the logit ${found.logits[0]!.toFixed(3)} by ${found.gap.toExponential(1)}`;
    const kept = found.agreement === 1 ? "" : "; the layer trained again answers another class";
    return { values: found.values, about: `representer points: what the row gives the logit; ${rest}${kept}` };
  }
  const whole = weightOf(options, splits.train.rows, 1, record.epochParametersSha256.length);
  const points: TracInCheckpoint[] = [];
  if (checkpoints === undefined) points.push({ model, weight: whole });
  else
    for await (const point of checkpointsAgain(folder, record, training, checkpoints, { engine, threads, signal }))
      points.push(point);
  const values = await tracIn(points, splits.train, asked, loss);
  const where =
    checkpoints === undefined ? "at the last parameters alone" : `at ${plural(points.length, "time")} of it`;
  return { values, about: `TracIn: what steps on the row gave log p in training, ${where}` };
}

/** The rows with the greatest values above 0, and those with the least below it. */
function ends(values: Float64Array, top: number): Pick<InfluenceAnswer, "up" | "down"> {
  const order = [...values.keys()].sort((i, j) => values[j]! - values[i]! || i - j);
  return {
    up: order.slice(0, top).filter((i) => values[i]! > 0),
    down: order
      .toReversed()
      .slice(0, top)
      .filter((i) => values[i]! < 0),
  };
}

function printRows({ train, up, down, values, answer }: InfluenceAnswer, numbers: RowNumbers, method: Method): void {
  for (const i of [...up, ...down])
    printJson({
      row: numbers.train[i]! + 1,
      label: train.classes[train.labels[i]!],
      answer,
      method,
      influence: values[i],
    });
}

function printTables(found: InfluenceAnswer, flags: Flags): void {
  const { name, place, answer, probability, about, train, up, down, values, placeOf } = found;
  print(`${printable(name)}, ${place}: ${clip(answer, 40)} at ${percent(probability)}`);
  print(`${about}; of ${plural(train.rows, "training row")}`);
  for (const [what, rows] of [
    ["up", up],
    ["down", down],
  ] as const) {
    const lines = rows.map((i) => [placeOf(i), clip(train.classes[train.labels[i]!]!, 20), signed(values[i]!)]);
    print("");
    for (const line of table([[what, "label", ""], ...lines])) print(line.trimEnd());
    if (lines.length === 0) print("no row");
  }
  if (flags.html !== undefined) print(`\npage  ${flags.html}`);
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toPrecision(3)}`;
