// `deltaprop mislabelled DATA`: labels that look wrong, by networks that never saw their rows.
import { type Command, Option } from "commander";
import { printable } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { LABEL_SCORES, type LabelReport, type LabelScore, mislabelled } from "../insights/label-scores.ts";
import { wholeNumber } from "./arguments.ts";
import { cleanedFile, listFile, listName } from "./cleaned-file.ts";
import { addData, addForce, addMachine, type DataFlags, type MachineFlags } from "./command-options.ts";
import { loadData } from "./inputs.ts";
import { labelsPage } from "./pages/labels-page.ts";
import { print, printJson, warn } from "./program.ts";
import { type AllParts, rowsOfAllParts } from "./rows-of-all-parts.ts";
import { gracefully } from "./shutdown.ts";
import { addTable } from "./table-flags.ts";
import { clip, count, percent, plural, table } from "./tables.ts";
import { addTraining, type NetworkFlags, networkOf, trainingOptions } from "./training-flags.ts";

type Flags = DataFlags &
  MachineFlags &
  NetworkFlags &
  Overwrite & {
    readonly folds: number;
    readonly members: number;
    readonly by: LabelScore;
    readonly top: number;
    readonly html?: string;
    readonly out?: string;
    readonly json?: true;
  };

const MANY_IMAGES = 10_000; // from here fifteen networks of train's size and epochs would take too long

const MANY_EPOCHS = 6;
const LONGER = 3; // times as many of oriented gradients, which are not learned by heart as soon

const HELP = `
Every row is judged by networks that were trained without it, so its own label cannot have taught them. Scores:
  margin          p of the given label less the largest other; the least is listed first
  selfConfidence  p of the given label
  el2n            ‖p − y‖, the norm of the output layer's error (EL2N)
  grand           norm of the row's whole gradient after training (GraNd)
  selfInfluence   Σ η‖g‖² over the steps that trained on the row (TracIn)
  disagreement    share of all networks, also those that trained on the row, that answer another class
Pictures are judged by networks of their pixels and as many of their oriented gradients, the strength of edges in 8
directions, cell by cell; p is the geometric mean of both, since what one kind misreads the other often reads.
Nothing is removed: --out writes a new table without the rows that confident learning counts as wrong, and beside it the
list of every row with its scores.
Defaults are those of train for a table or few images; from 10,000 images --hidden 256,256 --epochs 6, and
three times the epochs on oriented gradients.`;

export function registerMislabelled(program: Command): void {
  const command = program
    .command("mislabelled")
    .description("labels that look wrong: every row judged by networks that never saw it")
    .argument("<data>", "a named set, a folder or a file, with labels; all its parts are judged");
  addData(command);
  addTable(command);
  addTraining(command);
  command
    .addOption(
      new Option("--folds <n>", "parts; each is judged by a network of the others")
        .argParser(wholeNumber("--folds", 2, 1000))
        .default(5),
    )
    .addOption(
      new Option("--members <n>", "cross-validations to average; more cost as much again each")
        .argParser(wholeNumber("--members", 1, 100))
        .default(3),
    )
    .addOption(new Option("--by <score>", "the score to rank by").choices(LABEL_SCORES).default("margin"))
    .addOption(
      new Option("--top <n>", "rows to show, the most doubtful first")
        .argParser(wholeNumber("--top", 1, 100_000))
        .default(100),
    )
    .option("--html <file>", "also write a page with their pictures or columns, given and suggested labels")
    .option("--out <file>", "write a .csv without the suspected rows, and the list of all rows beside it");
  addMachine(command);
  addForce(command).option("--json", "one JSON object a row instead of text").addHelpText("after", HELP).action(run);
}

async function run(data: string, flags: Flags): Promise<void> {
  const { html, out } = flags;
  for (const file of [html, out, out && listName(out)]) if (file !== undefined) await refuseTaken(file, flags);
  const source = await loadData(data, flags);
  const rows = rowsOfAllParts(source, data);
  const named = { ...rows.data, name: data }; // errors name the file
  const { folds, members, by, engine, threads } = flags;
  const many = rows.data.features instanceof Uint8Array && rows.data.rows >= MANY_IMAGES;
  const epochs = flags.epochs ?? MANY_EPOCHS;
  const usual = many ? { epochs, gradientEpochs: LONGER * epochs } : {};
  const options = { ...usual, ...trainingOptions(flags), folds, members, by, engine, threads };
  const network = networkOf({ ...flags, hidden: flags.hidden ?? (many ? [256, 256] : undefined) }, rows.data);
  const report = await gracefully(
    (signal) => mislabelled(network, named, { ...options, signal }),
    () => "nothing was written.",
  );
  if (html !== undefined) await writeDurably(html, labelsPage(source.name, rows, report, flags.top, by));
  if (out !== undefined) {
    await writeDurably(out, cleanedFile(source, rows, report));
    await writeDurably(listName(out), listFile(rows, report));
  }
  if (flags.json) printRows(rows, report, flags.top);
  else printTable(source.name, rows, report, flags);
}

function printRows({ data, at, file }: AllParts, { ranking, scores, suggested, suspected }: LabelReport, top: number) {
  for (const row of ranking.subarray(0, top)) {
    const { part, index } = at(row);
    const figures = Object.fromEntries(LABEL_SCORES.map((score) => [score, scores[score][row]]));
    printJson({
      part,
      row: index + 1,
      file: file(row),
      given: data.classes[data.labels[row]!],
      suggested: data.classes[suggested[row]!],
      suspected: suspected[row] === 1,
      ...figures,
    });
  }
}

function printTable(name: string, rows: AllParts, report: LabelReport, flags: Flags): void {
  const { data, place, file } = rows;
  const { judged, views, ranking, scores, suggested, suspected } = report;
  const wrong = suspected.reduce((sum, one) => sum + one, 0);
  const { folds, members } = judged;
  const nets = members === 1 ? `${folds} networks` : `${folds} × ${members} networks`;
  print(`${printable(name)}: ${plural(data.rows, "row")}, each judged by networks that never saw it`);
  const kinds = views.length > 1 ? ["pixels: ", "oriented gradients: "] : [""];
  for (const [n, { network, options, accuracy }] of views.entries())
    print(
      `${kinds[n]}${nets} ${network.layers.join("-")}, ${plural(options.epochs, "epoch")}; accuracy ${percent(accuracy)}`,
    );
  if (views.length > 1) print(`both: accuracy ${percent(judged.accuracy)}`);
  print(`${plural(wrong, "label looks", "labels look")} wrong by confident learning; no row was changed\n`);
  const shown = ranking.subarray(0, flags.top);
  const lines = Array.from(shown, (row) => [
    place(row),
    clip(data.classes[data.labels[row]!]!, 20),
    clip(data.classes[suggested[row]!]!, 20),
    scores.selfConfidence[row]!.toFixed(4),
    scores.margin[row]!.toFixed(4),
    scores.disagreement[row]!.toFixed(2),
    suspected[row] === 1 ? "suspected" : "",
    printable(file(row) ?? ""),
  ]);
  for (const line of table([["row", "given", "suggested", "p given", "margin", "disagree", "", ""], ...lines]))
    print(line.trimEnd());
  if (shown.length < data.rows) print(`… of ${count(data.rows)}; --top shows more`);
  if (judged.accuracy < 0.5) warn("the networks are right on less than half of the rows, so their doubts say little.");
  if (flags.html !== undefined) print(`page     ${flags.html}`);
  if (flags.out !== undefined) print(`cleaned  ${flags.out}\nlist     ${listName(flags.out)}`);
}
