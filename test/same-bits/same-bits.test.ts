import { expect, test } from "vitest";
import { compare, compareInterrupted, engines, golden } from "./matrix.ts";

test("every engine, alone and with threads, comes to the parameters whose SHA-256 is kept in the tree", async () => {
  expect(engines.length).toBeGreaterThanOrEqual(2);
  expect(new Set(golden()).size).toBe(15);
  expect((await compare([1])).different).toEqual([]);
  expect((await compare([3], ["wasm"])).different).toEqual([]);
});

test("and so does a run that stops after every step and goes on with another engine and number of threads", async () => {
  expect((await compareInterrupted([1])).different).toEqual([]);
});
