// The defaults learn what plain descent at a constant rate did not: tables with curved borders, and rare classes.
import { expect, test } from "vitest";
import { fit } from "../../src/classifier/fit.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { Random } from "../../src/numerics/random.ts";
import { defaultHidden } from "../../src/training/defaults.ts";

/** Two arms around one center, each turning once and a half. */
function spirals(rows: number, stream: number) {
  const random = new Random(1, 92, stream);
  const arms = Array.from({ length: rows }, (_, i) => i % 2);
  const points = arms.map((arm) => {
    const t = random.uniform();
    const angle = Math.PI * (3 * t + arm);
    return [t * Math.cos(angle) + 0.02 * random.normal(), t * Math.sin(angle) + 0.02 * random.normal()];
  });
  return fromArrays(points, arms);
}

test("two spirals of 300 rows are learned by the defaults of fit, in two layers of 128", async () => {
  const model = await fit({ train: spirals(300, 0), test: spirals(200, 1) });
  expect(model.model.network.layers).toEqual([2, 128, 128, 2]);
  expect(model.test?.accuracy).toBeGreaterThan(0.9);
});

test("few rows of many columns get one narrow layer, other tables two, images the note's three", () => {
  const table = (rows: number, cols: number) => defaultHidden({ features: new Float64Array(), rows, cols });
  expect([table(450, 10), table(5, 3000)]).toEqual([[64], [64]]);
  expect([table(451, 10), table(450, 9)]).toEqual([
    [128, 128],
    [128, 128],
  ]);
  expect(defaultHidden({ features: new Uint8Array(), rows: 100, cols: 784 })).toEqual([256, 256, 256]);
});

/** Every 20th row is of the second class, whose two clusters lie across from those of the first. */
function rare(rows: number, stream: number) {
  const random = new Random(1, 93, stream);
  const labels = Array.from({ length: rows }, (_, i) => (i % 20 === 0 ? "rare" : "common"));
  const points = labels.map((label) => {
    const side = random.uniform() < 0.5 ? 1 : -1;
    const point = Array.from({ length: 20 }, () => random.normal());
    for (const j of [0, 1, 2, 3, 4]) point[j]! += j === 0 && label === "rare" ? -side : side;
    return point;
  });
  return fromArrays(points, labels);
}

test("balanced class weights at 95 : 5 end alike for every seed", async () => {
  const [train, test] = [rare(1000, 0), rare(400, 1)];
  const accuracies = [];
  for (const seed of [1, 2, 3]) {
    const model = await fit({ train, test }, { classWeights: "balanced", seed });
    accuracies.push(model.test!.accuracy);
  }
  expect(Math.min(...accuracies)).toBeGreaterThan(0.9);
  expect(Math.max(...accuracies) - Math.min(...accuracies)).toBeLessThan(0.03);
});
