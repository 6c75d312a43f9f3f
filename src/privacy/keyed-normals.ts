// The noise of a private step: standard normal draws of a key, number 0, 1, 2, …, each a function of key and number
// alone. The words are those of ChaCha20 under that key, two of them make two draws (box-muller.ts). Where the radius
// is large, one in 4096, it has 53 bits more from a block of its own: no tail is cut before 10.9, which a pair of
// draws passes with chance 2⁻⁸⁵.
import { placePair, radiusOf } from "../numerics/box-muller.ts";
import { chacha20 } from "../numerics/chacha20.ts";
import { log } from "../numerics/exp-log.ts";

/** Draws of a group: words 0 … 7 of 16 blocks are for the radii, word w of block b for draw 16·w + b and its pair. */
export const GROUP = 256;
const PAIRS = GROUP / 2;
const BLOCKS = 16;
const TWO_32 = 2 ** 32;
const f = Math.fround;

/** Below it, of 2³², a radius has bits of its own. */
export const TAIL = 2 ** 20;
const TAIL_NONCE = 1; // first word of the nonce; that of the groups is 0

const more = new Uint32Array(16);

/** √(−2 ln u) of a word below TAIL, with 53 bits more, in float64. */
function tailRadius(key: Uint32Array, word: number, pair: number): number {
  chacha20(more, key, pair, [TAIL_NONCE, Math.floor(pair / TWO_32), 0]);
  const rest = ((more[0]! >>> 5) * 0x4000000 + (more[1]! >>> 6) + 0.5) * 2 ** -53;
  return f(Math.sqrt(-2 * log((word + rest) * 2 ** -32)));
}

const words = new Uint32Array(GROUP);

/** Draws 256·group … of `key` into `out`, float32 numbers. */
export function drawGroup(out: Float32Array, key: Uint32Array, group: number): void {
  for (let b = 0; b < BLOCKS; b++) chacha20(words, key, BLOCKS * group + b, [0, 0, 0], b, BLOCKS);
  for (let i = 0; i < PAIRS; i++) placePair(out, i, PAIRS + i, radiusOf(words[i]!), words[PAIRS + i]!);
  placeTails(out, words, key, group);
  words.fill(0); // what was drawn stays nowhere
}

/** Draws of a group whose radius has bits of its own, in place of those of its word alone. */
export function placeTails(out: Float32Array, words: Uint32Array, key: Uint32Array, group: number): void {
  for (let i = 0; i < PAIRS; i++)
    if (words[i]! < TAIL)
      placePair(out, i, PAIRS + i, tailRadius(key, words[i]!, PAIRS * group + i), words[PAIRS + i]!);
}

/** Draws 0, 1, 2, … of `key`. */
export function drawNormals(key: Uint32Array, out: Float32Array | Float64Array): void {
  const group = new Float32Array(GROUP);
  for (let at = 0; at < out.length; at += GROUP) {
    drawGroup(group, key, at / GROUP);
    out.set(group.subarray(0, Math.min(GROUP, out.length - at)), at);
  }
}
