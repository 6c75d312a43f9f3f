// How the page shares its thread between its parts, at a clock of the test's own.
import { expect, test, vi } from "vitest";
import { Attention, type Look, Looker } from "../../src/studio/state/attention.ts";

/** A page that draws in what its parts cost, `slower` times over; its parts look again once they are drawn. */
function page(costs: readonly number[], slower = 1) {
  let now = 0;
  let drawing = 0;
  let cost = 0; // of what is being shown
  const attention = new Attention({
    async drawn(change) {
      change();
      now += slower * cost;
      drawing += slower * cost;
      return slower * cost;
    },
    async rest(ms) {
      now += ms;
    },
  });
  const looks = costs.map(() => 0);
  const parts = costs.map(() => new Looker(attention));
  const again = (k: number, until: number): Look => {
    return async () => () => {
      looks[k]!++;
      cost = costs[k]!;
      if (now < until) parts[k]!.look(again(k, until), false);
    };
  };
  return {
    attention,
    /** Follow a run for so long; the looks of each part, and the share of the time that drawing took. */
    async follow(until: number) {
      for (const k of parts.keys()) parts[k]!.look(again(k, until), false);
      await settled();
      return { looks, share: drawing / now };
    },
  };
}

/** Once everything that only waits for promises is done. */
const settled = () => new Promise((done) => setImmediate(done));

/** Answers that a test gives when it likes. */
function answers() {
  const given: (() => void)[] = [];
  const shown: string[] = [];
  const look = (name: string): Look => {
    return () => new Promise((done) => given.push(() => done(() => void shown.push(name))));
  };
  return { given, shown, look };
}

const idle = () => new Attention({ drawn: async (change) => change() ?? 0, rest: async () => {} });

test("looking takes a quarter of the thread, whatever the parts cost, and every part has as many turns", async () => {
  const { looks, share } = await page([2, 30, 200]).follow(10_000);
  expect(share).toBeCloseTo(0.25, 10);
  expect(Math.max(...looks) - Math.min(...looks)).toBeLessThanOrEqual(1);
  expect(looks[0]).toBeGreaterThan(10);
});

test("a page that is six times as slow looks a sixth as often", async () => {
  const quick = await page([5, 10]).follow(12_000);
  const slow = await page([5, 10], 6).follow(12_000);
  expect([quick.looks[0], slow.looks[0]]).toEqual([201, 35]);
  expect(slow.share).toBeCloseTo(0.25, 10);
});

test("the page rests at most a second: where drawing waits for other programs, it still follows", async () => {
  const { looks } = await page([3000]).follow(40_000);
  expect(looks).toEqual([11]); // four seconds each, to beyond the end
});

test("of the looks of a part that wait for its turn only the newest is taken, and it keeps the turn", async () => {
  const attention = idle();
  const [first, second, third] = [new Looker(attention), new Looker(attention), new Looker(attention)];
  const { given, shown, look } = answers();
  first.look(look("first"), false);
  second.look(look("second, old"), false);
  third.look(look("third"), false);
  second.look(look("second, new"), false);
  while (given.length > 0) {
    given.shift()!();
    await settled();
  }
  expect(shown).toEqual(["first", "second, new", "third"]);
});

test("what the visitor waits for passes by the turns, and an older answer does not come after it", async () => {
  const attention = idle();
  const [other, part] = [new Looker(attention), new Looker(attention)];
  const { given, shown, look } = answers();
  part.look(look("in turn"), false);
  other.look(look("other"), false);
  await settled();
  part.look(look("at once"), true); // the look in turn is asked already
  await settled();
  given[1]!();
  await settled();
  expect(shown).toEqual(["at once"]);
  given[0]!();
  await settled();
  given[2]!();
  await settled();
  expect(shown).toEqual(["at once", "other"]);
});

test("a look that fails is the page's error, and holds up neither its part nor another", async () => {
  const failures: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => failures.push(error));
  const attention = idle();
  const [broken, other] = [new Looker(attention), new Looker(attention)];
  const shown: string[] = [];
  const breaks: Look = async () => {
    throw new Error("broken");
  };
  const shows = (name: string): Look => {
    return async () => () => void shown.push(name);
  };
  for (const atOnce of [false, true]) {
    broken.look(breaks, atOnce);
    other.look(shows("other"), atOnce);
    await settled();
    broken.look(shows("mended"), atOnce);
    await settled();
  }
  vi.unstubAllGlobals();
  expect([failures.map(String), shown]).toEqual([
    ["Error: broken", "Error: broken"],
    ["other", "mended", "other", "mended"],
  ]);
});

test("a part that has gone, and one with nothing to show, hold up no other", async () => {
  const attention = idle();
  const [gone, empty, left] = [new Looker(attention), new Looker(attention), new Looker(attention)];
  const { given, shown, look } = answers();
  empty.look(async () => null, false);
  gone.look(look("gone"), false);
  gone.leave();
  left.look(look("left"), false);
  await settled();
  given.shift()!();
  await settled();
  expect([shown, given.length]).toEqual([["left"], 0]);
});
