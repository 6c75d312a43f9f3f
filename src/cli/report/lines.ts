// The lines of a report: figures, configuration, and the commands that repeat the run.
import { basename } from "node:path";
import type { ReportLine } from "../../files/report-page.ts";
import type { RunRecord } from "../../files/run/run-record.ts";
import type { Loss } from "../../network/losses.ts";
import { activationText, betweenText, parameterCount } from "../../network/network.ts";
import { labelWeightsOf, lossText, lossWord } from "../../training/loss-text.ts";
import type { Model } from "../../training/model.ts";
import { flagOf, portableCallOf } from "../call.ts";
import { count, loss, percent, teamText } from "../tables.ts";
import { figureTexts } from "../value-figures.ts";

/** A value of a record as text: words as they are, counts with their commas, the rest as JSON. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "none";
  return Number.isSafeInteger(value) ? count(value as number) : JSON.stringify(value);
}

/** `learningRate` as people write it: learning rate. */
const inWords = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function summaryOf({ data }: RunRecord, { network }: Model): string {
  return `${network.layers.join(" → ")}, ${betweenText(network)}, trained on ${data.name}`;
}

export function figureLines({ testAccuracy, testLoss, seconds, ...run }: RunRecord, model: Model): ReportLine[] {
  const known = (value: unknown, show: (value: number) => string): string =>
    typeof value === "number" && Number.isFinite(value) ? show(value) : "n/a";
  const figures: ReportLine[] =
    model.loss === undefined
      ? [["test accuracy", known(testAccuracy, percent)]]
      : figureTexts(run.testValues ?? { targets: [], labels: [] }).map((text) => {
          const [, name, value] = /^(.*?) (\S+(?: \(.*)?)$/.exec(text)!;
          return [`test ${name}`, value!];
        });
  return [
    ...figures,
    ["test loss", known(testLoss, loss)],
    ["epochs", count(run.epochParametersSha256.length)],
    ["parameters", count(parameterCount(model.network))],
    ["time", known(seconds, (value) => `${value.toFixed(1)} s`)],
  ];
}

function optionText(key: string, value: unknown): string {
  if (key === "loss") return lossText(value as Loss);
  return key === "seed" ? String(value) : textOf(value);
}

/** The optimizers with this constant; every optimizer has the other options. */
const USED_BY: Readonly<Record<string, readonly string[]>> = {
  momentum: ["momentum", "nesterov"],
  beta1: ["adam", "adamw"],
  beta2: ["adam", "adamw"],
  epsilon: ["adam", "adamw"],
};

export function configurationLines(record: RunRecord, { network }: Model): ReportLine[] {
  const { data, options, engine, threads, ranks, precision, versions, ending, keptEpoch } = record;
  const { group, time, weight } = data.table ?? {};
  const by = group !== undefined ? `, whole groups of ${group}` : time !== undefined ? `, the latest by ${time}` : "";
  const held =
    typeof data.heldOut === "number" ? `, held out (${Math.round(100 * data.heldOut)} % of the rows${by})` : "";
  return [
    ["data", data.name],
    ...(data.label === null ? [] : [["label", textOf(data.label)] as const]),
    ["rows to train on", textOf(data.rows.train)],
    ...(data.rows.validation > 0 ? [["rows to judge each epoch", textOf(data.rows.validation)] as const] : []),
    ["rows to test on", `${textOf(data.rows.test)}${held}`],
    ...(weight === undefined ? [] : [["weights of rows", weight] as const]),
    ...(record.start ? [["went on from a model with SHA-256", record.start.sha256] as const] : []),
    ["layers", network.layers.join(", ")],
    ["activation", activationText(network)],
    ...(network.layerNorm ? [["layer normalization", "of every hidden layer"] as const] : []),
    ...(network.residual ? [["residual connections", "between hidden layers of equal width"] as const] : []),
    ...Object.entries(options)
      .filter(([key]) => USED_BY[key]?.includes(options.optimizer) ?? true)
      .map(([key, value]) => [inWords(key), optionText(key, value)] as const),
    ["ending", `${textOf(ending)}; kept epoch ${textOf(keptEpoch)}`],
    ["engine", `${textOf(engine)}, ${teamText(Number(threads), Number(ranks ?? 1))}, ${textOf(precision)}`],
    ...Object.entries(versions).map(([name, version]) => [name, textOf(version)] as const),
  ];
}

/** The training options that `deltaprop train` has a flag for; the others keep their defaults. */
const FLAGS = [
  "initialization",
  "epochs",
  "batchSize",
  "learningRate",
  "optimizer",
  "schedule",
  "warmupEpochs",
  "weightDecay",
  "l1",
  "clipNorm",
  "maxNorm",
  "dropout",
  "inputDropout",
  "inputNoise",
  "mixup",
  "frontScale",
  "averageDecay",
  "beta2",
  "labelSmoothing",
  "classWeights",
  "validation",
  "patience",
  "seed",
  "loss",
  "calibrate",
] as const;

/** Commands to paste: the training again, with every option named; its proof; its test. `word` names the data. */
export function commandLines(record: RunRecord, model: Model, folder: string, word: string): ReportLine[] {
  const { data, options, engine } = record;
  const flags = FLAGS.flatMap((key) => {
    const value = options[key];
    if (value === null || value === "none" || value === undefined) return [];
    if (USED_BY[key]?.includes(options.optimizer) === false) return [];
    if (value === true) return [`--${key}`];
    if (key === "loss") {
      const weights = labelWeightsOf(value as Loss);
      return ["--loss", lossWord(value as Loss), ...(weights ? ["--label-weights", weights.join(",")] : [])];
    }
    return [flagOf(key), String(value)];
  });
  const label = [...(typeof data.label === "string" ? ["--label", data.label] : []), ...choiceWords(data)];
  const { start } = record;
  const σ = activationText(model.network);
  const anew = [
    "--layers",
    model.network.layers.join(","),
    σ.includes(",") ? "--activations" : "--activation",
    σ,
    ...(model.network.layerNorm ? ["--layer-norm"] : []),
    ...(model.network.residual ? ["--residual"] : []),
  ];
  const settled = ["initialization"]; // by the model that a run goes on from
  const network = start ? ["--from", basename(start.from)] : anew;
  const own = start ? flags.filter((_, k) => !settled.includes(flags[k - (k % 2)]!.slice(2))) : flags;
  const exact = record.precision === "float64" ? ["--engine", String(engine)] : []; // the others give the same bits
  return [
    ["Train it again", portableCallOf("train", word, ...label, ...network, ...own, ...exact)],
    ["Reproduce it, every epoch bit for bit", portableCallOf("verify", folder)],
    ["Test it", portableCallOf("test", folder, word)],
  ];
}

/** What was said of a table and of the parts, as options; kinds of a schema have none. */
function choiceWords({ table = {}, parts = {} }: RunRecord["data"]): string[] {
  const { columns, ignore, categorical, numeric, ordinal = {}, ...texts } = table;
  const { encoding, sheet, missing, group, time, weight, task } = texts;
  const ranks = Object.entries(ordinal).map(([name, levels]) => `${name}=${levels.join("<")}`);
  const lists = { columns, ignore, categorical, numeric, ordinal: ranks };
  const named = Object.entries(lists).map(([name, list]) => [name, list?.join(",")] as const);
  const own = Object.entries(parts).map(([part, of]) => [`${part}-data`, of && basename(of.from)] as const);
  return [...named, ...Object.entries({ encoding, sheet, missing, group, time, weight, task }), ...own].flatMap(
    ([name, value]) => (value === undefined || value === "" ? [] : [`--${name}`, String(value)]),
  );
}
