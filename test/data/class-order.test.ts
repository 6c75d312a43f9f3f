// The order of classes where a source gives none.
import { expect, test } from "vitest";
import { sortClasses } from "../../src/data/formats/class-order.ts";

test.each([
  [["10", "2", "-1", "1.5"], ["-1", "1.5", "2", "10"], "numbers as numbers"],
  [["c10", "c2", "c1", "c"], ["c", "c1", "c2", "c10"], "names with numbers as people count"],
  [["v2b10", "v2b9", "v10a", "v2"], ["v2", "v2b9", "v2b10", "v10a"], "every number in a name"],
  [["b", "B", "é", "a"], ["B", "a", "b", "é"], "other names by their codes"],
  [["x1", "x01", "x001"], ["x001", "x01", "x1"], "equal numbers by their text"],
  [["", "7", "a"], ["", "7", "a"], "no name first"],
] as readonly [string[], string[], string][])("%s become %s: %s", (names, sorted, _why) => {
  expect(sortClasses(names)).toEqual(sorted);
  expect(sortClasses(names.toReversed())).toEqual(sorted);
});
