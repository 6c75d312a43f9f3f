// Verification of an export: the bytes of a file, run by the runner of its format, must classify examples as the model
// does. No file access: runners are passed in.
import type { Column } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import { EnvironmentFailure, NumericalStop } from "../../errors.ts";
import { type Prediction, predict } from "../../training/evaluate.ts";
import { columnCount, type Model } from "../../training/model.ts";
import type { ExportCheck } from "../model/metadata.ts";

export type ExportFeatures = Dataset["features"];

export type ExportAnswers = {
  readonly names: readonly string[]; //              C class names
  readonly classes: ArrayLike<number>; //            [n]
  readonly probabilities: ArrayLike<number>; //      [n×C]
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
  readonly limit: number; //                                    of the difference of a probability
  readonly reordered?: true | undefined; //                     its runner sums in another order
  readonly exactly?: ((model: Model) => Model) | undefined; //  the model whose bits the file must reproduce
};

/** The runner of a format that this library reads: decode, then predict. */
export const readBack =
  (decode: (bytes: Uint8Array) => Model | Promise<Model>): Runner =>
  async (bytes, features) => {
    const model = await decode(bytes);
    const answers = { ...(await predict(model, features)), names: model.classes };
    return { runner: "this library, read back", answers };
  };

/** The examples of a verification: raw features, the model's predictions, and the name of the data. */
export type ExportExamples = { readonly features: ExportFeatures; readonly answers: Prediction; readonly data: string };

/** `model` encoded and verified, with the verification noted inside. Raises NumericalStop EXPORT_DIFFERS. */
export async function encodeVerified(
  format: ExportFormat,
  file: string,
  model: Model,
  examples: ExportExamples,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly checked: ExportCheck }> {
  const first = await compareRun(format, file, model, examples, asBytes(await format.encode(model)));
  const limit = first.largestDifference > format.limit ? await widened(format, model, examples) : format.limit;
  refuseDifferent(file, first, limit);
  const checked = { ...first, limit, data: examples.data, examples: examples.answers.classes.length };
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
  refuseDifferent(file, await compareRun(format, file, model, examples, bytes), limit);
}

const asBytes = (content: Uint8Array<ArrayBuffer> | string): Uint8Array<ArrayBuffer> =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

const differs = (file: string, what: string): NumericalStop =>
  new NumericalStop("EXPORT_DIFFERS", `${what}. The file was not kept.`, { file });

type Figures = Pick<ExportCheck, "runner" | "largestDifference" | "labelChanges">;

function refuseDifferent(file: string, { runner, largestDifference, labelChanges }: Figures, limit: number): void {
  if (largestDifference <= limit && labelChanges === 0) return;
  const off = `a probability is off by ${largestDifference.toPrecision(3)} (limit ${limit.toPrecision(3)})`;
  throw differs(file, `in ${runner} ${off} and ${labelChanges} classes change`);
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
  if (format.exactly && compare(await predict(format.exactly(model), features), answers).largestDifference > 0)
    throw differs(file, `${runner} does not give the bits that the file's own weights give`);
  return { runner, ...compare(ours, answers) };
}

const ROUNDING = 4; // sums in another order err about as much as ours; both errors add, and one run is one sample

/** The limit for sums in another order: at least this network's own rounding, measured against float64. */
async function widened(
  { limit, reordered }: ExportFormat,
  model: Model,
  { features, answers }: ExportExamples,
): Promise<number> {
  if (!reordered) return limit;
  const exact = await predict(model, features, { engine: "reference-float64" });
  return Math.max(limit, ROUNDING * compare(exact, answers).largestDifference);
}

/** NaN, and a different number of rows, count as infinitely different. */
function compare(
  ours: Prediction,
  theirs: Omit<ExportAnswers, "names">,
): { largestDifference: number; labelChanges: number } {
  const same =
    theirs.probabilities.length === ours.probabilities.length && theirs.classes.length === ours.classes.length;
  let largestDifference = same ? 0 : Number.POSITIVE_INFINITY;
  ours.probabilities.forEach((p, k) => {
    const difference = Math.abs(p - theirs.probabilities[k]!);
    if (!(difference <= largestDifference))
      largestDifference = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
  const labelChanges = ours.classes.reduce((sum, c, i) => sum + (c === theirs.classes[i] ? 0 : 1), 0);
  return { largestDifference, labelChanges };
}
