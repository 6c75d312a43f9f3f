// Node only. Writing a model in another format, and saying so only after the file has answered 1,000 examples as the model does.
import { readFile, rm } from "node:fs/promises";
import type { Dataset } from "../data/dataset.ts";
import { EnvironmentFailure, InvalidInput, NumericalStop } from "../errors.ts";
import { parameterCount } from "../network/network.ts";
import { type Prediction, predict } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import { writeDurably } from "./durable.ts";
import { halved } from "./half.ts";
import { encodeModule } from "./js-module.ts";
import { decodeModel, encodeModel } from "./model.ts";
import { decodeModelJson, encodeModelJson } from "./model-json.ts";
import type { Checked } from "./notes.ts";
import { encodeOnnx } from "./onnx.ts";
import { type Answers, type Rerun, rerunModule, rerunOnnx } from "./rerun.ts";
import { readIfThere } from "./run-folder.ts";

export type Features = Dataset["features"];

/** A format: how it is written, how it is run again, and what its answers may differ by. */
export type Form = {
  readonly encode: (model: Model, checked?: Checked) => Promise<Uint8Array> | Uint8Array | string;
  readonly rerun: (bytes: Uint8Array, features: Features, cols: number) => Promise<Rerun>;
  readonly limit: number; //                           of the difference of a probability
  readonly reordered?: true; //                        its sums run in an order of its own
  readonly exactly?: (model: Model) => Model; //       the model whose very bits the file must give
};

/** Answers of a model that was read back. */
const readBack =
  (decode: (bytes: Uint8Array) => Model | Promise<Model>): Form["rerun"] =>
  async (bytes, features) => {
    const model = await decode(bytes);
    const answers = { ...(await predict(model, features)), names: model.classes };
    return { runner: "this library, read back", answers };
  };

export const FORMS = {
  onnx: { encode: encodeOnnx, rerun: rerunOnnx, limit: 1e-6, reordered: true },
  safetensors: { encode: encodeModel, rerun: readBack(async (bytes) => (await decodeModel(bytes)).model), limit: 0 },
  module: {
    encode: (model, checked) => encodeModule(model, { ...(checked && { checked }) }),
    rerun: rerunModule,
    limit: 0,
  },
  "16-bit module": {
    encode: (model, checked) => encodeModule(model, { half: true, ...(checked && { checked }) }),
    rerun: rerunModule,
    limit: 0.01,
    exactly: halved,
  },
  json: {
    encode: encodeModelJson,
    rerun: readBack((bytes) => decodeModelJson(new TextDecoder().decode(bytes))),
    limit: 0,
  },
} satisfies Record<string, Form>;

/** What an export is run again on, what the model answers, and how to name the rows. */
export type Examples = { readonly features: Features; readonly answers: Prediction; readonly said: string };

/** Examples that one check takes: 1,000, fewer only where the network has more than 2²⁴ parameters. */
export function exampleCount({ network }: Model): number {
  return Math.min(1000, Math.max(1, Math.floor(2 ** 34 / parameterCount(network))));
}

/**
 * Write `model` to `file`: encode, run the bytes, note inside what came out, write durably, and run what then stands on the disk. A file
 * that is there already is kept if it is the same, else InvalidInput OUT_TAKEN. Raises NumericalStop EXPORT_DIFFERS where an answer is
 * off, and leaves no file then.
 */
export async function exportModel(form: Form, file: string, model: Model, examples: Examples): Promise<Checked> {
  const first = await run(form, file, model, examples, asBytes(await form.encode(model)));
  const limit = first.largestDifference > form.limit ? await widened(form, model, examples) : form.limit;
  refuseDifferent(file, first, limit);
  const checked = { ...first, limit, data: examples.said, examples: examples.answers.classes.length };
  await writeOnce(file, asBytes(await form.encode(model, checked)));
  try {
    refuseDifferent(file, await run(form, file, model, examples, await readFile(file)), limit);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return checked;
}

/** Write a file that must not replace a different one. */
export async function writeOnce(file: string, content: Uint8Array | string): Promise<void> {
  const bytes = asBytes(content);
  const there = await readIfThere(file);
  if (there?.equals(bytes)) return;
  if (there)
    throw new InvalidInput("OUT_TAKEN", "a different file is there. Remove it, or choose another name.", { file });
  await writeDurably(file, bytes);
}

const asBytes = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

const differs = (file: string, what: string): NumericalStop =>
  new NumericalStop("EXPORT_DIFFERS", `${what}. The file was not kept.`, { file });

type Figures = Pick<Checked, "runner" | "largestDifference" | "labelChanges">;

function refuseDifferent(file: string, { runner, largestDifference, labelChanges }: Figures, limit: number): void {
  if (largestDifference <= limit && labelChanges === 0) return;
  const off = `a probability is off by ${largestDifference.toPrecision(3)} (limit ${limit.toPrecision(3)})`;
  throw differs(file, `in ${runner} ${off} and ${labelChanges} classes change`);
}

/** Run the bytes of a file and hold its answers against the model's. */
async function run(
  form: Form,
  file: string,
  model: Model,
  { features, answers: ours }: Examples,
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
async function widened({ limit, reordered }: Form, model: Model, { features, answers }: Examples): Promise<number> {
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
