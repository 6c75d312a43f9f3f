// The stream cipher ChaCha20 (Bernstein, 2008; RFC 8439): without its key of 256 bits nobody known tells its words from
// uniform ones. test/numerics/chacha20.test.ts has the published test vectors.

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** "expand 32-byte k" */
export const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
export const DOUBLE_ROUNDS = 10;

/**
 * The 16 words of block `counter` of a key of 8 words, to out[0], out[stride], out[2·stride], … from `at` on. Counter
 * and nonce are taken modulo 2³².
 */
export function chacha20(
  out: Uint32Array,
  key: Uint32Array,
  counter: number,
  nonce: readonly [number, number, number] = [0, 0, 0],
  at = 0,
  stride = 1,
): void {
  const [c0, c1, c2, c3] = CONSTANTS;
  const [k0, k1, k2, k3] = [key[0]! | 0, key[1]! | 0, key[2]! | 0, key[3]! | 0];
  const [k4, k5, k6, k7] = [key[4]! | 0, key[5]! | 0, key[6]! | 0, key[7]! | 0];
  const [n0, n1, n2, n3] = [counter | 0, nonce[0] | 0, nonce[1] | 0, nonce[2] | 0];
  let [a0, a1, a2, a3] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0];
  let [b0, b1, b2, b3, b4, b5, b6, b7] = [k0, k1, k2, k3, k4, k5, k6, k7];
  let [d0, d1, d2, d3] = [n0, n1, n2, n3];
  for (let round = 0; round < DOUBLE_ROUNDS; round++) {
    // columns of the square [a; b0 … b3; b4 … b7; d]
    a0 = (a0 + b0) | 0;
    d0 = rotate(d0 ^ a0, 16);
    b4 = (b4 + d0) | 0;
    b0 = rotate(b0 ^ b4, 12);
    a0 = (a0 + b0) | 0;
    d0 = rotate(d0 ^ a0, 8);
    b4 = (b4 + d0) | 0;
    b0 = rotate(b0 ^ b4, 7);
    a1 = (a1 + b1) | 0;
    d1 = rotate(d1 ^ a1, 16);
    b5 = (b5 + d1) | 0;
    b1 = rotate(b1 ^ b5, 12);
    a1 = (a1 + b1) | 0;
    d1 = rotate(d1 ^ a1, 8);
    b5 = (b5 + d1) | 0;
    b1 = rotate(b1 ^ b5, 7);
    a2 = (a2 + b2) | 0;
    d2 = rotate(d2 ^ a2, 16);
    b6 = (b6 + d2) | 0;
    b2 = rotate(b2 ^ b6, 12);
    a2 = (a2 + b2) | 0;
    d2 = rotate(d2 ^ a2, 8);
    b6 = (b6 + d2) | 0;
    b2 = rotate(b2 ^ b6, 7);
    a3 = (a3 + b3) | 0;
    d3 = rotate(d3 ^ a3, 16);
    b7 = (b7 + d3) | 0;
    b3 = rotate(b3 ^ b7, 12);
    a3 = (a3 + b3) | 0;
    d3 = rotate(d3 ^ a3, 8);
    b7 = (b7 + d3) | 0;
    b3 = rotate(b3 ^ b7, 7);
    // diagonals
    a0 = (a0 + b1) | 0;
    d3 = rotate(d3 ^ a0, 16);
    b6 = (b6 + d3) | 0;
    b1 = rotate(b1 ^ b6, 12);
    a0 = (a0 + b1) | 0;
    d3 = rotate(d3 ^ a0, 8);
    b6 = (b6 + d3) | 0;
    b1 = rotate(b1 ^ b6, 7);
    a1 = (a1 + b2) | 0;
    d0 = rotate(d0 ^ a1, 16);
    b7 = (b7 + d0) | 0;
    b2 = rotate(b2 ^ b7, 12);
    a1 = (a1 + b2) | 0;
    d0 = rotate(d0 ^ a1, 8);
    b7 = (b7 + d0) | 0;
    b2 = rotate(b2 ^ b7, 7);
    a2 = (a2 + b3) | 0;
    d1 = rotate(d1 ^ a2, 16);
    b4 = (b4 + d1) | 0;
    b3 = rotate(b3 ^ b4, 12);
    a2 = (a2 + b3) | 0;
    d1 = rotate(d1 ^ a2, 8);
    b4 = (b4 + d1) | 0;
    b3 = rotate(b3 ^ b4, 7);
    a3 = (a3 + b0) | 0;
    d2 = rotate(d2 ^ a3, 16);
    b5 = (b5 + d2) | 0;
    b0 = rotate(b0 ^ b5, 12);
    a3 = (a3 + b0) | 0;
    d2 = rotate(d2 ^ a3, 8);
    b5 = (b5 + d2) | 0;
    b0 = rotate(b0 ^ b5, 7);
  }
  out[at] = a0 + c0;
  out[at + stride] = a1 + c1;
  out[at + 2 * stride] = a2 + c2;
  out[at + 3 * stride] = a3 + c3;
  out[at + 4 * stride] = b0 + k0;
  out[at + 5 * stride] = b1 + k1;
  out[at + 6 * stride] = b2 + k2;
  out[at + 7 * stride] = b3 + k3;
  out[at + 8 * stride] = b4 + k4;
  out[at + 9 * stride] = b5 + k5;
  out[at + 10 * stride] = b6 + k6;
  out[at + 11 * stride] = b7 + k7;
  out[at + 12 * stride] = d0 + n0;
  out[at + 13 * stride] = d1 + n1;
  out[at + 14 * stride] = d2 + n2;
  out[at + 15 * stride] = d3 + n3;
}
