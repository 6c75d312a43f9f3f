// Splits by groups and by times, of data sets and of the parts that training holds out.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { partRows, splitDataset } from "../../src/data/split.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { planTraining } from "../../src/training/plan-training.ts";

const sorted = (parts: readonly Uint32Array[]) => parts.flatMap((part) => [...part]).sort((a, b) => a - b);
const shared = (a: ReadonlySet<number>, b: ReadonlySet<number>) => [...a].filter((one) => b.has(one)).length;
const count = (labels: Int32Array, rows: Uint32Array, c: number) => rows.filter((i) => labels[i] === c).length;

test("no group is in two parts, every row is in one, and the first part has every class", () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 11 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 60, maxLength: 300 }), fc.nat(), (rows, seed) => {
      const labels = Int32Array.from(rows, ([label]) => label);
      const groups = Int32Array.from(rows, ([, group]) => group);
      const parts = partRows({ labels, groups }, [0.6, 0.2, 0.2], seed);
      expect(sorted(parts)).toEqual(rows.map((_, i) => i));
      const sets = parts.map((part) => new Set(Array.from(part, (i) => groups[i]!)));
      expect([shared(sets[0]!, sets[1]!), shared(sets[0]!, sets[2]!), shared(sets[1]!, sets[2]!)]).toEqual([0, 0, 0]);
      for (const label of new Set(labels)) expect(count(labels, parts[0]!, label)).toBeGreaterThan(0);
    }),
    { numRuns: 100, seed: 1 },
  );
});

/** Σ (h_c − s·N_c)²/N_c over the classes and all rows, by its definition. */
function imbalance(labels: Int32Array, held: Uint32Array, share: number): number {
  const term = (h: number, N: number) => (h - share * N) ** 2 / N;
  const all = Uint32Array.from(labels.keys());
  const classes = [...new Set(labels)].map((c) => term(count(labels, held, c), count(labels, all, c)));
  return classes.reduce((sum, one) => sum + one, term(held.length, labels.length));
}

test("classes are nearly as well in proportion as the best of all choices of groups", () => {
  const sizes = [9, 7, 8, 3, 5, 4, 6, 2, 10, 6];
  const groups = Int32Array.from(sizes.flatMap((n, g) => new Array<number>(n).fill(g)));
  const labels = groups.map((g, i) => ((g * 7 + i * 5) % 11 < 3 + (g % 3) ? 1 : 0));
  let best = Number.POSITIVE_INFINITY;
  for (let chosen = 1; chosen < 2 ** sizes.length - 1; chosen++) {
    const held = Uint32Array.from(groups.keys()).filter((i) => (chosen >> groups[i]!) & 1);
    best = Math.min(best, imbalance(labels, held, 0.25));
  }
  for (let seed = 0; seed < 20; seed++) {
    const [, held] = partRows({ labels, groups }, [0.75, 0.25], seed);
    expect(imbalance(labels, held!, 0.25)).toBeLessThan(best + 0.1);
    expect(Math.abs(held!.length - 15)).toBeLessThanOrEqual(1);
  }
});

test("large and small groups are held out alike: which ones is drawn from the seed", () => {
  const sizes = Array.from({ length: 60 }, (_, g) => (g % 2 === 0 ? 12 : 2));
  const groups = Int32Array.from(sizes.flatMap((n, g) => new Array<number>(n).fill(g)));
  const labels = groups.map((_, i) => i % 2);
  const [kinds, choices] = [[0, 0], new Set<string>()];
  for (let seed = 0; seed < 40; seed++) {
    const [, held] = partRows({ labels, groups }, [0.8, 0.2], seed);
    const chosen = [...new Set(Array.from(held!, (i) => groups[i]!))];
    choices.add(chosen.join());
    for (const g of chosen) kinds[g % 2]!++;
  }
  expect(choices.size).toBe(40);
  expect(kinds[1]! / kinds[0]!).toBeGreaterThan(0.6);
  expect(kinds[1]! / kinds[0]!).toBeLessThan(1.7);
});

test("the later rows are held out, and rows of one time stay together", () => {
  const times = Float64Array.of(5, 1, 4, 4, 2, 4, 3, 9, 2, 8);
  const labels = new Int32Array(10);
  const parts = partRows({ labels, times }, [0.5, 0.2, 0.3], 1);
  expect(parts.map((part) => Array.from(part, (i) => times[i]))).toEqual([
    [1, 2, 3, 2],
    [4, 4, 4],
    [5, 9, 8],
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 80 }), (list) => {
      fc.pre(new Set(list).size >= 3);
      const given = Float64Array.from(list);
      const found = partRows({ labels: new Int32Array(list.length), times: given }, [0.7, 0.1, 0.2], 1);
      expect(sorted(found)).toEqual(list.map((_, i) => i));
      const [a, b, c] = found.map((part) => Array.from(part, (i) => given[i]!));
      expect([Math.max(...a!) < Math.min(...b!), Math.max(...b!) < Math.min(...c!)]).toEqual([true, true]);
    }),
    { numRuns: 100, seed: 2 },
  );
});

test("groups and times that allow no split are refused in words", () => {
  const labels = Int32Array.of(0, 0, 1, 1);
  const by = (keys: Pick<Dataset, "groups" | "times">) => () => partRows({ labels, ...keys }, [0.5, 0.5], 1);
  expect(by({ groups: Int32Array.of(0, 0, 0, 0) })).toThrow("all rows are of one group, so none can be held out");
  expect(by({ groups: Int32Array.of(0, 1, 2, 3) })).toThrow("each of the 4 rows has a group of its own");
  expect(by({ groups: Int32Array.of(0, 0, 1, 1) })).toThrow("each has all rows of some class");
  expect(by({ times: Float64Array.of(1, 1, 1, 1) })).toThrow("all rows have the same time, which cannot make 2");
  const both = { groups: Int32Array.of(0, 0, 1, 1), times: Float64Array.of(1, 2, 3, 4) };
  expect(by(both)).toThrow("groups and times cannot both decide the split. Leave one out.");
});

const grouped: Dataset = {
  name: "d",
  features: Float64Array.from({ length: 40 }, (_, i) => i),
  rows: 40,
  cols: 1,
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 2),
  classes: ["a", "b"],
  groups: Int32Array.from({ length: 40 }, (_, i) => i >> 2),
};

test("the parts of a data set, and the validation part of a training, keep groups whole", () => {
  const parts = splitDataset(grouped, 0.3, 1);
  const [a, b] = parts.map(({ groups }) => new Set(groups));
  expect([a!.size + b!.size, shared(a!, b!)]).toEqual([10, 0]);
  const { splits } = planTraining(defineNetwork([1, 2, 2]), grouped, { validation: 0.2 });
  const [train, validation] = [new Set(splits.train.groups), new Set(splits.validation!.groups)];
  expect([train.size, validation.size, shared(train, validation)]).toEqual([8, 2, 0]);
});

test("groups and times of a data set must be one for each row", () => {
  const split = (more: Partial<Dataset>) => () =>
    planTraining(defineNetwork([1, 2, 2]), { ...grouped, ...more }, { validation: 0.2 });
  expect(split({ groups: new Int32Array(3) })).toThrow("groups must be 40 indices, one for each row, got 3.");
  expect(split({ groups: new Int32Array(40).fill(-1) })).toThrow("groups[0] must be an index from 0");
  expect(split({ groups: undefined, times: new Float64Array(40).fill(Number.NaN) })).toThrow(
    "times[0] must be a finite",
  );
});
