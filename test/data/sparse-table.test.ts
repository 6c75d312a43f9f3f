// LIBSVM files that stay as sparse as they are, beside the same files read whole.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { contentHash } from "../../src/data/content-hash.ts";
import type { Source } from "../../src/data/dataset.ts";
import { fromRows } from "../../src/data/from-rows.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { type ReadFilesOptions, readSource } from "../../src/data/read-files.ts";
import { fitScaling, inputsOf, ScaledRows } from "../../src/data/scaling.ts";
import { rowsOf, storeOf } from "../../src/data/stored/row-store.ts";
import { SparseRows } from "../../src/data/stored/sparse-rows.ts";
import { windowOf } from "../../src/engines/paged-session.ts";
import type { InvalidInput } from "../../src/errors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { evaluate } from "../../src/training/evaluate.ts";
import { columnsOf } from "../../src/training/model.ts";
import { train } from "../../src/training/trainer.ts";

const random = new Random(11, 1);
const [N, D] = [1100, 1000];
/** Some entries a row, of them one that is 0 and one that float32 has not. */
const lines = Array.from({ length: N }, (_, i) => {
  const places = new Set([1 + random.integer(D), 1 + random.integer(D), 1 + random.integer(D), i === 0 ? D : 7]);
  const pairs = [...places].sort((a, b) => a - b).map((j, k) => `${j}:${k === 0 ? 0 : k === 1 ? 0.1 + i : k}`);
  return `${i % 3 === 0 ? -1 : 1} ${pairs.join(" ")}`;
});
const read = (text: string, options: ReadFilesOptions = {}, name = "t.libsvm") =>
  readSource(memoryFiles([{ name, bytes: new Uint8Array(Buffer.from(text)) }]), [name], options);
const hashed = ({ train: data }: Source) => {
  const hash = createHash("sha256");
  return contentHash(data, {
    update: (bytes) => void hash.update(bytes),
    digest: async () => hash.digest("hex"),
  });
};
const whole = { onRow: () => {} }; // who wants to see each row is given it whole

test("a table of many zeros is not made whole, and is the table that it would be", async () => {
  const text = `${lines.join("\n")}\n`;
  const [sparse, dense] = [await read(text), await read(text, whole)];
  expect(storeOf(sparse.train)).toBeInstanceOf(SparseRows);
  expect(storeOf(dense.train)).not.toBeInstanceOf(SparseRows);
  expect((storeOf(sparse.train) as SparseRows).cells.values.length).toBeLessThan(5 * N);
  expect(await hashed(sparse)).toBe(await hashed(dense));
  expect(sparse.warnings).toEqual(dense.warnings);
  expect(sparse.table?.labelName).toBe(dense.table?.labelName);
  const about = ({ table }: Source) =>
    table!.columns.map(({ name, position, role, kind, why, example }) => ({
      name,
      position,
      role,
      kind,
      why,
      example,
    }));
  expect(about(sparse)).toEqual(about(dense));
  const few = Uint32Array.of(5, 0, 5);
  expect(rowsOf(sparse.train, few)).toEqual(Float64Array.from(rowsOf(dense.train, few)));
});

test("training and testing on it have the bits of the table made whole, also a few rows at a time", async () => {
  const text = `${lines.slice(0, 1060).join("\n")}\n`;
  const [sparse, dense] = [await read(text), await read(text, whole)];
  const run = (source: Source, room?: number) =>
    train(defineNetwork([D, 6, 2]), source.train, {
      epochs: 2,
      batchSize: 50,
      engine: "wasm",
      threads: 1,
      room,
      scaling: "standardize",
    });
  const own = await run(dense);
  for (const room of [undefined, 2 ** 20]) {
    const { parametersSha256, model } = await run(sparse, room);
    expect(parametersSha256).toBe(own.parametersSha256);
    expect(await evaluate(model, sparse.train, { room })).toEqual(await evaluate(own.model, dense.train));
  }
  // what a later file leaves out is 0, and what training had not is left out
  const later = `1 7:3 ${D}:2 4000:1\n-1 8:1\n`;
  const asked = await read(later, { known: columnsOf(own.model), classes: own.model.classes });
  expect(asked.train).toMatchObject({ rows: 2, cols: D, labels: Int32Array.of(1, 0) });
  const first = [...rowsOf(asked.train, Uint32Array.of(0))];
  expect([first[6], first[D - 1], first.reduce((sum, x) => sum + x, 0)]).toEqual([3, 2, 5]);
});

test("what cannot be read of it is refused as of any other", async () => {
  const refusal = (more: string, options = {}) =>
    read(`${lines.join("\n")}\n${more}\n`, options).then(
      () => "it was read",
      (error: InvalidInput) => `${error.code} ${error.at}: ${error.reason}`,
    );
  expect(await refusal("1 3:1e999")).toBe(
    'BAD_LIBSVM row 1101 column 3 (3): the number "Infinity" is too large for float32.',
  );
  expect(await refusal("5 3:1", { classes: ["-1", "1"], label: "label" })).toMatch(
    /^BAD_LIBSVM row 1101 column 1001 \(label\): the label must be one of the classes/,
  );
});

test("without a scaling that is asked for, each column is divided by its largest size and 0 stays 0", async () => {
  const { train: data } = await read(`${lines.join("\n")}\n`);
  const scaling = fitScaling(data);
  const all = rowsOf(
    data,
    Uint32Array.from({ length: N }, (_, i) => i),
  );
  const largest = Float64Array.from({ length: D }, (_, j) => {
    let most = 0;
    for (let i = 0; i < N; i++) most = Math.max(most, Math.abs(all[i * D + j]!));
    return most === 0 ? 1 : most;
  });
  expect(scaling).toEqual({ kind: "standardize", mean: new Float64Array(D), deviation: largest });
  expect(fitScaling(data, "none")).toEqual({ kind: "none" });
});

test("thousands of levels have an input each, made a window at a time, and rare ones are one", () => {
  const [levels, each] = [1500, 10];
  const rows = Array.from({ length: levels * each + 30 }, (_, i) => {
    const level = i < levels * each ? i % levels : levels + (i % 7); // seven rare ones
    return { city: `c${level}`, kind: level % 2 === 0 ? "even" : "odd" };
  });
  const data = fromRows(rows, { label: "kind" });
  const scaling = fitScaling(data);
  expect(inputsOf(scaling, data.cols)).toBe(levels + 1);
  const scaled = new ScaledRows(data, scaling);
  const setup = { network: defineNetwork([levels + 1, 4, 2]), batchSize: 100, features: scaled };
  expect(scaled.rows * (levels + 1) * 4).toBeLessThan(2 ** 30);
  expect(windowOf(setup)).toBeUndefined();
  expect(
    windowOf({ ...setup, features: Object.create(scaled, { rows: { value: 100 * scaled.rows } }) }),
  ).toBeGreaterThan(1000);
});
