// Reads a JSON line { X, y, Z, options, task } each: fits on X and y, prints the answers for Z as a JSON list of rows.
import { createInterface } from "node:readline";
import { fit, fromArrays } from "../src/index.ts";

const LOSS = { regress: "squared-error", multilabel: "sigmoid-cross-entropy" } as const;

for await (const line of createInterface({ input: process.stdin })) {
  const { X, y, Z, options, task } = JSON.parse(line) as {
    readonly X: number[][];
    readonly y: number[][];
    readonly Z: number[][];
    readonly options: Record<string, unknown>;
    readonly task: keyof typeof LOSS;
  };
  using model = await fit(fromArrays(X, y, { task }), { loss: LOSS[task], ...options });
  const { values, names } = await model.predictMany(Z);
  const rows = Z.map((_, i) => [...values.subarray(i * names.length, (i + 1) * names.length)]);
  process.stdout.write(`${JSON.stringify(rows)}\n`);
}
