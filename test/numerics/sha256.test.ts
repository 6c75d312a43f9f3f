import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { sha256, sha256Plain } from "../../src/numerics/sha256.ts";

const drawn = (length: number) => {
  const random = new Random(7, 3, length);
  return Uint8Array.from({ length }, () => random.integer(256));
};
const nodes = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

afterEach(() => vi.unstubAllGlobals());

test("our own SHA-256 is Node's at every length to 300 bytes, and at longer ones", () => {
  for (const length of [...Array(300).keys(), 4095, 4096, 100_003])
    expect(sha256Plain(drawn(length)), `${length} bytes`).toBe(nodes(drawn(length)));
});

test("bytes in parts have the sum of the whole, also from the middle of a buffer", () => {
  const bytes = drawn(1000);
  expect(sha256Plain(bytes.subarray(0, 3), bytes.subarray(3, 700), bytes.subarray(700))).toBe(nodes(bytes));
  expect(sha256Plain(bytes.subarray(13, 99))).toBe(nodes(bytes.subarray(13, 99)));
});

test.each([
  ["no crypto", undefined],
  ["no crypto.subtle, as on an http page", {}],
  ["a digest that refuses so many bytes", { subtle: { digest: async () => Promise.reject(new Error("too long")) } }],
])("the sum is the same where there is %s", async (_, crypto) => {
  const bytes = drawn(50_000);
  const wanted = await sha256(bytes);
  vi.stubGlobal("crypto", crypto);
  expect(await sha256(bytes)).toBe(wanted);
  expect(wanted).toBe(nodes(bytes));
});

test("few bytes wait for no other thread: their sum is our own, that of many WebCrypto's", async () => {
  const digest = vi.spyOn(crypto.subtle, "digest");
  expect(await sha256(drawn(8192))).toBe(nodes(drawn(8192)));
  expect(digest).not.toHaveBeenCalled();
  expect(await sha256(drawn(8193))).toBe(nodes(drawn(8193)));
  expect(digest).toHaveBeenCalledOnce();
  digest.mockRestore();
});
