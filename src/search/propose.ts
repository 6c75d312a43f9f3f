// What to try next, from what was tried: tree-structured Parzen estimators (Bergstra et al., "Algorithms for
// Hyper-Parameter Optimization", NeurIPS 2011), with the whole point as one kernel (Falkner et al., BOHB, ICML 2018).
import { exp, log } from "../numerics/exp-log.ts";
import type { Random } from "../numerics/random.ts";
import { type Point, randomPoint, type SearchSpace, snapped } from "./search-space.ts";

const STARTUP = 8; //     points drawn evenly before any is learned from
const GOOD = 0.2; //      share of the points that the next should be like
const CANDIDATES = 24; // drawn from the good ones, of which the best ratio is taken
const WIDTH = 0.25; //    of a kernel over one point, shrinking as n^(−1/(d + 4))
const NARROWEST = 0.02;

/**
 * A point from `tried`, the best first. `pending`, whose figures are not known yet, count as bad, so that a generation
 * is no crowd around one point. Every draw is from `random`.
 */
export function propose(space: SearchSpace, tried: readonly Point[], pending: readonly Point[], random: Random): Point {
  if (tried.length < STARTUP) return randomPoint(space, random);
  const cut = Math.max(2, Math.ceil(GOOD * tried.length));
  const good = new Mixture(space, tried.slice(0, cut));
  const rest = new Mixture(space, [...tried.slice(cut), ...pending]);
  let best: Point | undefined;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < CANDIDATES; k++) {
    const point = good.draw(random);
    const ratio = log(good.density(point)) - log(rest.density(point));
    if (best && !(ratio > greatest)) continue;
    [best, greatest] = [point, ratio];
  }
  return best!;
}

/** Kernels around points, and one that is flat over the whole cube, equally likely. */
class Mixture {
  readonly #space: SearchSpace;
  readonly #points: readonly Point[];
  readonly #width: number;

  constructor(space: SearchSpace, points: readonly Point[]) {
    this.#space = space;
    this.#points = points;
    const d = Object.keys(space).length;
    this.#width = Math.max(NARROWEST, WIDTH * exp(-log(points.length) / (d + 4)));
  }

  draw(random: Random): Point {
    const at = random.integer(this.#points.length + 1);
    if (at === this.#points.length) return randomPoint(this.#space, random);
    const center = this.#points[at]!;
    const drawn = Object.values(this.#space).map((dimension, d) => {
      if ("choices" in dimension) return random.uniform() < this.#stray() ? random.uniform() : center[d]!;
      return reflected(center[d]! + this.#width * random.normal());
    });
    return snapped(this.#space, Float64Array.from(drawn));
  }

  density(point: Point): number {
    const dimensions = Object.values(this.#space);
    let sum = 1; // the flat one
    for (const center of this.#points) {
      let product = 1;
      dimensions.forEach((dimension, d) => {
        product *= "choices" in dimension ? this.#same(dimension.choices.length, point[d]!, center[d]!) : 1;
        if (!("choices" in dimension)) product *= this.#near(point[d]!, center[d]!);
      });
      sum += product;
    }
    return sum / (this.#points.length + 1);
  }

  /** The chance that a draw leaves the choice of its center: less with more points. */
  #stray(): number {
    return 1 / Math.sqrt(this.#points.length + 1);
  }

  #same(n: number, u: number, center: number): number {
    return this.#stray() + (u === center ? n * (1 - this.#stray()) : 0);
  }

  /** The normal density around `center`, with what falls outside [0, 1] reflected into it. */
  #near(u: number, center: number): number {
    const w = this.#width;
    const bell = (x: number) => exp(-(x * x) / (2 * w * w));
    return (bell(u - center) + bell(u + center) + bell(2 - u - center)) / (w * Math.sqrt(2 * Math.PI));
  }
}

/** x into [0, 1] by mirrors at both ends. */
function reflected(x: number): number {
  const turn = ((x % 2) + 2) % 2;
  return turn <= 1 ? turn : 2 - turn;
}
