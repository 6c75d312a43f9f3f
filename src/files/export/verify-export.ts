// Holding an export against its model: the bytes of a file, run in some way, must answer a number of examples as the
// model does. Pure: how a file is run, and where it is written, are given.
import type { Dataset } from "../../data/dataset.ts";
import { EnvironmentFailure, NumericalStop } from "../../errors.ts";
import { type Prediction, predict } from "../../training/evaluate.ts";
import type { Model } from "../../training/model.ts";
import type { ExportCheck } from "../model/metadata.ts";

export type ExportFeatures = Dataset["features"];

/** What the classes are called; class and probabilities of every row [n×C]. */
export type Answers = {
  readonly names: readonly string[];
  readonly classes: ArrayLike<number>;
  readonly probabilities: ArrayLike<number>;
};
export type Rerun = { readonly runner: string; readonly answers: Answers };

/** A format: how it is written, how it is run again, and what its answers may differ by. */
export type ExportFormat = {
  readonly encode: (
    model: Model,
    checked?: ExportCheck,
  ) => Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | string;
  readonly rerun: (bytes: Uint8Array, features: ExportFeatures, cols: number) => Promise<Rerun>;
  readonly limit: number; //                           of the difference of a probability
  readonly reordered?: true; //                        its sums run in an order of its own
  readonly exactly?: (model: Model) => Model; //       the model whose very bits the file must give
};

/** Answers of a model that was read back. */
export const readBack =
  (decode: (bytes: Uint8Array) => Model | Promise<Model>): ExportFormat["rerun"] =>
  async (bytes, features) => {
    const model = await decode(bytes);
    const answers = { ...(await predict(model, features)), names: model.classes };
    return { runner: "this library, read back", answers };
  };

/** What an export is run again on, what the model answers, and how to name the rows. */
export type ExportExamples = { readonly features: ExportFeatures; readonly answers: Prediction; readonly said: string };

/**
 * The file of `model`, with what came out when its bytes were run noted inside. Raises NumericalStop EXPORT_DIFFERS
 * where an answer is off.
 */
export async function encodeAgreed(
  form: ExportFormat,
  file: string,
  model: Model,
  examples: ExportExamples,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly checked: ExportCheck }> {
  const first = await run(form, file, model, examples, asBytes(await form.encode(model)));
  const limit = first.largestDifference > form.limit ? await widened(form, model, examples) : form.limit;
  refuseDifferent(file, first, limit);
  const checked = { ...first, limit, data: examples.said, examples: examples.answers.classes.length };
  return { bytes: asBytes(await form.encode(model, checked)), checked };
}

/** Raises NumericalStop EXPORT_DIFFERS unless `bytes` answer within `limit` as the model does. */
export async function mustAgree(
  form: ExportFormat,
  file: string,
  model: Model,
  examples: ExportExamples,
  bytes: Uint8Array,
  limit: number,
): Promise<void> {
  refuseDifferent(file, await run(form, file, model, examples, bytes), limit);
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

/** Run the bytes of a file and hold its answers against the model's. */
async function run(
  form: ExportFormat,
  file: string,
  model: Model,
  { features, answers: ours }: ExportExamples,
  bytes: Uint8Array,
): Promise<Figures> {
  const { runner, answers } = await form.rerun(bytes, features, model.network.layers[0]!).catch((cause: Error) => {
    if (cause instanceof EnvironmentFailure) throw cause;
    throw differs(file, `the export does not run: ${cause.message}`);
  });
  if (JSON.stringify(answers.names) !== JSON.stringify(model.classes))
    throw differs(file, "the export does not have the class names");
  if (form.exactly && compare(await predict(form.exactly(model), features), answers).largestDifference > 0)
    throw differs(file, `${runner} does not give the bits that the file's own weights give`);
  return { runner, ...compare(ours, answers) };
}

const ROUNDING = 4; // another order of the sums errs about as ours does; both count, and one run is one sample

/** The limit where sums run in another order: never less than this network's own rounding, measured against float64. */
async function widened(
  { limit, reordered }: ExportFormat,
  model: Model,
  { features, answers }: ExportExamples,
): Promise<number> {
  if (!reordered) return limit;
  const exact = await predict(model, features, { engine: "reference-float64" });
  return Math.max(limit, ROUNDING * compare(exact, answers).largestDifference);
}

/** NaN, and answers of another number, count as infinitely different. */
function compare(
  ours: Prediction,
  theirs: Omit<Answers, "names">,
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
