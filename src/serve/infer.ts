// An inference request of the Open Inference Protocol to its response, in JSON or with the binary data extension.
import { must, show } from "../errors.ts";
import { giveBackNumbers } from "./flat-numbers.ts";
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
  const answering = served.answer(rows); // has read the rows
  for (const { data } of request.inputs) giveBackNumbers(data);
  const answers = await answering;
  const parts: Uint8Array[] = [];
  let outputs = "";
  for (const { info, binary } of wanted) {
    const { name, datatype } = info;
    const shape = [rows.length, ...info.shape.slice(1)].join();
    outputs += `${outputs && ","}{"name":"${name}","datatype":"${datatype}","shape":[${shape}],`;
    if (binary) {
      const bytes = bytesOf(served, answers, name, rows.length);
      parts.push(bytes);
      outputs += `"parameters":{"binary_data_size":${bytes.length}}}`;
    } else outputs += `"data":${JSON.stringify(dataOf(served, answers, name, rows.length))}}`;
  }
  const id = request.id === undefined ? "" : `"id":${JSON.stringify(request.id)},`;
  const json = `{${served.said},${id}"outputs":[${outputs}]}`;
  return { json, tail: parts.length > 0 ? Buffer.concat(parts) : undefined };
}

function wantedOutputs(
  served: ServedModel,
  { outputs = [], parameters }: InferRequest,
): { readonly info: TensorInfo & { readonly name: OutputName }; readonly binary: boolean }[] {
  const all = parameters?.binary_data_output === true;
  if (outputs.length === 0) return served.outputs.map((info) => ({ info, binary: all }));
  const names = outputs.map(({ name }) => name);
  must(new Set(names).size === names.length, "the outputs", "named once each", names);
  return outputs.map((output) => {
    const info = served.outputs.find(({ name }) => name === output.name);
    if (info === undefined) {
      const known = served.outputs.map(({ name }) => show(name)).join(" or ");
      must(false, "an output", known, output.name);
    }
    const binary = output.parameters?.binary_data;
    return { info, binary: binary === undefined ? all : binary === true };
  });
}

function dataOf({ model }: ServedModel, answers: RowAnswers, name: OutputName, rows: number): unknown[] {
  const { numbers, from, to } = numbersOf(answers, name, rows);
  const data: unknown[] = [];
  for (let k = from; k < to; k++) {
    const x = numbers[k]!;
    data.push(name === "class" ? model.classes[x] : name === "labels" ? x >= HALF : x);
  }
  return data;
}

function bytesOf({ model }: ServedModel, answers: RowAnswers, name: OutputName, rows: number): Uint8Array {
  const { numbers: all, from, to } = numbersOf(answers, name, rows);
  const numbers = all.subarray(from, to);
  if (name === "class") return writeTexts(Array.from(numbers, (c) => model.classes[c]!));
  if (name === "label") return new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);
  if (name === "labels") return Uint8Array.from(numbers, (p) => Number(p >= HALF));
  return new Uint8Array(Float64Array.from(numbers).buffer);
}

const HALF = 0.5; // from here a label is there

/** What an output is made of, from place `from` to `to`: indices of classes, or its own numbers. */
function numbersOf({ answers, first, of }: RowAnswers, name: OutputName, rows: number) {
  const numbers = namedNumbers(name, answers);
  const each = numbers.length / of;
  return { numbers, from: first * each, to: (first + rows) * each };
}

function namedNumbers(name: OutputName, prediction: RowAnswers["answers"]): Int32Array | Float64Array {
  if ("classes" in prediction) return name === "probabilities" ? prediction.probabilities : prediction.classes;
  const { values, quantiles, deviations } = prediction;
  return name === "quantiles" ? quantiles! : name === "deviations" ? deviations! : values;
}
