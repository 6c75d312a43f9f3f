// What rank 0 tells the others, as bytes: every number comes as it was sent.
import { expect, test } from "vitest";
import { requestOf } from "../../src/engines/prepare.ts";
import { packCommand, unpackCommand } from "../../src/engines/ranks/rank-commands.ts";
import { defineNetwork } from "../../src/network/network.ts";

test("bounds of Infinity, NaN, −0 and what is left out come to the other ranks as they are", () => {
  const setup = { network: defineNetwork([3, 2]), batchSize: 4, features: new Float32Array(12), clipNorm: Infinity };
  const request = { ...requestOf(setup), maxNorm: Number.NaN, divisor: -0, frontScale: Number.NEGATIVE_INFINITY };
  const opening = { engine: "wasm", floatBytes: 4, request, optimizer: undefined, exchange: "sums" } as const;
  const sent = { kind: "open", opening } as const;
  expect(unpackCommand(packCommand(sent))).toStrictEqual(sent);
});
