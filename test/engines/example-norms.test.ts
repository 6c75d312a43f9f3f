// ‖g_i‖² of every example and layer out of a session: the bits of every engine and team, and the gradients they stand
// for. Row X30 of the check proves the formula.
import { expect, test } from "vitest";
import type { Setup } from "../../src/engines/engine.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { OPTIMIZER_DEFAULTS, optimizerCoefficients } from "../../src/training/optimizer.ts";

const network = defineNetwork([9, 7, 6, 4], "tanh");
const N = 23;
const random = new Random(5, 6);
const setup: Setup = {
  network,
  batchSize: 5,
  features: Float32Array.from({ length: N * 9 }, () => random.normal()),
  labels: Int32Array.from({ length: N }, () => random.integer(4)),
  exampleNorms: true,
};
const order = Uint32Array.from({ length: N }, (_, i) => (7 * i) % N);
const coefficients = optimizerCoefficients(OPTIMIZER_DEFAULTS, new Float64Array(5).fill(0.1), 1);

async function normsOf(engine: string, threads: number, job: "train" | "examples") {
  const session = await chooseEngine(engine).open({ ...setup, threads });
  session.writeParameters(initialize(network, "he", 3));
  const results = job === "train" ? await session.train(order, coefficients) : await session.examples(order);
  await session.close();
  return results.norms!;
}

const here = ENGINES.filter(({ name, missing }) => missing() === undefined && (name === "native" || name === "wasm"));

test("every engine and every team give the same bits, in training and without it", async () => {
  for (const job of ["train", "examples"] as const) {
    const wanted = await normsOf("reference", 1, job);
    expect(wanted).toHaveLength(N * 3);
    for (const { name } of here)
      for (const threads of [1, 3]) expect(await normsOf(name, threads, job), `${name}, ${threads}`).toEqual(wanted);
  }
  expect(await normsOf("reference", 1, "train")).not.toEqual(await normsOf("reference", 1, "examples"));
});

test("a row's norms are those of its own gradient", async () => {
  const norms = await normsOf("reference-float64", 1, "examples");
  const session = await chooseEngine("reference-float64").open({ ...setup, batchSize: 1 });
  session.writeParameters(Float64Array.from(initialize(network, "he", 3)));
  for (const [at, row] of order.entries()) {
    const { layers } = await session.gradients(Uint32Array.of(row));
    layers.forEach(({ dW, db }, l) => {
      const square = [...dW, ...db].reduce((sum, g) => sum + g * g, 0);
      expect(norms[at * 3 + l]! / square).toBeCloseTo(1, 12);
    });
  }
  await session.close();
});

test("a session that was not asked for norms keeps no room for them", async () => {
  const session = await chooseEngine("reference").open({ ...setup, exampleNorms: undefined });
  expect((await session.examples(order)).norms).toBeUndefined();
  await session.close();
});
