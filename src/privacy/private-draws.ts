// What a private step draws: its rows, each by a coin of its own, and its noise. From the system's cryptographic
// generator; from a seed only for tests, where nothing is hidden from whoever knows it.
import { exp, log } from "../numerics/exp-log.ts";
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

const LAYERS = 256;
const RIGHT = 3.6541528853610088; //    where the tail begins
const AREA = 4.92867323399e-3; //       of each layer

/** Edges x_k of the layers of equal area under e^{−x²/2}, and the shares of each that lie wholly under it. */
const EDGES = (() => {
  const edges = new Float64Array(LAYERS + 1);
  let height = exp(-0.5 * RIGHT * RIGHT);
  edges[0] = AREA / height;
  edges[1] = RIGHT;
  for (let k = 2; k < LAYERS; k++) {
    edges[k] = Math.sqrt(-2 * log(AREA / edges[k - 1]! + height));
    height = exp(-0.5 * edges[k]! * edges[k]!);
  }
  return edges; // x_LAYERS = 0
})();
const HEIGHTS = EDGES.map((x) => exp(-0.5 * x * x));
const INNER = Float64Array.from({ length: LAYERS }, (_, k) => EDGES[k + 1]! / EDGES[k]!);

/**
 * Independent standard normal draws into `out`: the ziggurat of Marsaglia and Tsang (2000) as Doornik (2005) mends it,
 * with bits of its own for the layer and 56 for the place in it.
 */
export function drawNormals(words: Words, out: Float32Array | Float64Array): void {
  const { block } = words;
  const signed = new Int32Array(block.buffer);
  for (let i = 0; i < out.length; ) {
    if (words.at > block.length - 2) refill(words); // a last single word is left out
    let { at } = words;
    let inside = true;
    for (const end = Math.min(out.length, i + ((block.length - at) >> 1)); inside && i < end; i++) {
      const word = signed[at]!;
      const u = placeOf(word, block[at + 1]!);
      const layer = word & (LAYERS - 1);
      at += 2;
      inside = Math.abs(u) < INNER[layer]!;
      if (inside) out[i] = u * EDGES[layer]!;
      else {
        words.at = at;
        out[i] = outside(words, u, layer);
        at = words.at;
      }
    }
    words.at = at;
  }
  block.fill(0, 0, words.at); // what was drawn stays nowhere
}

/** In [−1, 1), a multiple of 2⁻⁵⁵: the upper 24 bits of a signed word and all of the next. */
const placeOf = (word: number, next: number): number => (word >> 8) * 2 ** -23 + next * 2 ** -55;

/** A draw whose first place u in `layer` is not wholly under the curve: one in a hundred. */
function outside(words: Words, u: number, layer: number): number {
  for (;;) {
    const x = u * EDGES[layer]!;
    if (Math.abs(u) < INNER[layer]!) return x;
    if (layer === 0) return u < 0 ? -tail(words) : tail(words);
    const low = HEIGHTS[layer]!;
    if (low + uniform(words) * (HEIGHTS[layer + 1]! - low) < exp(-0.5 * x * x)) return x;
    const word = nextWord(words) | 0;
    layer = word & (LAYERS - 1);
    u = placeOf(word, nextWord(words));
  }
}

/** A normal draw beyond RIGHT (Marsaglia, 1964). */
function tail(words: Words): number {
  for (;;) {
    const x = -log(uniform(words)) / RIGHT;
    if (-2 * log(uniform(words)) >= x * x) return RIGHT + x;
  }
}
