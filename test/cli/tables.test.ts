import { expect, test } from "vitest";
import { clip, columns, table } from "../../src/cli/tables.ts";

test("a table's columns line up where cells are wide, combining or emoji", () => {
  const rows = table([
    ["class", "rows"],
    ["猫", "1"],
    ["e\u0301te", "20"],
    ["😀", "300"],
    ["cat", "4,000"],
  ]);
  expect(rows).toEqual(["class   rows", "猫         1", "e\u0301te       20", "😀       300", "cat    4,000"]);
  expect(rows.map(columns)).toEqual([12, 12, 12, 12, 12]);
});

test.each([
  ["cat", 3, "cat"],
  ["cats", 3, "ca…"],
  ["猫犬", 4, "猫犬"],
  ["猫犬鳥", 5, "猫犬…"],
  ["猫犬鳥", 4, "猫…"],
  ["😀😀", 3, "😀…"],
  ["a\x1b", 4, "a\\x…"],
])("%j is clipped to %i columns", (text, width, expected) => {
  expect(clip(text, width)).toBe(expected);
});

test("a text of marks alone, which take no columns, is cut as well", () => {
  expect(clip(`a${"\u0301".repeat(100_000)}`, 20).length).toBeLessThanOrEqual(81);
});
