// Small models of each kind, and a server of them.
import { fit } from "../../src/classifier/fit.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { fromRows } from "../../src/data/from-rows.ts";
import { Random } from "../../src/numerics/random.ts";
import { type ServeOptions, type Serving, startServing } from "../../src/serve/serving.ts";
import type { Model } from "../../src/training/model.ts";
import { blobs } from "../training/blobs.ts";

const FEW = { hidden: [6], epochs: 3, engine: "wasm", threads: 1 } as const;

/** Four columns of numbers with names, three classes. */
export async function numbers(seed = 1): Promise<Model> {
  const { features, labels, cols, classes } = blobs(60);
  const rows = Array.from(labels, (_, i) => features.slice(i * cols, (i + 1) * cols) as Float64Array);
  const y = Array.from(labels, (c) => classes[c]!);
  const data = fromArrays(rows, y, { columns: ["width", "height", "depth", "mass"] });
  return (await fit(data, { ...FEW, seed })).model;
}

/** A number, a word, a rank, a yes and a date; two classes. */
export async function words(): Promise<Model> {
  const random = new Random(3, 92);
  const kinds = ["a", "b", "ü"];
  const rows = Array.from({ length: 80 }, (_, i) => ({
    size: random.normal(),
    kind: i % 7 === 0 ? null : kinds[random.integer(3)],
    rank: ["low", "high"][random.integer(2)],
    on: random.integer(2) === 1,
    day: `2026-0${1 + random.integer(9)}-1${random.integer(9)}`,
    sort: i % 2 === 0 ? "even" : "odd",
  }));
  const data = fromRows(rows, { label: "sort", ordinal: { rank: ["low", "high"] } });
  return (await fit(data, FEW)).model;
}

/** Numbers to learn, with quantiles; labels to learn. */
export async function values(task: "regress" | "multilabel"): Promise<Model> {
  const random = new Random(6, 94);
  const X = Array.from({ length: 60 }, () => [random.normal(), random.normal()]);
  const y = X.map(([a, b]) => (task === "regress" ? [100 + 5 * a!, a! - b!] : [Number(a! > 0), Number(b! > a!)]));
  const loss = task === "regress" ? ({ name: "quantile", levels: [0.1, 0.5] } as const) : "sigmoid-cross-entropy";
  const data = fromArrays(X, y, { task, classes: ["first", "second"] });
  return (await fit(data, { ...FEW, loss })).model;
}

/** Pictures of 4 × 4 bytes. */
export async function pictures(): Promise<Model> {
  const random = new Random(4, 93);
  const X = Uint8Array.from({ length: 60 * 16 }, () => random.integer(256));
  const y = Array.from({ length: 60 }, (_, i) => i % 3);
  return (await fit(fromArrays(X, y, { image: { height: 4, width: 4 } }), FEW)).model;
}

/** A server of `models` on a free port of the loopback. */
export function serve(models: Readonly<Record<string, Model>>, options: Partial<ServeOptions> = {}): Promise<Serving> {
  return startServing(Object.entries(models), { host: "127.0.0.1", port: 0, batchMs: 2, maxBatch: 64, ...options });
}

/** The answer to a POST of JSON, or of bytes. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const bytes = body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
  return fetch(url, { method: "POST", body: bytes, headers });
}
