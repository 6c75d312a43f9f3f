import { describe, expect, test } from "vitest";
import { BACKENDS } from "../../src/engines/backends.ts";
import { engineOf } from "../../src/engines/registry.ts";
import { checkLoss, LOSSES, type Loss } from "../../src/network/losses.ts";
import { defineNetwork } from "../../src/network/network.ts";

const HUGE = Math.fround(3e38);
const engines = BACKENDS.filter((backend) => backend.missing() === undefined).map(engineOf);

/** ℓ and δ^L at outputs z for the target row t: with one layer, D = 1 and x = 1, the weights are the outputs. */
async function at(engine: (typeof engines)[number], loss: Loss, z: readonly number[], t: readonly number[]) {
  const Floats = engine.floatBytes === 4 ? Float32Array : Float64Array;
  const session = await engine.open({
    ...{ network: defineNetwork([1, z.length]), batchSize: 1, loss, targets: Floats.from(t), threads: 1 },
    features: Floats.of(1),
  });
  session.writeParameters(Floats.from([...z, ...z.map(() => 0)]));
  const { losses, layers } = await session.gradients(Uint32Array.of(0));
  await session.close();
  return { loss: losses[0]!, delta: [...layers[0]!.delta] };
}

/** Outputs, targets, ℓ and δ^L as the definitions say, where they are exact. */
const EXTREMES: readonly (readonly [Loss, number[], number[], number, number[]])[] = [
  [{ name: "sigmoid-cross-entropy" }, [1e4, -1e4], [1, 0], 0, [0, 0]],
  [{ name: "sigmoid-cross-entropy" }, [1e4, -1e4], [0, 1], 2e4, [1, -1]],
  [{ name: "sigmoid-cross-entropy" }, [HUGE, -HUGE], [0, 1], 2 * HUGE, [1, -1]],
  [{ name: "sigmoid-cross-entropy" }, [HUGE, -HUGE], [1, 0], 0, [0, 0]],
  [{ name: "focal", gamma: 2 }, [1e4, -1e4], [0, 1], 2e4, [1, -1]],
  [{ name: "focal", gamma: 2 }, [HUGE, -HUGE], [1, 0], 0, [0, 0]],
  [{ name: "focal", gamma: 2 }, [HUGE, -HUGE], [0, 1], 2 * HUGE, [1, -1]],
  [{ name: "squared-error" }, [1e4, -1e4], [0, 0], 1e8, [1e4, -1e4]],
  [{ name: "squared-error" }, [HUGE], [HUGE], 0, [0]],
  [{ name: "squared-error" }, [HUGE], [0], 0.5 * HUGE * HUGE, [HUGE]],
  [{ name: "absolute-error" }, [HUGE, -HUGE], [-HUGE, -HUGE], 2 * HUGE, [1, 0]],
  [{ name: "huber", threshold: 2 }, [1e4, HUGE], [0, HUGE], 2e4 - 2, [2, 0]],
  [{ name: "huber", threshold: 2 }, [-HUGE], [0], 2 * HUGE, [-2]],
  [{ name: "quantile", levels: [0.25, 0.5] }, [HUGE, -HUGE], [0], 0.75 * HUGE + 0.5 * HUGE, [0.75, -0.5]],
  [{ name: "quantile", levels: [0.25] }, [3], [3], 0, [0]],
  [{ name: "poisson" }, [-1e4], [3], 3e4, [-3]],
  [{ name: "poisson" }, [-HUGE], [0], 0, [0]],
  [{ name: "poisson" }, [1e4], [0], Number.POSITIVE_INFINITY, [Number.POSITIVE_INFINITY]],
  [{ name: "gaussian" }, [3, 1e4], [7], 5e3, [0, 0.5]],
  [{ name: "gaussian" }, [7, -1e4], [7], -5e3, [0, 0.5]],
  [{ name: "gaussian" }, [7, -HUGE], [7], -0.5 * HUGE, [0, 0.5]],
  [{ name: "gaussian" }, [HUGE, HUGE], [-HUGE], 0.5 * HUGE, [0, 0.5]],
];

describe.each(engines)("the losses of $name", (engine) => {
  test.each(EXTREMES)("%j at outputs %j for %j is right, not clipped and not NaN", async (loss, z, t, value, delta) => {
    const got = await at(engine, loss, z, t);
    expect(got.loss).toBe(value);
    got.delta.forEach((d, c) => {
      expect(d === 0 ? 0 : d).toBe(delta[c]);
    });
  });

  test("multiply ℓ and δ by the weight of a label and of a row", async () => {
    const plain = await at(engine, { name: "sigmoid-cross-entropy" }, [0.5, -2], [1, 0]);
    const twice = await at(engine, { name: "sigmoid-cross-entropy", labelWeights: [2, 2] }, [0.5, -2], [1, 0]);
    expect(twice.loss).toBe(2 * plain.loss);
    expect(twice.delta).toEqual(plain.delta.map((d) => 2 * d));
    const Floats = engine.floatBytes === 4 ? Float32Array : Float64Array;
    const weighted = async (weight: number) => {
      const session = await engine.open({
        ...{ network: defineNetwork([1, 2]), batchSize: 1, loss: "squared-error", weightedTargets: true, threads: 1 },
        ...{ features: Floats.of(1), targets: Floats.of(1, 5, weight) },
      });
      session.writeParameters(Floats.of(2, 3, 0, 0));
      const { losses, layers } = await session.gradients(Uint32Array.of(0));
      await session.close();
      return [losses[0], ...layers[0]!.delta];
    };
    expect(await weighted(1)).toEqual([2.5, 1, -2]);
    expect(await weighted(4)).toEqual([10, 4, -8]);
  });
});

test("a loss is refused by what is wrong with it, before any work", async () => {
  const [engine] = engines;
  const open = (more: object) =>
    engine!.open({ network: defineNetwork([1, 4]), batchSize: 1, features: Float32Array.of(1), threads: 1, ...more });
  await expect(open({ loss: "hinge" })).rejects.toThrow(/loss must be one of softmax-cross-entropy/);
  await expect(open({ loss: "huber" })).rejects.toThrow(/targets must be rows of numbers for huber/);
  await expect(open({ loss: "quantile", targets: Float32Array.of(1) })).rejects.toThrow(/a multiple of 3/);
  const four = Float32Array.of(0, 1, 2, 0);
  await expect(open({ loss: "focal", targets: four })).rejects.toThrow(/targets\[0, 2\] must be a number in \[0, 1\]/);
  await expect(open({ loss: "huber", targets: four, classWeights: [1, 1, 1, 1] })).rejects.toThrow(/classWeights/);
  await expect(open({ loss: "huber", targets: four, labelSmoothing: 0.1 })).rejects.toThrow(/labelSmoothing must be 0/);
  expect(() => checkLoss({ name: "huber", threshold: 0 })).toThrow(/loss.threshold must be a finite number > 0/);
  expect(() => checkLoss({ name: "quantile", levels: [0.5, 1] })).toThrow(/loss.levels\[1\]/);
  expect(LOSSES.map((name) => checkLoss(name).name)).toEqual(LOSSES);
});
