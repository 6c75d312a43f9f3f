// Verification of an export: the bytes of a file, run by the runner of its format, must classify examples as the model
// does. No file access: runners are passed in.
import type { Column } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import { EnvironmentFailure, NumericalStop } from "../../errors.ts";
import { lossTask } from "../../network/losses.ts";
import {
  type Machine,
  type Prediction,
  predict,
  predictValues,
  type ValuePrediction,
} from "../../training/evaluate.ts";
import { columnCount, type Model } from "../../training/model.ts";
import type { ExportCheck } from "../model/metadata.ts";

export type ExportFeatures = Dataset["features"];

/** Of classes, or of numbers or labels. */
export type ExportAnswers = {
  readonly names: readonly string[]; //                C class names, or T of numbers or labels
} & (
  | {
      readonly classes: ArrayLike<number>; //          [n]
      readonly probabilities: ArrayLike<number>; //    [n×C]
    }
  | ValueAnswersOf
);

type ValueAnswersOf = {
  readonly [K in keyof ValuePrediction]: ArrayLike<number> | Extract<ValuePrediction[K], undefined>;
};
export type RunnerResult = { readonly runner: string; readonly answers: ExportAnswers };

/** Runs the bytes of an exported file on raw features [n×cols]; those of a table with `columns` are coded. */
export type Runner = (
  bytes: Uint8Array,
  features: ExportFeatures,
  cols: number,
  columns?: readonly Column[],
) => Promise<RunnerResult>;

/** A format: its writer, its runner, and the largest difference allowed between the file and the model. */
export type ExportFormat = {
  readonly encode: (
    model: Model,
    checked?: ExportCheck,
  ) => Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | string;
  readonly run: Runner;
  readonly limit: number; //                                    of the difference of a probability or number
  readonly reordered?: true | undefined; //                     its runner sums in another order
  readonly exactly?: ((model: Model) => Model) | undefined; //  the model whose bits the file must reproduce
};

/** The runner of a format that this library reads: decode, then predict. */
export const readBack =
  (decode: (bytes: Uint8Array) => Model | Promise<Model>): Runner =>
  async (bytes, features) => {
    const model = await decode(bytes);
    const answers = { ...(await answer(model, features)), names: model.classes };
    return { runner: "this library, read back", answers };
  };

/** The examples of a verification: raw features, the model's predictions, and the name of the data. */
export type ExportExamples = { readonly features: ExportFeatures; readonly answers: Answers; readonly data: string };

type Answers = Prediction | ValuePrediction;

/** What `model` answers for raw features [n×D]. */
export const answer = (model: Model, features: ExportFeatures, machine?: Machine): Promise<Answers> =>
  model.loss ? predictValues(model, features, machine) : predict(model, features, machine);

/** `model` encoded and verified, with the verification noted inside. Raises NumericalStop EXPORT_DIFFERS. */
export async function encodeVerified(
  format: ExportFormat,
  file: string,
  model: Model,
  examples: ExportExamples,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly checked: ExportCheck }> {
  const first = await compareRun(format, file, model, examples, asBytes(await format.encode(model)));
  const limit = first.largestDifference > format.limit ? await widened(format, model, examples) : format.limit;
  refuseDifferent(file, first, limit, model);
  const count = examples.features.length / columnCount(model);
  const checked = { ...first, limit, data: examples.data, examples: count };
  return { bytes: asBytes(await format.encode(model, checked)), checked };
}

/** Raises NumericalStop EXPORT_DIFFERS unless `bytes` give the probabilities of the model within `limit`. */
export async function verifyBytes(
  format: ExportFormat,
  file: string,
  model: Model,
  examples: ExportExamples,
  bytes: Uint8Array,
  limit: number,
): Promise<void> {
  refuseDifferent(file, await compareRun(format, file, model, examples, bytes), limit, model);
}

const asBytes = (content: Uint8Array<ArrayBuffer> | string): Uint8Array<ArrayBuffer> =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

const differs = (file: string, what: string): NumericalStop =>
  new NumericalStop("EXPORT_DIFFERS", `${what}. The file was not kept.`, { file });

type Figures = Pick<ExportCheck, "runner" | "largestDifference" | "labelChanges">;

function refuseDifferent(
  file: string,
  { runner, largestDifference, labelChanges }: Figures,
  limit: number,
  model: Model,
): void {
  if (largestDifference <= limit && labelChanges === 0) return;
  const [what, changed] = comparedWords(model);
  const off = `a ${what} is off by ${largestDifference.toPrecision(3)} (limit ${limit.toPrecision(3)})`;
  throw differs(file, `in ${runner} ${off}${changed ? ` and ${labelChanges} ${changed} change` : ""}`);
}

/** What is compared, and what may not change. */
export function comparedWords({ loss, targetScaling }: Model): readonly [what: string, changed?: string] {
  if (loss === undefined) return ["probability", "classes"];
  if (lossTask(loss) === "multilabel") return ["probability", "labels"];
  return [targetScaling ? "number, in deviations of its target," : "number, as a share of the largest,"];
}

/** Run the bytes of a file and compare with the predictions of the model. */
async function compareRun(
  format: ExportFormat,
  file: string,
  model: Model,
  { features, answers: ours }: ExportExamples,
  bytes: Uint8Array,
): Promise<Figures> {
  const columns = model.scaling.kind === "columns" ? model.scaling.columns : undefined;
  const { runner, answers } = await format.run(bytes, features, columnCount(model), columns).catch((cause: Error) => {
    if (cause instanceof EnvironmentFailure) throw cause;
    throw differs(file, `the export does not run: ${cause.message}`);
  });
  if (JSON.stringify(answers.names) !== JSON.stringify(model.classes))
    throw differs(file, "the export does not have the class names");
  if (format.exactly && compare(model, await answer(format.exactly(model), features), answers).largestDifference > 0)
    throw differs(file, `${runner} does not give the bits that the file's own weights give`);
  return { runner, ...compare(model, ours, answers) };
}

const ROUNDING = 4; // sums in another order err about as much as ours; both errors add, and one run is one sample

/** The limit for sums in another order: at least this network's own rounding, measured against float64. */
async function widened(
  { limit, reordered }: ExportFormat,
  model: Model,
  { features, answers }: ExportExamples,
): Promise<number> {
  if (!reordered) return limit;
  const exact = await answer(model, features, { engine: "reference-float64" });
  return Math.max(limit, ROUNDING * compare(model, exact, answers).largestDifference);
}

/** NaN, and a different number of rows, count as infinitely different. */
function compare(
  model: Model,
  ours: Answers | ExportAnswers,
  theirs: Answers | ExportAnswers,
): { largestDifference: number; labelChanges: number } {
  const scale = "classes" in ours ? [1] : scalesOf(model, ours);
  const [a, b] = [comparable(model, ours, scale), comparable(model, theirs, scale)];
  const same = a.numbers.length === b.numbers.length && a.decided.length === b.decided.length;
  let largestDifference = same ? 0 : Number.POSITIVE_INFINITY;
  a.numbers.forEach((p, k) => {
    const difference = Math.abs(p - b.numbers[k]!);
    if (!(difference <= largestDifference))
      largestDifference = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
  const labelChanges = a.decided.reduce((sum, c, i) => sum + (c === b.decided[i] ? 0 : 1), 0);
  return { largestDifference, labelChanges };
}

/** What a number of each target is divided by: its deviation in training; of counts the largest; of labels 1. */
function scalesOf(
  { loss, targetScaling, classes }: Model,
  { values }: { readonly values: ArrayLike<number> },
): number[] {
  const T = classes.length;
  return classes.map((_, j) => {
    if (targetScaling) return targetScaling.deviation[j]!;
    if (lossTask(loss!) === "multilabel") return 1;
    return Array.from(values).reduce((most, x, k) => (k % T === j ? Math.max(most, Math.abs(x)) : most), 1);
  });
}

/** All numbers of the answers on one scale, and what is decided by them: the class, or which labels are there. */
function comparable(model: Model, answers: Answers | ExportAnswers, scale: readonly number[]) {
  if ("classes" in answers) return { numbers: Array.from(answers.probabilities), decided: Array.from(answers.classes) };
  const { values, quantiles = [], deviations = [] } = answers;
  const T = model.classes.length;
  const K = quantiles.length / Math.max(1, values.length);
  const numbers = [
    ...Array.from(values, (x, k) => x / scale[k % T]!),
    ...Array.from(quantiles, (x, k) => x / scale[Math.floor(k / K) % T]!),
    ...Array.from(deviations, (x, k) => x / scale[k % T]!),
  ];
  const labels = lossTask(model.loss!) === "multilabel";
  return { numbers, decided: labels ? Array.from(values, (p) => Number(p >= 0.5)) : [] };
}
