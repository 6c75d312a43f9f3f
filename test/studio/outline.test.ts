import { expect, test } from "vitest";
import { outlineOf } from "../../src/studio/draw/outline.ts";

test("the edge of one dark pixel is its four sides, and faint ink has none", () => {
  const one = Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 40, 0);
  expect(
    outlineOf(one, 3, 3)
      .match(/M\d \d[hv]1/g)!
      .sort(),
  ).toEqual(["M1 1h1", "M1 1v1", "M1 2h1", "M2 1v1"]);
  expect(outlineOf(new Uint8Array(9), 3, 3)).toBe("");
});

test("neighbours share no edge, and the picture's border is one", () => {
  expect(outlineOf(Uint8Array.of(255, 255), 1, 2).match(/[hv]/g)).toHaveLength(6);
});
