// Parts of one data set put together: a group is one by its name, in whichever part its rows are.
import { expect, test } from "vitest";
import { rowsOfAllParts } from "../../src/cli/rows-of-all-parts.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { foldsOf } from "../../src/insights/folds.ts";

const part = (name: string, groups: readonly number[], groupNames?: readonly string[]): Dataset => ({
  name,
  features: Float64Array.from(groups, (_, i) => i),
  rows: groups.length,
  cols: 1,
  labels: Int32Array.from(groups, (_, i) => i % 2),
  classes: ["a", "b"],
  groups: Int32Array.from(groups),
  groupNames,
});
const source = { name: "t", sha256: "", warnings: [] };

test("a group that has rows in two parts is one group of all rows, and lies in one fold", () => {
  const train = part("train", [0, 0, 1, 1, 2, 2], ["ann", "ben", "cleo"]);
  const validation = part("test", [0, 0, 1, 1], ["cleo", "dan"]);
  const { data } = rowsOfAllParts({ ...source, train, test: validation }, "t");
  expect(Array.from(data.groups!, (g) => data.groupNames![g])).toEqual(
    "ann ann ben ben cleo cleo cleo cleo dan dan".split(" "),
  );
  const fold = foldsOf(data, 3, 1);
  expect(new Set(fold.subarray(4, 8)).size).toBe(1);
});

test("where a part has no groups, the rows of all parts have none", () => {
  const { groups: _, ...plain } = part("test", [0, 1]);
  const { data } = rowsOfAllParts({ ...source, train: part("train", [0, 1]), test: plain }, "t");
  expect(data.groups).toBeUndefined();
});
