// Node only. Runners of exported files as their users run them: ONNX in onnxruntime, a module in a worker thread.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Column } from "../../data/columns.ts";
import { EnvironmentFailure } from "../../errors.ts";
import { answersIn, evaluateOnnx, inputValues, readOnnx } from "./onnx-reader.ts";
import { rawRows } from "./raw-rows.ts";
import type { ExportAnswers, ExportFeatures, RunnerResult } from "./verify-export.ts";

/** An ONNX file in the onnxruntime of the working directory or beside this package; without one, by onnx-reader.ts. */
export async function runOnnx(
  bytes: Uint8Array,
  features: ExportFeatures,
  cols: number,
  columns?: readonly Column[],
): Promise<RunnerResult> {
  const installed = await findRuntime();
  if (!installed) return evaluateOnnx(bytes, features, cols, columns);
  const { runtime, name } = installed;
  const graph = readOnnx(bytes);
  const rows = features.length / cols;
  const session = await runtime.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const inputs = inputValues(graph, features, columns).map(({ name, type, values }) => {
    const data = type === BOOL ? Uint8Array.from(values as Float64Array) : values;
    return [name, new runtime.Tensor(TENSOR_TYPE[type]!, data, [rows, values.length / rows])] as const;
  });
  const found = await session.run(Object.fromEntries(inputs));
  await session.release();
  const all = (output: string) =>
    Array.from((found[output]?.data ?? []) as ArrayLike<number | bigint | string>, (x) =>
      typeof x === "bigint" ? Number(x) : x,
    );
  return { runner: name, answers: answersIn(graph, all) };
}

const BOOL = 9;
/** onnxruntime's words for TensorProto.DataType. */
const TENSOR_TYPE: Readonly<Record<number, string>> = { 1: "float32", 8: "string", [BOOL]: "bool", 11: "float64" };

/** The part of onnxruntime's interface that we use; its packages are no dependencies of ours. */
type Runtime = {
  readonly env: { readonly versions: Readonly<Record<string, string>>; readonly wasm: { numThreads?: number } };
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: { logSeverityLevel: number },
    ): Promise<{
      run(inputs: Record<string, unknown>): Promise<Record<string, { readonly data: unknown }>>;
      release(): Promise<void>;
    }>;
  };
  readonly Tensor: new (
    type: string,
    data: Float32Array | Float64Array | Uint8Array | readonly string[],
    dims: readonly number[],
  ) => unknown;
};

async function findRuntime(): Promise<{ runtime: Runtime; name: string } | undefined> {
  for (const from of [pathToFileURL(join(process.cwd(), "here")), import.meta.url])
    for (const name of ["onnxruntime-node", "onnxruntime-web"]) {
      let path: string;
      try {
        path = createRequire(from).resolve(name);
      } catch {
        continue; // not installed there
      }
      try {
        const module = (await import(pathToFileURL(path).href)) as Runtime & { default?: Runtime };
        const runtime = module.default ?? module;
        runtime.env.wasm.numThreads = 1; // more would keep the process alive
        return { runtime, name: `${name} ${runtime.env.versions.web ?? runtime.env.versions.node ?? ""}`.trimEnd() };
      } catch (cause) {
        const reason = `${name} is installed but does not start: ${(cause as Error).message}. Mend or remove it.`;
        throw new EnvironmentFailure("RUNTIME_BROKEN", reason, { file: path }, { cause });
      }
    }
  return undefined;
}

/** In a worker: the module from its text, every row through `predict`, one message back. */
const WORKER = `
const { parentPort, workerData: { url, features, cols, rows, columns } } = require("node:worker_threads");
const named = (row) => Object.fromEntries(row.map((cell, j) => [columns[j], cell]));
import(url).then(({ predict, classes: names }) => {
  const answers = [];
  if (rows) for (const [i, row] of rows.entries()) answers.push(predict(i % 2 ? row : named(row)));
  else for (let at = 0; at < features.length; at += cols) answers.push(predict(features.subarray(at, at + cols)));
  const flat = (of) => answers.flatMap((answer) => names.flatMap((name) => answer[of][name]));
  const [{ labels, quantiles, deviations }] = answers;
  if (labels) {
    const values = flat("values");
    const there = answers.flatMap((answer) => names.map((name) => answer.labels.includes(name)));
    if (there.includes(true) && there.some((is, k) => is !== values[k] >= 0.5))
      throw new Error("labels that are not those of the probabilities");
    parentPort.postMessage({
      names,
      values,
      ...(quantiles && { quantiles: flat("quantiles") }),
      ...(deviations && { deviations: flat("deviations") }),
    });
  } else parentPort.postMessage({
    names,
    classes: answers.map((answer) => answer.class),
    probabilities: answers.flatMap((answer) => [...answer.probabilities]),
  });
});`;

/**
 * A module in a worker thread, imported from its text, so that no package.json nearby decides its type. Of a table
 * every other row is an object.
 */
export async function runModule(
  bytes: Uint8Array,
  features: ExportFeatures,
  cols: number,
  columns?: readonly Column[],
): Promise<RunnerResult> {
  const url = `data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`;
  const table = columns && { rows: rawRows(features, columns), columns: columns.map(({ name }) => name) };
  const worker = new Worker(WORKER, { eval: true, workerData: table ? { url, ...table } : { url, features, cols } });
  const answers = await new Promise<ExportAnswers>((resolve, reject) => {
    worker.on("message", resolve).on("error", reject);
    worker.on("exit", () => reject(new Error("the worker ended without an answer")));
  });
  return { runner: `a worker thread of Node ${process.versions.node}`, answers };
}
