// Dropout and input noise: drawn for an example, whoever computes its row.
import { expect, test } from "vitest";
import type { Setup } from "../../src/engines/engine.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import { drawsOver } from "../../src/gradients/row-draws.ts";
import { viewMemory } from "../../src/network/memory.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";

const network = defineNetwork([7, 33, 18, 4], ["silu", "relu"]);
const N = 21;
const random = new Random(3, 96);
const features = Float32Array.from({ length: N * 7 }, () => random.normal());
const labels = Int32Array.from({ length: N }, () => random.integer(4));
const setup: Setup = {
  network,
  batchSize: 16,
  features,
  labels,
  draws: { seed: 9, dropout: 0.4, inputDropout: 0.3, inputNoise: 0.2 },
};
const HERE = ENGINES.filter(({ name, missing }) => name !== "reference-float64" && missing() === undefined);
const order = Uint32Array.from({ length: 13 }, (_, i) => (5 * i + 3) % N);

test.each(HERE)(
  "on $name, an example's row is the same alone and in a batch, on any number of threads",
  async (engine) => {
    const open = async (threads: number) => {
      const session = await chooseEngine(engine.name).open({ ...setup, threads });
      session.writeParameters(initialize(network, "he", 2));
      return session;
    };
    await using reference = await chooseEngine("reference").open(setup);
    reference.writeParameters(initialize(network, "he", 2));
    await using one = await open(1);
    await using three = await open(3);
    const whole = await reference.gradients(order, { epoch: 4 });
    expect((await three.gradients(order, { epoch: 4 })).layers).toEqual(whole.layers);
    for (const [i, example] of order.entries()) {
      const alone = await one.gradients(Uint32Array.of(example), { epoch: 4 });
      for (const [l, { input, delta }] of alone.layers.entries()) {
        const { input: inputs, delta: deltas } = whole.layers[l]!;
        expect(input).toEqual(inputs.slice(i * input.length, (i + 1) * input.length));
        expect(delta).toEqual(deltas.slice(i * delta.length, (i + 1) * delta.length));
      }
    }
    expect((await one.gradients(order, { epoch: 5 })).losses).not.toEqual(whole.losses);
  },
);

test("evaluation draws nothing, and a setup without draws refuses them", async () => {
  await using plain = await chooseEngine("reference").open({ ...setup, draws: undefined });
  await using drawing = await chooseEngine("reference").open(setup);
  for (const session of [plain, drawing]) session.writeParameters(initialize(network, "he", 2));
  await drawing.gradients(order, { epoch: 1 });
  expect(await drawing.evaluate(order)).toEqual(await plain.evaluate(order));
  expect(await drawing.logits(order)).toEqual(await plain.logits(order));
  await expect(plain.gradients(order, { epoch: 1 })).rejects.toThrow("draws");
  await expect(drawing.gradients(order, { epoch: 0 })).rejects.toThrow("draws.epoch");
});

test("the share left out is p, the noise is standard normal, neither repeats by epoch, layer or example", () => {
  const [rows, cols] = [400, 100];
  const memory = viewMemory(new ArrayBuffer(4 * 4 * rows * cols), 4);
  const view = (n: number) => ({ offset: n * rows * cols, rows, cols, stride: cols });
  for (let i = 0; i < rows; i++) memory.integers[3 * rows * cols + i] = i;
  const draws = { seed: 1, dropout: 0.3, inputNoise: 1, examples: 3 * rows * cols };
  const kernels = drawsOver(memory);
  const masks = (epoch: number, layer: number) => {
    kernels.drop(view(1), view(2), view(0), draws, { epoch, at: 0 }, layer);
    return memory.floats.slice(view(2).offset, view(2).offset + rows * cols);
  };
  const first = masks(1, 0);
  const dropped = first.filter((m) => m === 0).length / first.length;
  expect(Math.abs(dropped - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / first.length));
  for (const other of [masks(2, 0), masks(1, 1), first.slice(cols)]) {
    const agree = other.filter((m, i) => m === first[i]).length / other.length;
    expect(Math.abs(agree - 0.58)).toBeLessThan(0.02); // 0.3² + 0.7²
  }
  memory.floats.fill(0, 0, rows * cols);
  kernels.addNoise(view(0), draws, { epoch: 1, at: 0 });
  const noise = memory.floats.slice(0, rows * cols);
  const moment = (power: number) => Array.from(noise).reduce((sum, n) => sum + n ** power / noise.length, 0);
  expect([1, 2, 3, 4].map((power) => Math.abs(moment(power) - [0, 1, 0, 3][power - 1]!))).toEqual(
    [0.025, 0.036, 0.1, 0.25].map((most) => expect.toSatisfy((x: number) => x < most)),
  );
  let neighbours = 0; // cos and sin of one angle are uncorrelated
  for (let i = 0; i < noise.length; i += 2) neighbours += (2 * noise[i]! * noise[i + 1]!) / noise.length;
  expect(Math.abs(neighbours)).toBeLessThan(0.04);
});
