// Ranks in a word, and which columns can be written so.
import { expect, test } from "vitest";
import { canBeRanked, readRanks } from "../../src/data/table/rank-levels.ts";

test("levels are read from least to most, column by column", () => {
  expect(readRanks(["size=S<M < L", "a b=1<2"])).toEqual({ size: ["S", "M", "L"], "a b": ["1", "2"] });
  expect(readRanks([])).toEqual({});
});

test.each(["size", "size=S", "=S<M", "size:S<M"])('"%s" ranks nothing', (part) =>
  expect(readRanks(["ok=1<2", part])).toBeUndefined(),
);

test("a column can be ranked where its name and levels come back from the word", () => {
  expect(canBeRanked("size", ["S", "M"])).toBe(true);
  for (const [column, levels] of [
    ["size", ["S"]],
    ["a=b", ["S", "M"]],
    ["size", ["S<M", "L"]],
    ["size", ["S,M", ""]],
  ] as const)
    expect(canBeRanked(column, levels)).toBe(false);
});
