// Points in the plane: balanced, repeatable, in their places, and as hard as they are meant to be.
import { expect, test } from "vitest";
import { drawPlanar, PLANAR_FEATURES, PLANAR_SETS, planarRow } from "../../src/data/planar/planar.ts";

test.each(PLANAR_SETS)("%s: half of each class, other points for training, testing and another seed", async (set) => {
  const [one, again, other] = await Promise.all([
    drawPlanar({ set }),
    drawPlanar({ set }),
    drawPlanar({ set, seed: 2 }),
  ]);
  expect(one).toEqual(again);
  expect(new Set([one.sha256, other.sha256]).size).toBe(2);
  expect(one.train.features).not.toEqual(one.test.features);
  expect([one.train.rows, one.train.cols, one.train.labels.filter((c) => c === 0).length]).toEqual([200, 2, 100]);
});

test.each([
  ["circles", (x: number, y: number) => Math.hypot(x, y) > 0.5],
  ["xor", (x: number, y: number) => x * y < 0],
  ["gaussians", (x: number, y: number) => x + y < 0],
] as const)("without noise, %s are parted by the rule that they are drawn by", async (set, orange) => {
  const { train } = await drawPlanar({ set, noise: 0, points: 500 });
  const wrong = Array.from(train.labels).filter((label, i) => {
    const [x, y] = train.features.subarray(2 * i, 2 * i + 2);
    return (label === 1) !== orange(x!, y!);
  });
  expect(wrong.length).toBeLessThanOrEqual(set === "gaussians" ? 5 : 0);
});

test("the two arms of the spiral and the two moons are each other turned by half a turn", async () => {
  for (const set of ["spiral", "moons"] as const) {
    const { train } = await drawPlanar({ set, noise: 0, points: 2000 });
    const of = (c: number) =>
      Array.from(train.labels.entries())
        .filter(([, label]) => label === c)
        .map(([i]) => train.features.subarray(2 * i, 2 * i + 2));
    const [blue, orange] = [of(0), of(1)];
    for (const [x, y] of blue.slice(0, 50)) {
      const nearest = Math.min(...orange.map(([u, v]) => Math.hypot(u! + x!, v! + y!)));
      expect(nearest).toBeLessThan(0.02);
    }
  }
});

test("features are those of the point, in the order that was asked for", async () => {
  const row = planarRow([0.5, -0.25], PLANAR_FEATURES);
  expect(row.slice(0, 5)).toEqual([0.5, -0.25, 0.25, 0.0625, -0.125]);
  expect(row[5]).toBeCloseTo(Math.sin(Math.PI * 0.5), 12);
  expect(row[6]).toBeCloseTo(Math.sin(-Math.PI * 0.25), 12);
  const { train } = await drawPlanar({ set: "xor", features: ["xy", "x"] });
  expect(train.featureNames).toEqual(["xy", "x"]);
});

test.each([
  ["noise", { noise: 2 }],
  ["noise", { noise: Number.NaN }],
  ["points", { points: 1 }],
  ["points", { points: 2.5 }],
  ["features", { features: [] }],
] as const)("%s out of range is refused", async (_, wrong) => {
  await expect(drawPlanar({ set: "moons", ...wrong })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
