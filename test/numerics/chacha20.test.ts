import { createCipheriv } from "node:crypto";
import { expect, test } from "vitest";
import { chacha20 } from "../../src/numerics/chacha20.ts";
import { Random } from "../../src/numerics/random.ts";

const blockOf = (...given: [key: Uint32Array, counter: number, nonce?: readonly [number, number, number]]) => {
  const out = new Uint32Array(16);
  chacha20(out, ...given);
  return [...out].map((word) => word.toString(16).padStart(8, "0")).join(" ");
};

test("a block is that of RFC 8439, section 2.3.2", () => {
  const key = new Uint32Array(Uint8Array.from({ length: 32 }, (_, i) => i).buffer);
  expect(blockOf(key, 1, [0x09000000, 0x4a000000, 0])).toBe(
    "e4e7f110 15593bd1 1fdd0f50 c47120a3 c7f4d1c7 0368c033 9aaa2204 4e6cd4c3 " +
      "466482d2 09aa9f07 05d7c214 a2028bd9 d19c12b5 b94e16de e883d0cb 4e3c50a2",
  );
});

test("the first two blocks of the key of zeros are those of its appendix A.1", () => {
  expect(blockOf(new Uint32Array(8), 0)).toBe(
    "ade0b876 903df1a0 e56a5d40 28bd8653 b819d2bd 1aed8da0 ccef36a8 c70d778b " +
      "7c5941da 8d485751 3fe02477 374ad8b8 f4b8436a 1ca11815 69b687c3 8665eeb2",
  );
  expect(blockOf(new Uint32Array(8), 1)).toBe(
    "bee7079f 7a385155 7c97ba98 0d082d73 a0290fcb 6965e348 3e53c612 ed7aee32 " +
      "7621b729 434ee69c b03371d5 d539d874 281fed31 45fb0a51 1f0ae1ac 6f4d794b",
  );
});

test("blocks of any key, counter and nonce are those of OpenSSL, wherever they are put", () => {
  const random = new Random(1, 97);
  const word = () => random.uint32();
  for (let turn = 0; turn < 200; turn++) {
    const key = Uint32Array.from({ length: 8 }, word);
    const [counter, ...nonce] = [turn < 4 ? 2 ** 32 - turn - 1 : word(), word(), word(), word()] as const;
    const start = Uint32Array.of(counter, ...nonce);
    const cipher = createCipheriv("chacha20", new Uint8Array(key.buffer), new Uint8Array(start.buffer));
    const wanted = new Uint32Array(new Uint8Array(cipher.update(new Uint8Array(64))).buffer);
    const out = new Uint32Array(3 * 16);
    chacha20(out, key, counter, nonce, 2, 3);
    expect(out.filter((_, i) => i % 3 === 2)).toEqual(wanted);
    expect(out.filter((_, i) => i % 3 !== 2).every((x) => x === 0)).toBe(true);
  }
});
