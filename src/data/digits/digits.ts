// The embedded data set: 28×28 grey digits drawn from pen strokes, from a seed. Drawn, not scanned: this is not MNIST.
// Only + − × ÷, √ and our own sine, so the same seed gives the same bytes on every machine.
import { must } from "../../errors.ts";
import { PURPOSE, Random } from "../../numerics/random.ts";
import { sha256 } from "../../numerics/sha256.ts";
import { cosTurns, sinTurns } from "../../numerics/trigonometry.ts";
import type { Dataset, Source } from "../dataset.ts";
import { greyForm } from "../pictures/border.ts";
import { bezier, segment } from "./ink.ts";
import { GLYPHS } from "./strokes.ts";

const SIDE = 28;
const CLASSES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
const WOBBLE = 3.1; // standard deviation of a point's place, in hundredths of the digit's height

/**
 * How far the ways of writing go: uniform in ± the value, or between the two values. Chosen so that, on the default
 * sizes, a linear model ends below 95 % (94.1 % at most in 300 epochs) and 784-256-256-256-10 above 97 % (97.6 to 99.1
 * % after ten, eight seeds; plain SGD, batches of 64, rate 0.1).
 */
const HAND = {
  turn: 0.05, //           turns
  slant: 0.33, //          x moved per y
  width: [0.66, 1.08], //  of 20 pixels
  height: [0.78, 1.06],
  shift: 1.5, //             pixels
  pen: [0.9, 1.6], //    radius, pixels
  soft: [0.6, 1.2], //   width of the pen's soft edge, pixels
  dark: [0.7, 1], //      ink at full pressure
} as const;

/** A part's images come from streams of its own, so the two never share one. */
export type Part = "train" | "test";

/**
 * One image: 28×28 bytes into `out` (all zero before), the i-th of `part`. A pure function of (seed, part, i, digit).
 * `ink` [784] is room to work in.
 */
function draw(out: Uint8Array, random: Random, digit: number, ink: Float64Array): void {
  const ways = GLYPHS[digit] as (typeof GLYPHS)[number];
  const glyph = ways[random.integer(ways.length)] as (typeof ways)[number];
  const turn = random.between(-HAND.turn, HAND.turn);
  const slant = random.between(-HAND.slant, HAND.slant);
  const width = 0.2 * random.between(...HAND.width); //  pixels per hundredth
  const height = 0.2 * random.between(...HAND.height);
  const cos = cosTurns(turn);
  const sin = sinTurns(turn);
  const left = SIDE / 2 + random.between(-HAND.shift, HAND.shift);
  const top = SIDE / 2 + random.between(-HAND.shift, HAND.shift);
  const pen = random.between(...HAND.pen);
  const soft = random.between(...HAND.soft);
  const dark = random.between(...HAND.dark);
  ink.fill(0);
  for (const stroke of glyph) {
    const n = stroke.x.length;
    const x = new Float64Array(n);
    const y = new Float64Array(n);
    for (let p = 0; p < n; p++) {
      const v = height * (stroke.y[p]! - 50 + WOBBLE * random.normal());
      const u = width * (stroke.x[p]! - 50 + WOBBLE * random.normal()) - slant * v;
      x[p] = left + cos * u - sin * v;
      y[p] = top + sin * u + cos * v;
    }
    const press = random.between(0.75, 1); // pressure where the stroke begins …
    const lift = random.between(0.6, 1); //   … and where it ends
    bezier(x, y, stroke.corner, (x0, y0, x1, y1, along) => {
      const pressure = press + (lift - press) * along;
      segment(ink, SIDE, x0, y0, x1, y1, pen * pressure, soft, dark * Math.min(1, pressure + 0.15));
    });
  }
  for (let k = 0; k < ink.length; k++) {
    const value = ink[k] as number;
    if (value > 0) out[k] = Math.min(255, Math.floor(255 * value * random.between(0.88, 1.04)));
  }
}

/**
 * The first `count` images of a part, a dataset of bytes [count×784]. Every ten images in turn hold each digit once, in
 * a shuffled order, and image i does not depend on `count`. `seed` in [0, 2⁵³), 1 ≤ count ≤ 2²⁸.
 */
export function drawPart(seed: number, part: Part, count: number): Dataset {
  must(Number.isSafeInteger(seed) && seed >= 0, "seed", "an integer in [0, 2^53)", seed);
  must(Number.isInteger(count) && count >= 1 && count <= 2 ** 28, `${part} images`, "an integer in [1, 2^28]", count);
  const features = new Uint8Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  const stream = part === "train" ? 0 : 2;
  const order = new Int32Array(10);
  const ink = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < count; i++) {
    if (i % 10 === 0) {
      for (let digit = 0; digit < 10; digit++) order[digit] = digit;
      new Random(seed, PURPOSE.digits, 4 * (i / 10) + stream + 1).shuffle(order);
    }
    labels[i] = order[i % 10] as number;
    const image = features.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);
    draw(image, new Random(seed, PURPOSE.digits, 4 * i + stream), labels[i]!, ink);
  }
  return {
    name: `digits ${part}`,
    features,
    rows: count,
    cols: SIDE * SIDE,
    labels,
    classes: CLASSES,
    image: { height: SIDE, width: SIDE },
    picture: greyForm(features, count, SIDE, SIDE),
  };
}

/** How many digits to draw, and from which seed. */
export type DigitsOptions = {
  /** Integer in [0, 2⁵³). Default 1. */
  readonly seed?: number | undefined;
  /** Images to train on, an integer in [1, 2²⁸]. Default 10,000. */
  readonly train?: number | undefined;
  /** Images to test on, an integer in [1, 2²⁸]. Default 2,000. */
  readonly test?: number | undefined;
};

/**
 * Both parts of the drawn digits; `sha256` is of training images, training labels, test images, test labels, a byte
 * each.
 */
export async function drawDigits(options: DigitsOptions = {}): Promise<Source & { readonly test: Dataset }> {
  const { seed = 1 } = options;
  const train = drawPart(seed, "train", options.train ?? 10_000);
  const test = drawPart(seed, "test", options.test ?? 2_000);
  const parts = [train, test].flatMap((part) => [part.features as Uint8Array, Uint8Array.from(part.labels)]);
  return { name: "digits", train, test, sha256: await sha256(...parts), warnings: [] };
}
