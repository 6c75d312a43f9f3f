// The comparison with PyTorch: its nets cover what they say, and without torch it says that it was skipped.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOSSES } from "../../src/network/losses.ts";
import { ACTIVATIONS } from "../../src/network/network.ts";
import { differences, gradientsOf, question } from "./compare.ts";
import { randomNets } from "./nets.ts";

test("twenty nets have every loss and activation, 1 to 5 layers, smoothing, weights, and dropout of 0 and more", () => {
  const nets = randomNets(20, 1);
  expect(nets).toHaveLength(20);
  const set = <T>(of: (net: (typeof nets)[number]) => readonly T[]) => new Set(nets.flatMap(of));
  expect(set(({ setup }) => [setup.loss.name])).toEqual(new Set(LOSSES));
  expect(set(({ activations }) => activations)).toEqual(new Set(ACTIVATIONS));
  expect(set(({ setup }) => [setup.network.layers.length - 1])).toEqual(new Set([1, 2, 3, 4, 5]));
  expect(set(({ setup }) => [setup.draws?.dropout])).toEqual(new Set([0, 0.3, undefined]));
  const having = (of: (net: (typeof nets)[number]) => unknown) => nets.filter(of).length;
  expect(having(({ setup }) => setup.labelSmoothing)).toBeGreaterThan(1);
  expect(having(({ setup }) => setup.classWeights)).toBeGreaterThan(0);
  expect(having(({ setup }) => setup.weightedTargets)).toBeGreaterThan(3);
  expect(having(({ setup }) => setup.frontScale)).toBeGreaterThan(1);
});

test("a number that is off, or is none, shows as a difference, and an array that is missing is no agreement", async () => {
  const net = randomNets(20, 1)[3]!;
  const ours = await gradientsOf(net, "reference-float64");
  const theirs: Record<string, readonly number[]> = {
    ...{ losses: [...ours.losses], x: [...ours.inputDelta!] },
    ...Object.fromEntries(
      ours.layers.flatMap(({ output, delta, dW, db }, l) =>
        Object.entries({ a: output, delta, dW, db }).map(([name, array]) => [`${name}${l + 1}`, [...array]]),
      ),
    ),
  };
  const worst = (other: Record<string, readonly number[]>) => Math.max(...differences(ours, other).values());
  expect(worst(theirs)).toBe(0);
  expect(worst({ ...theirs, db1: theirs.db1!.map((x, i) => (i === 0 ? x + 1 : x)) })).toBeGreaterThan(0.1);
  expect(worst({ ...theirs, losses: [...ours.losses].map(() => Number.NaN) })).toBeNaN();
  expect(() => worst({ ...theirs, dW2: [] })).toThrow(/dW2/);
  const asked = question(net, ours) as { readonly masks: readonly (readonly number[])[] };
  expect(new Set(asked.masks.flat())).toEqual(new Set([0, 1 / 0.7]));
});

test("without PyTorch the campaign says so and what to do", () => {
  const words = [join(import.meta.dirname, "main.ts"), "--python", process.execPath];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect([status, stdout]).toEqual([
    0,
    `SKIPPED: ${process.execPath} has no torch: --python names a Python that has it\n`,
  ]);
});
