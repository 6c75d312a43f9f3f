// The reporters of `train`: text for people, JSON lines for programs, or nothing.
import { statSync } from "node:fs";
import { isNamed } from "../../data/source.ts";
import type { RankExchange } from "../../engines/engine.ts";
import { printable } from "../../errors.ts";
import type { RunData } from "../../files/run/run-record.ts";
import { betweenText, type Network, parameterCount } from "../../network/network.ts";
import type { EpochHistory } from "../../training/epoch-history.ts";
import { lossText } from "../../training/loss-text.ts";
import { lossOf, type TrainingOptions } from "../../training/options.ts";
import { stepWords } from "../../training/step-options.ts";
import type { TrainEvent, TrainingResult } from "../../training/training-result.ts";
import { asArgument, callOf } from "../call.ts";
import { print, printJson, VERSION } from "../program.ts";
import { count, loss, percent, plural, teamText } from "../tables.ts";
import { figureTexts } from "../value-figures.ts";
import { widthOf } from "../wrap.ts";
import { adviceOn } from "./advice.ts";
import type { About } from "./plan-run.ts";
import { privateLines } from "./private-flags.ts";
import { Progress, sparkline, standardScreen } from "./progress.ts";

export type Reporter = {
  start(data: RunData, network: Network, options: TrainingOptions): void;
  event(event: TrainEvent): void;
  /** Erase the live line, before other output. */
  pause(): void;
  /** `model`: its file, or null if the folder holds the finished model of this run already. */
  end(trained: TrainingResult, history: EpochHistory, model: string | null, folder: string): void;
};

export type ReporterFlags = { readonly json?: true; readonly quiet?: true };

/** The data as named on the command line, for the commands to try next. */
export type Named = {
  readonly data: string;
  readonly dataDir?: string | undefined;
  /** Data of its own for the test. */
  readonly testData?: string | undefined;
  /** Options without which the data cannot be read again, as words. */
  readonly reading?: Readonly<Record<"test" | "predict", readonly string[]>> | undefined;
  readonly about: About;
};

/** `rows`: training examples an epoch. */
export function reporterFor({ json, quiet }: ReporterFlags, rows: number, source: Named): Reporter {
  return json ? jsonReporter(source.about) : quiet ? quietReporter : textReporter(rows, source);
}

const quietReporter: Reporter = { start() {}, event() {}, pause() {}, end() {} };

function textReporter(rows: number, source: Named): Reporter {
  const progress = new Progress(standardScreen(), rows);
  return {
    start: (data, network, options) => {
      print(`Deltaprop ${VERSION} trains on ${printable(data.name)}`);
      print(`  data     ${dataLine(data, source.about)}`);
      for (const line of source.about.lines) print(line);
      print(
        `  network  ${network.layers.join(" → ")}, ${betweenText(network)}, ${count(parameterCount(network))} parameters`,
      );
      print(`  steps    ${stepsLine(options)}`);
      for (const line of privateLines(options, data.rows.train)) print(line);
    },
    event: (event) => {
      if (event.event === "start") for (const line of startLines(event)) print(line);
      progress.handle(event);
    },
    pause: () => progress.end(),
    end: (trained, history, model, folder) => {
      for (const line of endLines(trained, history, model, folder, source)) print(line);
    },
  };
}

function startLines(event: Extract<TrainEvent, { event: "start" }>): string[] {
  const { engine, threads, ranks, exchange, epoch, step, steps } = event;
  return [
    `  engine   ${engine}, ${teamText(threads, ranks)}`,
    ...(exchange ? [`  sent     ${sentLine(exchange)}`] : []),
    ...(epoch > 1 || step > 0 ? [`  resumed  in epoch ${epoch}, after ${step} of its ${plural(steps, "step")}`] : []),
    "",
  ];
}

/** What ranks exchange in a step, and why not the other. */
function sentLine({ kind, arraysBytes, sumsBytes }: RankExchange): string {
  const arrays = `activations and errors to all: ${count(Math.round(arraysBytes / 1000))} kB`;
  const sums = `partial sums of gradients from rank to rank: ${count(Math.round(sumsBytes / 1000))} kB`;
  const [chosen, other] = kind === "sums" ? [sums, arrays] : [arrays, sums];
  return `${chosen} a step for each rank (${other})`;
}

function dataLine({ rows, heldOut }: RunData, { features, learned }: About): string {
  return [
    `${plural(rows.train, "example")} of ${plural(features, "feature")} ${learned.endsWith("to learn") ? "with" : "in"} ${learned}`,
    ...(rows.validation > 0 ? [`${count(rows.validation)} to judge each epoch`] : []),
    `${count(rows.test)} to test on${heldOut === null ? "" : `, held out (${Math.round(100 * heldOut)} % of the rows)`}`,
  ].join("; ");
}

function stepsLine(options: TrainingOptions): string {
  const { optimizer, learningRate, schedule, batchSize, epochs, seed, weightDecay, labelSmoothing, patience } = options;
  return [
    ...(optimizer === "lbfgs"
      ? ["lbfgs on all rows"]
      : [
          `${optimizer}, learning rate ${learningRate}${schedule === "constant" ? "" : ` (${schedule})`}`,
          `batches of ${batchSize}`,
        ]),
    plural(epochs, "epoch"),
    ...(options.loss === undefined ? [] : [`loss ${lossText(lossOf(options))}`]),
    ...(weightDecay > 0 ? [`weight decay ${weightDecay}`] : []),
    ...stepWords(options),
    ...(labelSmoothing > 0 ? [`label smoothing ${labelSmoothing}`] : []),
    ...(options.classWeights === "none" ? [] : ["class weights"]),
    ...(patience === null ? [] : [`patience ${patience}`]),
    `seed ${seed}`,
  ].join(", ");
}

function endLines(
  trained: TrainingResult,
  history: EpochHistory,
  model: string | null,
  folder: string,
  source: Named,
): string[] {
  const { stopReason, keptEpoch, test, testValues, seconds, parametersSha256 } = trained;
  const epochs = history.count;
  const losses = sparkline(history.losses, Math.max(10, Math.min(40, widthOf(process.stdout) - 12)));
  const kept =
    keptEpoch === 0 ? "the initial parameters, as no epoch had ended" : `the parameters of epoch ${keptEpoch}`;
  const head = {
    finished: keptEpoch < epochs ? `the best epoch was ${keptEpoch}; its parameters were kept` : undefined,
    early: `stopped early after epoch ${epochs}; kept ${kept}, the best`,
    onEpoch: `stopped on request after epoch ${epochs}`,
    interrupted: `interrupted in epoch ${epochs + 1}; kept the parameters as they were`,
    stopped: `training diverged in epoch ${epochs + 1}; kept ${kept}`,
  }[stopReason];
  const saved = model ?? `not saved: ${folder} holds the finished model of this same run`;
  return [
    "",
    ...(losses === "" ? [] : [`  loss     ${losses}`]),
    ...(head === undefined ? [] : [`  ending   ${head}`]),
    ...(test === null
      ? []
      : [
          `  test     accuracy ${percent(test.accuracy)}, loss ${loss(test.loss)}, on ${plural(test.rows, "row")} not trained on`,
        ]),
    ...(testValues
      ? [
          `  test     ${figureTexts(testValues).join(", ")}, loss ${loss(testValues.loss)}, on ${plural(testValues.rows, "row")} not trained on`,
        ]
      : []),
    ...spentLine(trained),
    ...(trained.model.temperature
      ? [
          `  answers  probabilities at temperature ${trained.model.temperature.toPrecision(4)}, fitted on the validation rows`,
        ]
      : []),
    `  model    ${saved}`,
    ...(model === null ? [] : [`  sha256   ${parametersSha256} (parameters)`]),
    `  time     ${seconds.toFixed(1)} s`,
    ...noiseLines(history),
    ...adviceOn(trained, history).map((line) => `  advice   ${line}`),
    ...(test === null && !testValues ? [] : ["", ...nextLines(folder, source)]),
    ...(stopReason === "interrupted" && model !== null ? ["", `To go on: ${callOf("train", "--resume", folder)}`] : []),
  ];
}

function spentLine({ model: { privacy } }: TrainingResult): string[] {
  if (!privacy) return [];
  const insecure = privacy.insecure ? "; INSECURE, as its draws came from a seed" : "";
  return [`  spent    ε ${privacy.epsilon.toFixed(4)} at δ ${privacy.delta}${insecure}`];
}

/** The gradient noise at the end, where it was measured. */
function noiseLines({ last }: EpochHistory): string[] {
  const { noise } = last ?? {};
  if (!noise) return [];
  if (noise.scale === null) return [`  noise    larger than ${plural(noise.rows, "row")} can tell`];
  const error = noise.standardError === null ? "" : ` ± ${count(Math.round(noise.standardError))}`;
  return [`  noise    scale ${count(Math.round(noise.scale))}${error} examples after the last epoch`];
}

/** What to try next: a test, then what the model is for, or for a set of our own the proof of its gradients. */
function nextLines(folder: string, { data: trained, dataDir, testData, reading }: Named): string[] {
  const run = asArgument(folder);
  const data = testData ?? trained;
  if (!isNamed(data)) {
    const file = asArgument(data);
    const calls = [callOf("test", run, file, ...(reading?.test ?? []))];
    if (statSync(data, { throwIfNoEntry: false })?.isFile())
      calls.push(callOf("predict", run, file, ...(reading?.predict ?? [])));
    return calls.map((call, k) => `${k === 0 ? "Next: " : "      "}${call}`);
  }
  const place = dataDir === undefined ? [] : ["--data-dir", dataDir];
  return [`Next: ${callOf("test", run, data, ...place)}`, `      ${callOf("check")}`];
}

/** JSON lines: start, epoch …, then done, interrupted or stopped. */
const jsonReporter = ({ table, split }: About): Reporter => ({
  start(data, { layers, activation }) {
    const found = table && { label: table.labelName ?? null, columns: table.columns };
    printJson({ event: "data", data, layers, activation, ...found, split });
  },
  event: (event) => {
    if (event.event !== "progress") printJson(event);
  },
  pause() {},
  end: (trained, history, model, folder) => {
    const { stopReason, keptEpoch, test, testValues, parametersSha256, seconds, engine, threads } = trained;
    const whole = stopReason === "finished" || stopReason === "early";
    printJson({
      event: whole ? "done" : stopReason,
      testAccuracy: test?.accuracy ?? null,
      testLoss: test?.loss ?? testValues?.loss ?? null,
      ...(testValues && { testValues }),
      ...(trained.model.temperature && { temperature: trained.model.temperature }),
      parametersSha256,
      seconds,
      epochs: history.count,
      keptEpoch,
      endedEarly: stopReason === "early",
      privacy: trained.model.privacy,
      engine,
      threads,
      advice: adviceOn(trained, history),
      model,
      out: folder,
    });
  },
});
