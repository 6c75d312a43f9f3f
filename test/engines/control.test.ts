// The barrier, with both threads of a team played by one.
import { expect, test } from "vitest";
import { Control } from "../../src/engines/control.ts";
import { findAddon } from "../../src/engines/native/addon.ts";
import type { Memory } from "../../src/network/memory.ts";
import type { Plan } from "../../src/network/plan.ts";

const team = () => {
  const plan = { control: { offset: 0, length: 64 } } as Plan;
  return new Control(plan, { integers: new Int32Array(new SharedArrayBuffer(256)) } as Memory);
};

test("a thread that waits at a barrier gives way, so that one that shares its processor gets there", () => {
  const control = team();
  control.breakTeam(); // a thread that went to sleep would raise
  let ways = 0;
  const giveWay = () => {
    if (++ways === 3) control.meet(2, { spins: 0 }); // the other arrives, last
  };
  control.meet(2, { spins: 1000, giveWay });
  expect(ways).toBe(3);
});

test("a thread that finds the others there does not give way", () => {
  const control = team();
  const giveWay = () => expect.unreachable();
  control.meet(1, { spins: 1000, giveWay });
});

test("the native engine gives way by the system's call", () => {
  const found = findAddon();
  if ("addon" in found) expect(found.addon.giveWay()).toBeUndefined();
});
