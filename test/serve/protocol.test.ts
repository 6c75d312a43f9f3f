// The server by the published text of the Open Inference Protocol v2 (its REST page, its OpenAPI file and the
// binary tensor data extension), written down here anew.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Serving } from "../../src/serve/serving.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { blobs } from "../training/blobs.ts";
import { numbers, pictures, post, serve, words } from "./models.ts";

let serving: Serving;
let models: Record<"numbers" | "words" | "pictures", Model>;
beforeAll(async () => {
  models = { numbers: await numbers(), words: await words(), pictures: await pictures() };
  serving = await serve(models);
});
afterAll(() => serving.stop());

const get = async (path: string) => {
  const response = await fetch(serving.url + path);
  return [response.status, await response.json()] as const;
};
type Output = {
  name: string;
  datatype: string;
  shape: number[];
  data?: unknown[];
  parameters?: { binary_data_size: number };
};
type Inferred = { model_name: string; model_version: string; id?: string; outputs: Output[]; error?: string };
const infer = async (model: string, request: object): Promise<[number, Inferred]> => {
  const response = await post(`${serving.url}/v2/models/${model}/infer`, request);
  return [response.status, (await response.json()) as Inferred];
};
const tensor = (datatype: string, shape: number[], data: unknown, name = "features") => ({
  name,
  shape,
  datatype,
  data,
});

/** Rows of four numbers, and what `predict` says of them, as `deltaprop predict` does. */
const ROWS = 5;
const features = blobs(ROWS, { stream: 7 }).features.slice() as Float64Array;
const expected = async (model: Model, X: Float64Array | Uint8Array) => {
  const { classes, probabilities } = await predict(model, X, { engine: "reference" });
  return {
    class: Array.from(classes, (c) => model.classes[c]),
    label: [...classes],
    probabilities: [...probabilities],
  };
};

test("server metadata and health have the fields of the protocol", async () => {
  expect(await get("/v2")).toEqual([
    200,
    { name: "deltaprop", version: expect.stringMatching(/^\d+\.\d+\.\d+/), extensions: ["binary_tensor_data"] },
  ]);
  expect(await get("/v2/")).toEqual(await get("/v2"));
  expect(await get("/v2/health/live")).toEqual([200, { live: true }]);
  expect(await get("/v2/health/ready")).toEqual([200, { ready: true }]);
});

test("a model's metadata name its tensors, at the versioned and the unversioned path", async () => {
  const outputs = [
    { name: "class", datatype: "BYTES", shape: [-1] },
    { name: "label", datatype: "INT64", shape: [-1] },
    { name: "probabilities", datatype: "FP64", shape: [-1, 3] },
  ];
  const about = { name: "numbers", versions: ["1"], platform: "deltaprop", outputs };
  const numbers = { ...about, inputs: [{ name: "features", datatype: "FP64", shape: [-1, 4] }] };
  expect(await get("/v2/models/numbers")).toEqual([200, numbers]);
  expect(await get("/v2/models/numbers/versions/1")).toEqual([200, numbers]);
  const [, { inputs }] = await get("/v2/models/words");
  expect(inputs.map((input: Output) => [input.name, input.datatype, input.shape])).toEqual([
    ["size", "FP64", [-1, 1]],
    ["kind", "BYTES", [-1, 1]],
    ["rank", "BYTES", [-1, 1]],
    ["on", "BOOL", [-1, 1]],
    ["day", "BYTES", [-1, 1]],
  ]);
  expect((await get("/v2/models/pictures"))[1].inputs).toEqual([
    { name: "features", datatype: "UINT8", shape: [-1, 16] },
  ]);
  expect(await get("/v2/models/numbers/ready")).toEqual([200, { name: "numbers", ready: true }]);
  expect(await get("/v2/models/numbers/versions/1/ready")).toEqual([200, { name: "numbers", ready: true }]);
});

test("an unknown model, version, path or method is 404 with an error and nothing else", async () => {
  for (const path of ["/v2/models/none", "/v2/models/numbers/versions/2", "/v2/models/none/ready", "/v1", "/v2/models"])
    expect(await get(path), path).toEqual([404, { error: expect.any(String) }]);
  expect(
    (await post(`${serving.url}/v2/models/none/infer`, { inputs: [tensor("FP64", [1, 4], [1, 2, 3, 4])] })).status,
  ).toBe(404);
  expect((await post(`${serving.url}/v2`, {})).status).toBe(404);
});

test("nested and flat data, and both paths, give the same answer: the one that predict gives, bit for bit", async () => {
  const flat = [...features];
  const nested = Array.from({ length: ROWS }, (_, i) => flat.slice(4 * i, 4 * i + 4));
  const [status, answer] = await infer("numbers", { id: "42", inputs: [tensor("FP64", [ROWS, 4], flat)] });
  expect([status, answer.model_name, answer.model_version, answer.id]).toEqual([200, "numbers", "1", "42"]);
  const own = await expected(models.numbers, features);
  expect(answer.outputs).toEqual([
    { name: "class", datatype: "BYTES", shape: [ROWS], data: own.class },
    { name: "label", datatype: "INT64", shape: [ROWS], data: own.label },
    { name: "probabilities", datatype: "FP64", shape: [ROWS, 3], data: own.probabilities },
  ]);
  expect((await infer("numbers", { inputs: [tensor("FP64", [ROWS, 4], nested)] }))[1].outputs).toEqual(answer.outputs);
  expect((await infer("numbers/versions/1", { inputs: [tensor("FP64", [ROWS, 4], flat)] }))[1].outputs).toEqual(
    answer.outputs,
  );
  const columns = ["mass", "width", "depth", "height"].map((name) => {
    const j = models.numbers.featureNames!.indexOf(name);
    return tensor(
      "FP64",
      [ROWS, 1],
      nested.map((row) => [row[j]]),
      name,
    );
  });
  expect((await infer("numbers", { inputs: columns }))[1].outputs).toEqual(answer.outputs);
});

test("only the outputs that were asked for come back, in their order, and an id only where one was given", async () => {
  const inputs = [tensor("FP64", [1, 4], [...features.slice(0, 4)])];
  const [, answer] = await infer("numbers", { inputs, outputs: [{ name: "probabilities" }, { name: "class" }] });
  expect(answer.outputs.map(({ name }) => name)).toEqual(["probabilities", "class"]);
  expect(answer).not.toHaveProperty("id");
  expect((await infer("numbers", { inputs, outputs: [{ name: "odds" }] }))[0]).toBe(400);
});

/** Numbers as they lie in binary data. */
const LAID: Readonly<Record<string, (values: number[]) => ArrayBuffer>> = {
  UINT8: (values) => Uint8Array.from(values).buffer,
  UINT16: (values) => Uint16Array.from(values).buffer,
  UINT32: (values) => Uint32Array.from(values).buffer,
  UINT64: (values) => BigUint64Array.from(values, BigInt).buffer,
  INT8: (values) => Int8Array.from(values).buffer,
  INT16: (values) => Int16Array.from(values).buffer,
  INT32: (values) => Int32Array.from(values).buffer,
  INT64: (values) => BigInt64Array.from(values, BigInt).buffer,
  FP16: (values) => Uint16Array.from(values, half).buffer,
  FP32: (values) => Float32Array.from(values).buffer,
  FP64: (values) => Float64Array.from(values).buffer,
};

/** The float16 of an integer in [0, 128), by its definition. */
function half(x: number): number {
  const power = Math.floor(Math.log2(x));
  return x === 0 ? 0 : ((power + 15) << 10) | ((x / 2 ** power - 1) * 1024);
}

describe("every numeric type, as JSON and as binary data, is the same numbers", () => {
  const values = [120, 3, 0, 77, 5, 6, 7, 100, 9, 10, 11, 12, 127, 1, 2, 3];
  test.each(Object.keys(LAID))("%s", async (datatype) => {
    const own = await expected(models.pictures, Uint8Array.from(values));
    const [status, answer] = await infer("pictures", { inputs: [tensor(datatype, [1, 4, 4], values)] });
    expect([status, answer.error]).toEqual([200, undefined]);
    expect(answer.outputs[2]!.data).toEqual(own.probabilities);
    const bytes = new Uint8Array(LAID[datatype]!(values));
    expect(await binary("pictures", datatype, [1, 16], bytes)).toEqual([own.class, own.label, own.probabilities]);
  });
});

/** Ask with one binary tensor for binary outputs; class, label and probabilities as they lie behind the JSON. */
async function binary(model: string, datatype: string, shape: number[], bytes: Uint8Array) {
  const input = { name: "features", shape, datatype, parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const response = await post(`${serving.url}/v2/models/${model}/infer`, Buffer.concat([head, bytes]), {
    "Inference-Header-Content-Length": String(head.length),
    "Content-Type": "application/octet-stream",
  });
  const body = Buffer.from(await response.arrayBuffer());
  expect(response.status, body.toString()).toBe(200);
  const length = Number(response.headers.get("inference-header-content-length"));
  const { outputs } = JSON.parse(body.subarray(0, length).toString()) as Inferred;
  let at = length;
  const parts = outputs.map(({ parameters }) => body.subarray(at, (at += parameters!.binary_data_size)));
  expect(at).toBe(body.length);
  expect(outputs.every((output) => !("data" in output))).toBe(true);
  const [classes, label, probabilities] = parts as [Buffer, Buffer, Buffer];
  const texts: string[] = [];
  for (let i = 0; i < classes.length; i += 4 + classes.readUInt32LE(i))
    texts.push(classes.subarray(i + 4, i + 4 + classes.readUInt32LE(i)).toString());
  return [
    texts,
    Array.from({ length: label.length / 8 }, (_, i) => Number(label.readBigInt64LE(8 * i))),
    Array.from({ length: probabilities.length / 8 }, (_, i) => probabilities.readDoubleLE(8 * i)),
  ];
}

test("many rows of binary FP64 answer with the bits of predict", async () => {
  const own = await expected(models.numbers, features);
  const answer = await binary("numbers", "FP64", [ROWS, 4], new Uint8Array(features.buffer));
  expect(answer).toEqual([own.class, own.label, own.probabilities]);
});

test("binary_data of an output decides for it, whatever binary_data_output says", async () => {
  const inputs = [tensor("FP64", [1, 4], [...features.slice(0, 4)])];
  const outputs = [{ name: "class", parameters: { binary_data: false } }, { name: "label" }];
  const response = await post(`${serving.url}/v2/models/numbers/infer`, {
    inputs,
    outputs,
    parameters: { binary_data_output: true },
  });
  const length = Number(response.headers.get("inference-header-content-length"));
  const body = Buffer.from(await response.arrayBuffer());
  const answer = JSON.parse(body.subarray(0, length).toString()) as Inferred;
  expect(answer.outputs.map(({ data, parameters }) => [data !== undefined, parameters?.binary_data_size])).toEqual([
    [true, undefined],
    [false, 8],
  ]);
});

test("a table with words takes BYTES for its texts, as JSON and as binary, BOOL, and null for what is missing", async () => {
  const rows = [
    { size: 0.5, kind: "ü", rank: "low", on: true, day: "2026-03-11" },
    { size: -1, kind: null, rank: "high", on: false, day: "2026-08-02" },
  ];
  const datatypes = { size: "FP64", kind: "BYTES", rank: "BYTES", on: "BOOL", day: "BYTES" } as const;
  const names = Object.keys(datatypes) as (keyof typeof datatypes)[];
  const inputs = names.map((name) =>
    tensor(
      datatypes[name],
      [2],
      rows.map((row) => row[name]),
      name,
    ),
  );
  const [status, answer] = await infer("words", { inputs });
  expect([status, answer.error]).toEqual([200, undefined]);
  const named = (await (await post(`${serving.url}/predict/words`, rows)).json()) as { rows: { class: string }[] };
  expect(answer.outputs[0]!.data).toEqual(named.rows.map((row) => row.class));
  const texts = Buffer.concat(
    ["ü", ""].flatMap((text) => {
      const bytes = Buffer.from(text);
      return [Buffer.from(Uint32Array.of(bytes.length).buffer), bytes];
    }),
  );
  const mixed = inputs.map((input) => {
    const { data, ...rest } = input;
    return input.name === "kind" ? { ...rest, parameters: { binary_data_size: texts.length } } : { ...rest, data };
  });
  const head = Buffer.from(JSON.stringify({ inputs: mixed }));
  const response = await post(`${serving.url}/v2/models/words/infer`, Buffer.concat([head, texts]), {
    "inference-header-content-length": String(head.length),
  });
  expect(((await response.json()) as Inferred).outputs).toEqual(answer.outputs);
});
