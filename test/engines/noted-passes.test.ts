// Passes as lists of calls: what backprop.ts calls is noted once for each batch, data set, slice and optimizer.
import { expect, test } from "vitest";
import { findAddon } from "../../src/engines/native/addon.ts";
import { nativeBackend } from "../../src/engines/native/native-backend.ts";
import { KINDS } from "../../src/engines/native/registered-calls.ts";
import { NotedPasses } from "../../src/engines/noted-passes.ts";
import { prepare } from "../../src/engines/prepare.ts";
import { referenceBackend } from "../../src/engines/reference-backend.ts";
import { type RowDraws, rowStages } from "../../src/gradients/backprop.ts";
import type { Kernels } from "../../src/gradients/kernels.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { weightSlice } from "../../src/network/slices.ts";

const setup = {
  network: defineNetwork([6, 5, 4, 3]),
  batchSize: 4,
  features: Float32Array.from({ length: 8 * 6 }, (_, i) => i / 50),
};
const { plan } = prepare(referenceBackend, setup, 1, false);

/** Kernels that only write down what is called, with places: [name, place] of gather and of updates. */
function writing(canNote: boolean) {
  const log: string[] = [];
  const at =
    (name: string) =>
    (...values: readonly unknown[]) =>
      void log.push(`${name} ${values.at(-1)}`);
  const plain = (name: string) => () => void log.push(name);
  const kernels: Kernels = {
    gather: at("gather"),
    dense: plain("dense"),
    activate: plain("activate"),
    outputDelta: plain("outputDelta"),
    backpropagate: plain("backpropagate"),
    weightGradient: plain("weightGradient"),
    biasGradient: plain("biasGradient"),
    update: at("update"),
    updateWeights: at("updateWeights"),
  };
  const note: NonNullable<Kernels["note"]> = (work) => {
    log.push("(");
    work();
    log.push(")");
    return (place) => void log.push(`list ${place}`);
  };
  return { log, passes: new NotedPasses(canNote ? { ...kernels, note } : kernels) };
}

test("a row pass is noted at place 0, once for each batch and data set, and run at its place", () => {
  const { log, passes } = writing(true);
  passes.rowPass(plan.batch, plan.examples, 8, undefined);
  const once = ["(", "gather 0", "dense", "dense", "dense", "outputDelta", "backpropagate", "backpropagate", ")"];
  expect(log).toEqual([...once, "list 8"]);
  passes.rowPass(plan.batch, plan.examples, 12, undefined);
  expect(log).toEqual([...once, "list 8", "list 12"]);
  passes.rowPass(plan.batch, { ...plan.examples }, 4, undefined);
  expect(log).toEqual([...once, "list 8", "list 12", ...once, "list 4"]);
});

test("a weight pass is noted once for each slice and optimizer", () => {
  const { log, passes } = writing(true);
  const slice = weightSlice(plan, 4, 0, 1);
  passes.weightPass(slice, "sgd", 100);
  passes.weightPass(slice, "sgd", 110);
  expect(log.filter((line) => line.startsWith("list"))).toEqual(["list 100", "list 110"]);
  expect(log.filter((line) => line === "updateWeights 0")).toHaveLength(3);
  passes.weightPass(slice, "adam", 120);
  expect(log.filter((line) => line === "(")).toHaveLength(2);
  expect(log.at(-1)).toBe("list 120");
});

test("without an engine that notes, with draws, and where stages are counted, the calls are made each time", () => {
  const plain = writing(false);
  plain.passes.rowPass(plan.batch, plan.examples, 8, undefined);
  expect(plain.log[0]).toBe("gather 8");
  const drawing = writing(true);
  const drawn = { k: { addNoise: () => void drawing.log.push("noise") } } as unknown as RowDraws;
  drawing.passes.rowPass(plan.batch, plan.examples, 8, drawn);
  expect(drawing.log.slice(0, 2)).toEqual(["gather 8", "noise"]);
  const counted = writing(true);
  for (const place of [8, 12]) {
    counted.passes.rowPass(plan.batch, plan.examples, place, undefined, () => void counted.log.push("done"));
    expect(counted.log.splice(0).filter((line) => line === "done" || line.startsWith("gather"))).toEqual([
      `gather ${place}`,
      ...Array.from({ length: rowStages(plan.batch) }, () => "done"),
    ]);
  }
});

const found = findAddon();

test.skipIf("missing" in found)("a list of native calls refuses what a call refuses, and what is no list", () => {
  const { memory, plan: own } = prepare(nativeBackend, setup, 1, false);
  const { addon } = found as Extract<typeof found, { addon: unknown }>;
  const { register, note, runList } = addon.open(memory.bytes, 0, own.scratch.offset / 4, own.scratch.length / 4, 0);
  const update = register(
    KINDS.indexOf("update"),
    Float64Array.of(0, 0, 4, own.parameters.offset, own.gradients.offset),
  );
  const list = note(Float64Array.of(update, 0, update, 16));
  expect(() => runList(list, own.coefficients.offset)).not.toThrow();
  expect(() => runList(list, memory.bytes.length / 4 - 20)).toThrow("outside the memory");
  expect(() => runList(list, -1)).toThrow("outside the memory");
  expect(() => runList(list + 1, 0)).toThrow("no such list");
  expect(() => note(Float64Array.of(update + 1, 0))).toThrow("no such call");
  expect(() => note(Float64Array.of(update, -1))).toThrow("outside the memory");
  expect(() => note(Float64Array.of(update))).toThrow("calls and places");
  const clip = register(KINDS.indexOf("clip"), Float64Array.of(4, own.gradients.offset));
  expect(() => note(Float64Array.of(update, 0, clip, 0))).toThrow("a call that takes a number");
});
