// An inference request of the Open Inference Protocol to its response, in JSON or with the binary data extension.
import { must, show } from "../errors.ts";
import { type GivenTensor, readTensors } from "./read-tensors.ts";
import type { OutputName, RowAnswers, ServedModel, TensorInfo } from "./served-model.ts";
import { writeTexts } from "./tensor-types.ts";

/** The JSON of a request, checked by its schema. */
export type InferRequest = {
  readonly id?: string | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly inputs: readonly GivenTensor[];
  readonly outputs?: readonly WantedOutput[] | undefined;
};

type WantedOutput = { readonly name: string; readonly parameters?: Readonly<Record<string, unknown>> | undefined };

/** A response: JSON, and binary data behind it where some were asked for. */
export type InferResponse = { readonly json: string; readonly tail: Uint8Array | undefined };

/** Answer `request`, whose binary data are `tail`. Raises InvalidInput or Busy. */
export async function infer(served: ServedModel, request: InferRequest, tail: Uint8Array): Promise<InferResponse> {
  const wanted = wantedOutputs(served, request);
  const rows = served.rowsOf(readTensors(request.inputs, tail, served.maxElements));
  const answers = await served.answer(rows);
  const parts: Uint8Array[] = [];
  const outputs = wanted.map(({ info, binary }) => {
    const { name, datatype } = info;
    const shape = info.shape.map((size) => (size < 0 ? answers.rows : size));
    if (!binary) return { name, datatype, shape, data: dataOf(served, name, answers) };
    const bytes = bytesOf(served, name, answers);
    parts.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const { name, version } = served;
  const { id } = request;
  const json = JSON.stringify({ model_name: name, model_version: version, id, outputs });
  return { json, tail: parts.length > 0 ? Buffer.concat(parts) : undefined };
}

function wantedOutputs(
  served: ServedModel,
  { outputs = [], parameters }: InferRequest,
): { readonly info: TensorInfo & { readonly name: OutputName }; readonly binary: boolean }[] {
  const all = parameters?.binary_data_output === true;
  const asked: readonly WantedOutput[] = outputs.length > 0 ? outputs : served.outputs;
  const names = asked.map(({ name }) => name);
  must(new Set(names).size === names.length, "the outputs", "named once each", names);
  return asked.map((output) => {
    const info = served.outputs.find(({ name }) => name === output.name);
    if (info === undefined) {
      const known = served.outputs.map(({ name }) => show(name)).join(" or ");
      must(false, "an output", known, output.name);
    }
    const binary = "parameters" in output ? output.parameters?.binary_data : undefined;
    return { info, binary: binary === undefined ? all : binary === true };
  });
}

function dataOf({ model }: ServedModel, name: OutputName, { labels, probabilities }: RowAnswers) {
  if (name === "class") return Array.from(labels, (c) => model.classes[c]!);
  return Array.from(name === "label" ? labels : probabilities);
}

function bytesOf({ model }: ServedModel, name: OutputName, { labels, probabilities }: RowAnswers): Uint8Array {
  if (name === "class") return writeTexts(Array.from(labels, (c) => model.classes[c]!));
  if (name === "probabilities") return new Uint8Array(probabilities.buffer);
  return new Uint8Array(BigInt64Array.from(labels, BigInt).buffer);
}
