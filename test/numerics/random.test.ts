import fc from "fast-check";
import { expect, test } from "vitest";
import { philox, Random } from "../../src/numerics/random.ts";

// Known answers published with Random123 (philox 4x32, 10 rounds): counter, key, result.
const KNOWN = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const;

test.each(KNOWN)("philox gives the published answer for counter %j and key %j", (counter, key, answer) => {
  const out = new Uint32Array(4);
  philox(out, counter, key);
  expect([...out]).toEqual(answer);
});

test("streams of another seed, purpose or index are other numbers, and the same ones are the same", () => {
  const first = (name: readonly [number, number, number]) => {
    const random = new Random(...name);
    return Array.from({ length: 8 }, () => random.uint32()).join();
  };
  const names = [
    [1, 1, 0],
    [2, 1, 0],
    [2 ** 32 + 1, 1, 0],
    [1, 2, 0],
    [1, 1, 1],
  ] as const;
  expect(new Set(names.map((name) => first(name))).size).toBe(names.length);
  for (const name of names) expect(first(name)).toBe(first(name));
});

test("integers below any bound stay below it and reach both ends", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0xffffffff }), fc.maxSafeNat(), (below, seed) => {
      const random = new Random(seed, 9);
      for (let i = 0; i < 20; i++) expect(random.integer(below)).toBeLessThan(below);
    }),
    { seed: 1 },
  );
  const random = new Random(3, 9);
  expect(new Set(Array.from({ length: 200 }, () => random.integer(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
});

test("uniform and normal draws have the moments they should, within five standard errors", () => {
  const n = 100_000;
  const random = new Random(4, 9);
  let [u1, u2, z1, z2, z4] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const u = random.uniform();
    const z = random.normal();
    u1 += u / n;
    u2 += (u * u) / n;
    z1 += z / n;
    z2 += (z * z) / n;
    z4 += z ** 4 / n;
  }
  const close = (got: number, mean: number, variance: number) =>
    expect(Math.abs(got - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
  close(u1, 1 / 2, 1 / 12);
  close(u2, 1 / 3, 4 / 45);
  close(z1, 0, 1);
  close(z2, 1, 2);
  close(z4, 3, 96);
});

test("a shuffle keeps every item, and every position is equally likely", () => {
  const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
  const random = new Random(6, 9);
  for (let i = 0; i < 8000; i++) {
    const items = random.shuffle([0, 1, 2, 3]);
    expect([...items].sort()).toEqual([0, 1, 2, 3]);
    items.forEach((item, at) => {
      counts[item]![at]!++;
    });
  }
  for (const count of counts.flat()) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(1500));
});
