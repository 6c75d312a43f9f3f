// Counter-based random numbers: draw n of a stream is a pure function of (seed, stream, n). It does not depend on the
// order of the draws, the number of threads or the language. Philox-4x32-10 of Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); test/numerics/random.test.ts has its published test vectors.
import { log } from "./exp-log.ts";

/** Philox's constants. */
export const MULTIPLIER_0 = 0xd2511f53;
export const MULTIPLIER_1 = 0xcd9e8d57;
export const WEYL_0 = 0x9e3779b9; // golden ratio
export const WEYL_1 = 0xbb67ae85; // √3 − 1
export const ROUNDS = 10;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16); // ≤ ffff·ffff + ffff < 2³²
  const low = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff); //             the same
  return (Math.imul(a1, b1) + (middle >>> 16) + (low >>> 16)) >>> 0;
}

/** One Philox-4x32-10 block: counter (4 words) and key (2 words) to four uniform 32-bit words, written into `out`. */
export function philox(
  out: Uint32Array,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  let c0 = counter[0] | 0; // signed: additions then stay in 32 bits
  let c1 = counter[1] | 0;
  let c2 = counter[2] | 0;
  let c3 = counter[3] | 0;
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Numbers of the streams. Two purposes never share a draw, for any indices. */
export const PURPOSE = {
  initialize: 1,
  shuffle: 2,
  split: 3,
  digits: 4,
  check: 5,
  sample: 6,
  examples: 7,
  planar: 9,
  folds: 16,
  permute: 17,
  fields: 22,
  distort: 23,
  mixup: 24,
  dropout: 18,
  inputNoise: 19,
  privateRows: 20, //  of --insecure-seed alone
  privateNoise: 21, // of --insecure-seed alone
  search: 25,
} as const;

/**
 * A stream of draws named by (seed, purpose, index), e.g. (1, shuffle, epoch 7).
 * `seed` is an integer in [0, 2⁵³), `purpose` and `index` integers in [0, 2³²).
 */
export class Random {
  readonly #key: readonly [number, number];
  readonly #purpose: number;
  readonly #index: number;
  readonly #block = new Uint32Array(4);
  #position = 0;

  constructor(seed: number, purpose: number, index = 0) {
    this.#key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
    this.#purpose = purpose >>> 0;
    this.#index = index >>> 0;
  }

  /** The next 32 uniform bits. */
  uint32(): number {
    const lane = this.#position % 4;
    if (lane === 0) {
      const block = Math.floor(this.#position / 4);
      philox(this.#block, [block >>> 0, Math.floor(block / 0x100000000) >>> 0, this.#index, this.#purpose], this.#key);
    }
    this.#position++;
    return this.#block[lane]!;
  }

  /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number {
    const high = this.uint32() >>> 5; // 27 bits
    const low = this.uint32() >>> 6; //  26 bits
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A uniform integer in [0, below), 1 ≤ below ≤ 2³². Rejection, so there is no modulo bias. */
  integer(below: number): number {
    const limit = 0x100000000 - (0x100000000 % below);
    for (;;) {
      const word = this.uint32();
      if (word < limit) return word % below;
    }
  }

  /** A standard normal draw, by Marsaglia's polar method (SIAM Review 6, 1964): √ and the log of exp-log.ts alone. */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * log(s)) / s);
    }
  }

  /** Shuffle `items` in place: Fisher and Yates, from the end; in pieces: from the place `from` down to above `to`. */
  shuffle<T extends Uint32Array | Int32Array | unknown[]>(items: T, from = items.length - 1, to = 0): T {
    for (let i = from; i > to; i--) {
      const j = this.integer(i + 1);
      const moved = items[i];
      items[i] = items[j] as never;
      items[j] = moved as never;
    }
    return items;
  }
}
