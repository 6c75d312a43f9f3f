// `deltaprop explain MODEL FILE`: which inputs pushed each answer, and which columns a model needs.
import { type Command, Option } from "commander";
import type { Dataset } from "../data/dataset.ts";
import { numbersFrom, rowsOf } from "../data/stored/row-store.ts";
import { must } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import {
  ATTRIBUTIONS,
  type AttributionMethod,
  attribute,
  type Importance,
  permutationImportance,
} from "../insights/attributions.ts";
import { columnCount, type Model, mustClassify } from "../training/model.ts";
import { wholeNumber } from "./arguments.ts";
import type { Asked } from "./asked.ts";
import { loadFeatures } from "./asked-rows.ts";
import {
  addData,
  addForce,
  addMachine,
  addModel,
  type DataFlags,
  type MachineFlags,
  type ModelFlags,
} from "./command-options.ts";
import { loadTestRows, openModel } from "./inputs.ts";
import { type Explained, explainPage, topColumns } from "./pages/explain-page.ts";
import { columnName } from "./pages/row-view.ts";
import { print, printJson } from "./program.ts";
import { flagsAsRecorded } from "./recorded-flags.ts";
import { gracefully } from "./shutdown.ts";
import { clip, percent, table } from "./tables.ts";

type Flags = DataFlags &
  MachineFlags &
  ModelFlags &
  Overwrite & {
    readonly method: AttributionMethod;
    readonly class?: string;
    readonly top: number;
    readonly rows: number;
    readonly importance?: string;
    readonly html?: string;
    readonly json?: true;
  };

const HELP = `
Methods, for log p of the explained class c:
  integrated          x·∫ ∂log p/∂x along a line from 0; adds up to log p(x) − log p(0), and the gap is printed
  inputTimesGradient  x·∂log p/∂x
  saliency            |∂log p/∂x|, without a direction
x is what the first layer is given, after scaling: 0 is a standardized column's mean, and black of an image.
--importance names labelled data (its test rows are taken): each column is shuffled ten times, and the rise of the loss
is printed with its standard error. It speaks of the model, not of the world: columns that say the same share it.`;

export function registerExplain(program: Command): void {
  const command = addModel(
    program.command("explain").description("which inputs pushed each answer, and which columns the model needs"),
  ).argument("<file>", "rows, as for predict");
  addData(command);
  addMachine(command);
  command
    .addOption(new Option("--method <name>", "of attribution").choices(ATTRIBUTIONS).default("integrated"))
    .option("--class <name>", "the class to explain (default: each row's answer)")
    .addOption(new Option("--top <n>", "columns a row").argParser(wholeNumber("--top", 1, 10_000)).default(8))
    .addOption(
      new Option("--rows <n>", "rows, from the first on").argParser(wholeNumber("--rows", 1, 10_000)).default(20),
    )
    .option("--importance <data>", "labelled data: also permutation importance of each column of a table")
    .option("--html <file>", "also write a page, with pictures for images");
  addForce(command).option("--json", "one JSON object a row instead of text").addHelpText("after", HELP).action(run);
}

async function run(path: string, file: string, flags: Flags): Promise<void> {
  if (flags.html !== undefined) await refuseTaken(flags.html, flags);
  const { model, file: modelFile } = await openModel(path, flags);
  mustClassify(model, "explain");
  const chosen = flags.class === undefined ? undefined : model.classes.indexOf(flags.class);
  must(chosen !== -1, "--class", `one of ${model.classes.slice(0, 10).join(", ")}`, flags.class);
  const cols = columnCount(model);
  const asked = await loadFeatures(file, model, flags);
  const features = rowsOf(asked.rows, numbersFrom(0, Math.min(flags.rows, asked.rows.rows)));
  const labelled = flags.importance === undefined ? undefined : await labelledRows(model, modelFile, flags);
  await gracefully(
    async (signal) => {
      const found = await attribute(model, features, { engine: flags.engine, class: chosen, signal });
      const importance = labelled && (await permutationImportance(model, labelled, { engine: flags.engine, signal }));
      const explained: Explained = { ...asked, features, cols, found };
      if (flags.html !== undefined)
        await writeDurably(flags.html, explainPage(model, explained, importance, flags.method, flags.top));
      if (flags.json) printRows(model, explained, importance);
      else printTables(model, explained, importance, flags);
    },
    () => "nothing was written.",
  );
}

async function labelledRows(model: Model, modelFile: string, flags: Flags): Promise<Dataset> {
  const data = flags.importance!;
  const remedy = "Of an image no pixel matters alone: the page of --html shows where.";
  must(model.image === undefined && model.picture === undefined, "--importance", "left out for images", data, remedy);
  const { rows } = await loadTestRows(data, await flagsAsRecorded(modelFile, data, flags), model);
  must(rows.targets === undefined, "--importance", "data with one label a row, not soft targets", data);
  return { ...rows, name: data };
}

const nameOf = ({ names, file }: Pick<Asked, "names" | "file">, i: number): string => names?.[i] ?? `${file}:${i + 1}`;

function printRows(model: Model, { found, cols, ...asked }: Explained, importance: readonly Importance[] | undefined) {
  found.classes.forEach((c, i) => {
    const of = (values: Float64Array) =>
      Object.fromEntries(Array.from({ length: cols }, (_, j) => [columnName(model, j), values[i * cols + j]]));
    printJson({
      file: asked.names?.[i] ?? asked.file,
      row: asked.names ? 1 : i + 1,
      class: model.classes[c],
      probability: found.probabilities[i],
      saliency: of(found.saliency),
      inputTimesGradient: of(found.inputTimesGradient),
      integrated: of(found.integrated),
      gap: found.gaps[i],
    });
  });
  if (importance)
    printJson({ importance: importance.map((one) => ({ ...one, column: columnName(model, one.column) })) });
}

function printTables(model: Model, explained: Explained, importance: readonly Importance[] | undefined, flags: Flags) {
  const { found, cols } = explained;
  const values = found[flags.method];
  found.classes.forEach((c, i) => {
    print(`${nameOf(explained, i)}  ${clip(model.classes[c]!, 40)}  ${percent(found.probabilities[i]!)}`);
    const row = values.subarray(i * cols, (i + 1) * cols);
    const top = topColumns(row, flags.top);
    const lines = top.map((j) => [`  ${clip(columnName(model, j), 40)}`, row[j]!.toPrecision(4)]);
    for (const line of table(lines)) print(line);
    if (flags.method === "integrated") print(`  gap of the sum: ${found.gaps[i]!.toExponential(1)}`);
  });
  if (!importance) return;
  print(`\npermutation importance on the test rows of ${flags.importance}`);
  const lines = importance.map(({ column, loss, lossError, accuracy, accuracyError }) => [
    clip(columnName(model, column), 40),
    `${loss.toPrecision(3)} ± ${lossError.toPrecision(2)}`,
    `${percent(accuracy)} ± ${percent(accuracyError)}`,
  ]);
  for (const line of table([["column", "loss rises by", "accuracy falls by"], ...lines])) print(line);
}
