// The stream cipher ChaCha20 (Bernstein, 2008; RFC 8439): without its key of 256 bits nobody known tells its words from
// uniform ones. test/numerics/chacha20.test.ts has the published test vectors.

/** "expand 32-byte k" */
export const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
export const DOUBLE_ROUNDS = 10;

const from = new Int32Array(16);
const x = new Int32Array(16);

/** x_a ← x_a + x_b, x_d ← (x_d ⊕ x_a) turned left by `by` bits. */
function step(a: number, b: number, d: number, by: number): void {
  x[a] = x[a]! + x[b]!;
  const word = x[d]! ^ x[a]!;
  x[d] = (word << by) | (word >>> (32 - by));
}

function quarterRound(a: number, b: number, c: number, d: number): void {
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}

/**
 * The 16 words of block `counter` of a key of 8 words, to out[at], out[at + stride], … Counter and nonce are taken
 * modulo 2³².
 */
export function chacha20(
  out: Uint32Array,
  key: Uint32Array,
  counter: number,
  nonce: readonly [number, number, number] = [0, 0, 0],
  at = 0,
  stride = 1,
): void {
  from.set(CONSTANTS);
  from.set(key, 4);
  from[12] = counter;
  from.set(nonce, 13);
  x.set(from);
  for (let round = 0; round < DOUBLE_ROUNDS; round++)
    for (let n = 0; n < 8; n++) {
      const shift = n >> 2; // 0: a column of the square, 1: a diagonal
      quarterRound(n & 3, 4 + ((n + shift) & 3), 8 + ((n + 2 * shift) & 3), 12 + ((n + 3 * shift) & 3));
    }
  for (let w = 0; w < 16; w++) out[at + w * stride] = x[w]! + from[w]!;
}
