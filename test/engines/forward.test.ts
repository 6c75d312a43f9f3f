// A forward pass at once: the reference's bits, for a row of its own as for many, whatever is 0 or not finite in it.
import { expect, test } from "vitest";
import { openForward } from "../../src/engines/forward.ts";
import { ENGINES } from "../../src/engines/registry.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../../src/network/network.ts";
import { initialize, packedLayers } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";

const engines = ENGINES.filter((engine) => engine.missing() === undefined && engine.floatBytes === 4);
const names = engines.map(({ name }) => name).filter((name) => name !== "reference");

/** Inputs of which a share is +0 or −0. */
const inputs = (random: Random, count: number, zeros: number) =>
  Float32Array.from({ length: count }, () => {
    if (random.integer(100) < zeros) return random.integer(2) ? 0 : -0;
    return 3 * random.normal();
  });

/** The logits of `rows` rows, and of each row by itself. */
function logitsOf(engine: string, layers: readonly number[], activation: Activation, parameters: Float32Array) {
  const random = new Random(layers.length, 8);
  const network = defineNetwork(layers, activation);
  const forward = openForward(network, parameters, 3, engine);
  const out: Float32Array[] = [];
  for (const zeros of [0, 50, 95, 100]) {
    const rows = [0, 1, 2].map(() => inputs(random, layers[0]!, zeros));
    for (const shared of [rows, ...rows.map((row) => [row])]) {
      shared.forEach((row, r) => {
        forward.input(r).set(row);
      });
      forward.run(shared.length);
      shared.forEach((_, r) => {
        out.push(Float32Array.from(forward.logits(r)));
      });
    }
  }
  return out;
}

const SHAPES = [
  [1, 1],
  [3, 2],
  [4, 16, 3],
  [5, 17, 33, 2, 3],
  [64, 48, 31, 10],
  [511, 15, 4],
  [513, 100, 7],
  [1023, 18, 5],
  [1025, 70, 1024, 65],
  [2100, 9, 2],
];

test.each(names)("on %s, every size gives the bits of the reference, also where most inputs are 0", (engine) => {
  SHAPES.forEach((layers, n) => {
    const activation = ACTIVATIONS[n % ACTIVATIONS.length]!;
    const random = new Random(n, 12);
    const parameters = initialize(defineNetwork(layers), "glorot", 4).map((w) => (w === 0 ? random.normal() / 3 : w));
    const [got, wanted] = [engine, "reference"].map((name) => logitsOf(name, layers, activation, parameters));
    expect(got, layers.join("-")).toEqual(wanted);
    expect(got!.some((row) => row.some((z) => Number.isNaN(z)))).toBe(false);
  });
});

test.each(names)("on %s, every activation gives the bits of the reference", (engine) => {
  for (const activation of ACTIVATIONS) {
    const parameters = initialize(defineNetwork([20, 19, 18, 3]), "he", 5);
    expect(logitsOf(engine, [20, 19, 18, 3], activation, parameters)).toEqual(
      logitsOf("reference", [20, 19, 18, 3], activation, parameters),
    );
  }
});

test.each(names)("on %s, 0 times an infinite weight is not left out", (engine) => {
  const layers = [20, 19, 3];
  const [, last] = packedLayers(defineNetwork(layers));
  for (const bad of [Number.POSITIVE_INFINITY, Number.NaN]) {
    const parameters = initialize(defineNetwork(layers), "he", 5);
    parameters[7] = bad;
    parameters[last!.W + 4] = bad;
    const got = logitsOf(engine, layers, "relu", parameters);
    expect(got).toEqual(logitsOf("reference", layers, "relu", parameters));
    expect(got.some((row) => row.some((z) => Number.isNaN(z)))).toBe(true);
  }
});
