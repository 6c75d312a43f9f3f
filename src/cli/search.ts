// `deltaprop search DATA`: tries options on rows held out of the training part, and names those that did best.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import type { Dataset } from "../data/dataset.ts";
import { isNamed } from "../data/source.ts";
import { InvalidInput, printable } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { SearchFolder } from "../files/search-folder.ts";
import { defaultSpace } from "../search/default-space.ts";
import { type Measure, measureOf } from "../search/fits.ts";
import { type KnownFit, planSearch, type SearchResult, searchOptions, type Trial } from "../search/halving-search.ts";
import { importances, type OptionImportance } from "../search/importance.ts";
import type { SearchSettings } from "../search/search-settings.ts";
import { readSpace, type SpaceValue, type SpaceValues } from "../search/search-space.ts";
import { limitOf, SPACE_OPTIONS } from "../search/space-options.ts";
import { distortionsOf, type FixedOptions, plainValues } from "../search/trial-options.ts";
import { decimal, wholeNumber } from "./arguments.ts";
import { asArgument, callOf, flagOf } from "./call.ts";
import { addData, addParts, type DataFlags } from "./command-options.ts";
import { addWorkers } from "./cross-validate.ts";
import { searchPage } from "./pages/search-page.ts";
import { note, print, printJson, VERSION } from "./program.ts";
import { pointsText, scoreText } from "./score-text.ts";
import { gracefully, ShutdownRequest } from "./shutdown.ts";
import { addTable, addTask } from "./table-flags.ts";
import { loss, percent, plural, table } from "./tables.ts";
import { lossOption, taskOf } from "./train/loss-flag.ts";
import { planRun } from "./train/plan-run.ts";
import { addAllTraining, allTrainingOptions, type NetworkFlags, networkOf } from "./training-flags.ts";
import { typedWords } from "./typed-words.ts";

type Flags = DataFlags &
  NetworkFlags & {
    readonly space: string;
    readonly trials: number;
    readonly minutes?: number;
    readonly method: SearchSettings["method"];
    readonly halving: boolean;
    readonly folds?: number;
    readonly validation: number;
    readonly validationData?: string;
    readonly engine: string;
    readonly workers?: number;
    readonly out?: string;
    readonly json?: true;
  };

/** Names with commas, in lines of a help. */
const lines = (names: readonly string[]): string =>
  names
    .join(", ")
    .replace(/(.{1,110},) /g, "$1\n")
    .replace(/^/gm, "  ");

const HELP = `
A trial is judged on a part of the training rows (--validation), on a validation part of the data, or on --folds. The
test part is never looked at: train with the command that the search prints, which tests once.
A space is a JSON file such as
  { "learningRate": { "from": 0.001, "to": 0.1, "scale": "log" }, "hidden": { "choices": [[64], [128, 128]] } }
with any of
${lines(Object.keys(SPACE_OPTIONS))}.
0 leaves out what training has no 0 of, such as dropout. Options given as flags hold in every trial.
Trials, their figures and the winner are the same for any number of workers. The same command goes on with a search
that was stopped or killed; with more --trials it goes further.`;

const SHOWN = 10; // trials

export function registerSearch(program: Command): void {
  const command = program
    .command("search")
    .description("try options on rows held out of training, and name those that did best")
    .argument("<data>", "as for train");
  addData(command);
  addTable(command);
  addTask(command);
  addParts(command);
  addAllTraining(command);
  command.addOption(lossOption());
  const typed = typedWords(command);
  command
    .option("--space <file>", "what to try: a JSON file, or default", "default")
    .addOption(
      new Option("--trials <n>", "options to try; the first are the defaults")
        .argParser(wholeNumber("--trials", 1, 100_000))
        .default(45),
    )
    .addOption(
      new Option("--minutes <m>", "begin no further trials after m minutes").argParser(
        decimal("--minutes", "a number > 0", (x) => x > 0),
      ),
    )
    .addOption(
      new Option("--method <name>", "how trials are proposed: near what did well, or anywhere")
        .choices(["tpe", "random"])
        .default("tpe"),
    )
    .option("--no-halving", "all epochs for every trial, instead of all for the best of nine")
    .addOption(
      new Option("--folds <n>", "judge by cross-validation of the training rows").argParser(
        wholeNumber("--folds", 2, 1000),
      ),
    )
    .addOption(
      new Option("--validation <share>", "of the training rows, to judge by")
        .argParser(decimal("--validation", "a number in (0, 1)", (x) => x > 0 && x < 1))
        .default(0.2),
    );
  addWorkers(command);
  command
    .option("--out <folder>", "where the search is kept (default: runs/search-NAME-SEED)")
    .option("--json", "one JSON object a fit, then one of what was found")
    .addHelpText("after", HELP)
    .action((data: string, flags: Flags) => run(data, flags, typed()));
}

async function run(data: string, flags: Flags, typed: readonly string[]): Promise<void> {
  const given = await fixedOf(flags);
  const space = await spaceOf(flags, Object.keys(given));
  const asked = { ...flags, task: taskOf(flags.task, flags.loss) };
  const { training, plan, about } = await planRun(data, asked, (train) => networkOf(flags, train), {
    loss: flags.loss,
  });
  const { train, validation } = training.splits;
  const { optimizer = training.options.optimizer, residual } = given;
  const { loss: learned } = training.options;
  const found = space ?? defaultSpace({ optimizer, loss: learned, residual }, Object.keys(given));
  const { folds, validation: share, method, halving, epochs, seed = 1, trials } = flags;
  const settings: Omit<SearchSettings, "trials"> = {
    space: found,
    fixed: { ...(!("optimizer" in found) && { optimizer }), ...(learned && { loss: learned }), ...given },
    method,
    halving,
    epochs: epochs ?? null,
    judge: folds ?? share,
    seed,
  };
  planSearch({ train, validation }, { ...settings, trials }); // refuses before anything is written
  const sha256 = { data: plan.data.sha256, ...(plan.data.parts && { parts: plan.data.parts }) };
  const identity = { version: VERSION, ...sha256, rows: plan.data.rows, ...settings };
  const out = flags.out ?? join("runs", `search-${nameOf(data)}-${seed}`);
  const folder = await SearchFolder.open(out, identity);
  try {
    const { known } = folder;
    const measure = measureOf(train);
    if (!flags.json) for (const line of about.lines) print(line);
    if (known.length > 0) note(`${out} holds ${plural(known.length, "fit")} of this search, which goes on from there.`);
    if (validation) note(`trials are judged on the validation part, ${plural(validation.rows, "row")}.`);
    const kept = `the fits that ended are kept in ${out}. The same command goes on.`;
    const begun = performance.now();
    const { minutes = Number.POSITIVE_INFINITY, engine, workers } = flags;
    const onFit = async (fit: KnownFit) => {
      await folder.append(fit);
      if (flags.json) printJson({ event: "fit", ...fit });
      else print(fitLine(fit, measure));
    };
    const result = await gracefully(
      (signal) =>
        searchOptions(
          { train, validation },
          { ...settings, trials },
          { known, onFit, engine, workers, signal, goOn: () => performance.now() - begun < minutes * 60_000 },
        ),
      () => kept,
    ).catch((error: unknown) => {
      if (error instanceof ShutdownRequest) note(kept);
      throw error;
    });
    const importance = importances(result.trials, Object.keys(found));
    const { best, noise } = result;
    await folder.end(identity, linesOf(result), { trials: result.trials.length, best, noise, importance });
    await writeDurably(join(out, "search.html"), searchPage(data, result, found, importance));
    const call = callOf("train", asArgument(data), ...typed, ...(await winnerWords(best, settings.fixed, train, out)));
    if (flags.json) return printJson({ event: "complete", best, noise, importance, train: call, out });
    printResult(result, importance, call, out);
  } finally {
    await folder.close();
  }
}

/** Options that the flags settle for every trial. */
async function fixedOf(flags: Flags): Promise<FixedOptions> {
  const { hidden, activation, layerNorm, residual } = flags;
  const { seed: _, epochs: __, validation: ___, loss: ____, ...options } = await allTrainingOptions(flags);
  const all = { hidden, activation, layerNorm, residual, ...options };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The space of a file; undefined for the default one. */
async function spaceOf({ space: file }: Flags, given: readonly string[]) {
  if (file === "default") return undefined;
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new InvalidInput("BAD_SPACE", `it cannot be read: ${cause.message}.`, { file }, { cause });
  });
  try {
    const space = readSpace(JSON.parse(text));
    const both = Object.keys(space).find((name) => given.includes(name));
    if (both === undefined) return space;
    throw new InvalidInput("BAD_SPACE", `${both} is searched here and settled by a flag. Leave one out.`);
  } catch (error) {
    const reason = error instanceof InvalidInput ? error.reason : `it is no JSON: ${(error as Error).message}.`;
    throw new InvalidInput("BAD_SPACE", reason, { file }, { cause: error });
  }
}

const nameOf = (data: string) =>
  (isNamed(data) ? data : basename(data).replace(/\.[^.]*$/, "")).replace(/[^\w.-]+/g, "-") || "data";

/** Every fit in the order of trials and rungs. */
const linesOf = ({ trials }: SearchResult): KnownFit[] =>
  trials.flatMap(({ values, fits }) => fits.map((fit) => ({ ...fit, values })));

/** The words by which train takes what was found, beside those typed; distortions of several limits are a file. */
async function winnerWords({ values }: Trial, fixed: FixedOptions, train: Dataset, out: string): Promise<string[]> {
  const { optimizer } = fixed;
  const plain = plainValues({ ...(optimizer && { optimizer }), ...values });
  if (!Object.keys(values).some(limitOf) || plain.augment === "none") return optionWords(plain);
  const { augment, ...others } = plain;
  const file = join(out, "augment.json");
  const distortions = distortionsOf((augment as FixedOptions["augment"]) ?? fixed.augment, values, train);
  await writeDurably(file, `${JSON.stringify(distortions, null, 2)}\n`);
  return [...optionWords(others), flagOf("augment"), file];
}

const optionWords = (values: SpaceValues) =>
  Object.entries(values).flatMap(([name, value]) => {
    if (typeof value === "boolean") return value ? [flagOf(name)] : [];
    return [flagOf(name), String(value)];
  });

const shown = (value: SpaceValue) => (Array.isArray(value) ? value.join("-") : String(value));
const valuesText = (values: SpaceValues) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(", ") || "the defaults";

function fitLine({ trial, epochs, score, loss: mean, values }: KnownFit, measure: Measure): string {
  const figures = mean === null ? "diverged" : `${scoreText(measure, score)}, loss ${loss(mean)}`;
  return `trial ${String(trial).padStart(3)}  ${String(epochs).padStart(4)} epochs  ${figures}  ${valuesText(values)}`;
}

function printResult(found: SearchResult, importance: OptionImportance[], call: string, out: string) {
  const { measure, trials, best, noise } = found;
  const whole = trials.filter(({ fits }) => fits.at(-1)!.rung === best.fits.at(-1)!.rung);
  const sorted = whole.toSorted((a, b) => b.fits.at(-1)!.score - a.fits.at(-1)!.score).slice(0, SHOWN);
  print(`\n${plural(trials.length, "trial")}, ${whole.length} with all epochs; the best of these:\n`);
  const figures = sorted.map(({ trial, fits }) => [
    String(trial),
    scoreText(measure, fits.at(-1)!.score),
    fits.at(-1)!.loss === null ? "diverged" : loss(fits.at(-1)!.loss!),
  ]);
  const lines = table([["trial", measure, "loss"], ...figures]);
  for (const [at, line] of lines.entries()) print(at === 0 ? line : `${line}  ${valuesText(sorted[at - 1]!.values)}`);
  if (noise) {
    const floor = `${scoreText(measure, noise.mean)} ± ${pointsText(measure, noise.deviation)}`;
    print(`\nnoise: with other seeds the best one has ${floor}; smaller differences say little`);
  }
  const told = importance.filter(({ share }) => share !== null && share > 0.005);
  if (told.length > 0)
    print(`what mattered: ${told.map(({ name, share }) => `${name} ${percent(share!)}`).join(", ")}`);
  print(`\ntrain it   ${printable(call)}\npage       ${printable(join(out, "search.html"))}`);
}
