// What a private step draws: its rows, each by a coin of its own, and the key of its noise. From the system's
// cryptographic generator; from a seed only for tests, where nothing is hidden from whoever knows it.
import { log } from "../numerics/exp-log.ts";
import { PURPOSE, Random } from "../numerics/random.ts";

/** Uniform 32-bit words: those of `block` from `at` on, which readers set to 0, then `fill` makes new ones. */
export type Words = {
  readonly block: Uint32Array<ArrayBuffer>;
  at: number;
  readonly fill: (block: Uint32Array<ArrayBuffer>) => void;
};

const POOL = 16_384; // words: 65,536 bytes, the most that getRandomValues gives at once

/** Words of the system's generator, which no seed repeats. */
export function systemWords(): Words {
  return { block: new Uint32Array(POOL), at: POOL, fill: (block) => globalThis.crypto.getRandomValues(block) };
}

const FEW = 64; // words at once of a seed, most of whose streams are short

/** Words that anyone with the seed can draw again. For tests alone. */
export function insecureWords(seed: number, purpose: keyof typeof PURPOSE, step: number): Words {
  const random = new Random(seed, PURPOSE[purpose], step);
  const fill = (block: Uint32Array) => {
    for (let i = 0; i < block.length; i++) block[i] = random.uint32();
  };
  return { block: new Uint32Array(FEW), at: FEW, fill };
}

/** One word. */
export function nextWord(words: Words): number {
  if (words.at === words.block.length) refill(words);
  const word = words.block[words.at]!;
  words.block[words.at++] = 0; // what was drawn stays nowhere
  return word;
}

function refill(words: Words): void {
  words.fill(words.block);
  words.at = 0;
}

/** Uniform in (0, 1], a multiple of 2⁻⁵³. */
function uniform(words: Words): number {
  const high = nextWord(words) >>> 5;
  return (high * 0x4000000 + (nextWord(words) >>> 6) + 1) / 0x20000000000000;
}

/**
 * The rows of one step in ascending order: each of `rows` independently with chance `rate` in (0, 1] (Poisson
 * sampling), so their number varies and may be 0 (X42). The gaps between them are geometric.
 */
export function drawRows(words: Words, rows: number, rate: number): Uint32Array {
  const drawn: number[] = [];
  const stay = log(1 - rate);
  for (let row = -1; ; ) {
    row += 1 + (rate === 1 ? 0 : Math.floor(log(uniform(words)) / stay));
    if (!(row < rows)) return Uint32Array.from(drawn);
    drawn.push(row);
  }
}

/** Of a key of the noise. */
export const KEY_WORDS = 8;

/** A key for the noise of one step (keyed-normals.ts). Whoever asks for it erases it. */
export function drawKey(words: Words): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: KEY_WORDS }, () => nextWord(words));
}
