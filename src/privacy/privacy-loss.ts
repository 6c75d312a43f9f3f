// The privacy loss distribution of sampled Gaussian steps: the tightest (ε, δ) up to its grid, always from above. One
// step is brought to a grid so that δ(ε) is exact on it and above the truth between ("connect the dots": Doroshenko et
// al., arXiv 2207.04380); steps are composed by Fourier transforms (Koskela, Jälkö and Honkela, arXiv 1906.03049).
import { exp, log } from "../numerics/exp-log.ts";
import { fourierTransform } from "../numerics/fft.ts";
import { bell, INVERSE_ROOT_2PI, normalCdf } from "../numerics/normal.ts";
import type { SampledGaussian } from "./renyi.ts";

/** Masses of the loss at k·interval for k = lowest, lowest + 1, …, and of an infinite loss. */
type LossMasses = {
  readonly interval: number;
  readonly lowest: number;
  readonly masses: Float64Array;
  readonly infinite: number;
};

const FINENESS = 20; //      intervals of the grid in a deviation of one step's loss: ε is too large by some 10⁻⁴
const MOST_CELLS = 2 ** 19; // of a transform
const TAIL = 1e-15; //          of the composed loss, left of the grid and right of it
const REACH = 9; //             deviations of one step's noise that are looked at; beyond lies 10⁻¹⁹

/** Data sets that are told apart: with one row more or less, or with one row replaced by another. */
export type Neighbors = "add-or-remove" | "substitute";

/** δ(ε) and its inverse, for as many steps of a run as have been done. */
export class PrivacyCurve {
  readonly #sides: readonly Spectrum[];
  readonly #steps: number;

  /**
   * Of a run of at most `steps` steps. `interval` of the grid: a finer one is nearer to the truth, by its square.
   * Default: a twentieth of the standard deviation of one step's loss, or coarser where the losses of all steps would
   * not fit.
   */
  constructor(
    { noise, rate, steps }: SampledGaussian,
    { neighbors = "add-or-remove", interval }: { neighbors?: Neighbors; interval?: number } = {},
  ) {
    const pairs = neighbors === "substitute" ? [substituted(noise, rate)] : [removed(noise, rate), added(noise, rate)];
    this.#sides = pairs.map((pair) => new Spectrum(pair, steps, interval));
    this.#steps = steps;
  }

  /** δ at ε ≥ 0. */
  delta(epsilon: number, steps = this.#steps): number {
    return Math.max(...this.#sides.map((side) => deltaAt(side.composed(steps), epsilon)));
  }

  /** The smallest ε ≥ 0 at δ in (0, 1); infinite where no ε has it. */
  epsilon(delta: number, steps = this.#steps): number {
    return Math.max(...this.#sides.map((side) => epsilonAt(side.composed(steps), delta)));
  }
}

/** Two distributions of a step's output x with P(x)/Q(x) rising in x: what the neighbors are told apart by. */
type Pair = {
  readonly noise: number;
  readonly first: number; // P has chance 10⁻¹⁹ below it
  readonly last: number; //  and above it
  readonly density: (x: number) => number; //      of P
  readonly ratio: (x: number) => number; //        P/Q
  readonly inverse: (ratio: number) => number; //  x; −∞ where P/Q is larger everywhere
};

const bellAt = (x: number, noise: number): number => (INVERSE_ROOT_2PI * bell(x / noise)) / noise;

/** P the mixture (1 − q)·N(0, σ²) + q·N(1, σ²), Q = N(0, σ²): P/Q = 1 − q + q e^{(2x − 1)/2σ²}. */
function removed(noise: number, rate: number): Pair {
  const ratio = (x: number) => 1 - rate + rate * exp((2 * x - 1) / (2 * noise * noise));
  return {
    noise,
    first: -REACH * noise,
    last: 1 + REACH * noise,
    density: (x) => bellAt(x, noise) * ratio(x),
    ratio,
    inverse: (r) => noise * noise * log(Math.max(0, r - (1 - rate)) / rate) + 0.5,
  };
}

/** The two exchanged, and x turned round. */
function added(noise: number, rate: number): Pair {
  const pair = removed(noise, rate);
  return {
    noise,
    first: -REACH * noise,
    last: REACH * noise,
    density: (x) => bellAt(x, noise),
    ratio: (x) => 1 / pair.ratio(-x),
    inverse: (r) => -pair.inverse(1 / r),
  };
}

/** The mixture with N(1, σ²) against that with N(−1, σ²): a quadratic equation in e^{x/σ²} gives x. */
function substituted(noise: number, rate: number): Pair {
  const { density, first, last, ratio } = removed(noise, rate);
  const k = rate * exp(-1 / (2 * noise * noise));
  const half = (r: number) => ((1 - rate) * (r - 1)) / (2 * k);
  return {
    noise,
    first,
    last,
    density,
    ratio: (x) => ratio(x) / ratio(-x),
    inverse: (r) => noise * noise * log(half(r) + Math.sqrt(half(r) ** 2 + r)),
  };
}

/** The losses of one step, transformed, of which any number of steps is composed. */
class Spectrum {
  readonly #one: LossMasses;
  readonly #tilt: number;
  readonly #scale: number; //  ln E e^{tL}
  readonly #lowest: number; // of the grid of a composed loss
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;

  /**
   * For up to `steps` steps. The masses are tilted by e^{tL} for the transform, so that its rounding is small beside
   * those that make δ.
   */
  constructor(pair: Pair, steps: number, asked: number | undefined) {
    const [low, high] = lossRange(pair);
    const coarse = oneStep(pair, (high - low) / COARSE_CELLS);
    const fewer = [steps, Math.ceil(steps / 8), Math.ceil(steps / 64), 1];
    const [rising, falling] = [1, -1].map((sign) => SLOPES.map((slope) => logMoment(coarse, sign * slope)));
    const from = -Math.max(...fewer.map((n) => chernoff(falling!, n)));
    const to = Math.max(...fewer.map((n) => chernoff(rising!, n)));
    const fits = Math.max(to - from, high - low) / (MOST_CELLS - 4);
    const interval = asked ?? Math.max(deviation(coarse) / FINENESS, fits);
    const one = oneStep(pair, interval);
    let N = 2;
    while (N < (to - from) / interval + 4) N *= 2;
    const [real, imaginary] = [new Float64Array(N), new Float64Array(N)];
    this.#tilt = tiltOf(rising!, steps);
    this.#scale = logMoment(one, this.#tilt);
    one.masses.forEach((mass, k) => {
      const at = (((one.lowest + k) % N) + N) % N;
      real[at] = real[at]! + mass * exp(this.#tilt * (one.lowest + k) * interval - this.#scale);
    });
    fourierTransform(real, imaginary);
    this.#one = one;
    this.#lowest = Math.floor(from / interval) - 1;
    this.#real = real;
    this.#imaginary = imaginary;
  }

  /** The sum of `steps` losses: what lies above the grid counts as infinite, what lies below 0 is left out. */
  composed(steps: number): LossMasses {
    const { interval, infinite } = this.#one;
    const [real, imaginary] = [this.#real.slice(), this.#imaginary.slice()];
    const N = real.length;
    for (let k = 0; k < N; k++) [real[k], imaginary[k]] = complexPower(real[k]!, imaginary[k]!, steps);
    fourierTransform(real, imaginary, true);
    const masses = new Float64Array(Math.max(1, this.#lowest + N));
    for (let k = 1; k < masses.length; k++)
      masses[k] = Math.max(0, real[k]!) * exp(steps * this.#scale - this.#tilt * k * interval);
    return { interval, lowest: 0, masses, infinite: Math.min(1, steps * infinite + 2 * TAIL) };
  }
}

const COARSE_CELLS = 1024;
const MOST_TILT = 14; // near the best for δ = 10⁻⁶

function deviation({ interval, lowest, masses }: LossMasses): number {
  let [mean, square] = [0, 0];
  masses.forEach((mass, k) => {
    mean += mass * (lowest + k) * interval;
    square += mass * ((lowest + k) * interval) ** 2;
  });
  return Math.sqrt(square - mean * mean);
}

/** What the loss of one step is in, but for noise beyond REACH. */
const lossRange = ({ first, last, ratio }: Pair): [low: number, high: number] => [log(ratio(first)), log(ratio(last))];

/** Nodes and weights of Gauss and Legendre on [−1, 1], four points. */
const NODES = [-0.8611363115940526, -0.33998104358485626, 0.33998104358485626, 0.8611363115940526];
const WEIGHTS = [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385];
const PIECE = 1 / 16; // of a deviation: the longest stretch that one quadrature takes

/**
 * One step on a grid. The mass P of a cell goes to its two ends so that the cell's mass under Q stays, too: then δ is
 * the true one at every point of the grid.
 */
function oneStep(pair: Pair, interval: number): LossMasses {
  const { noise, first, last, density, ratio, inverse } = pair;
  const [low, high] = lossRange(pair);
  const lowest = Math.floor(low / interval);
  const masses = new Float64Array(Math.ceil(high / interval) - lowest + 2);
  const at = (loss: number) => Math.min(last, Math.max(first, inverse(exp(loss))));
  const step = 1 - exp(-interval);
  let from = first;
  for (let cell = 0; cell + 1 < masses.length; cell++) {
    const least = exp((lowest + cell) * interval);
    const to = at((lowest + cell + 1) * interval);
    const pieces = Math.ceil((to - from) / (PIECE * noise));
    for (let piece = 0; piece < pieces; piece++) {
      const half = (to - from) / pieces / 2;
      const center = from + (2 * piece + 1) * half;
      for (let n = 0; n < NODES.length; n++) {
        const x = center + half * NODES[n]!;
        const mass = WEIGHTS[n]! * half * density(x);
        const share = Math.min(1, Math.max(0, (1 - least / ratio(x)) / step)); // to the upper end
        masses[cell] = masses[cell]! + mass * (1 - share);
        masses[cell + 1] = masses[cell + 1]! + mass * share;
      }
    }
    from = to;
  }
  const beyond = normalCdf(-REACH);
  masses[1] = masses[1]! + beyond; // the tail of the smallest losses, moved up
  return { interval, lowest, masses, infinite: beyond };
}

const SLOPES = Array.from({ length: 33 }, (_, k) => exp(k / 2 - 6));

/** What a sum of `steps` losses is above with chance TAIL at most, from ln E e^{sL} at SLOPES. */
function chernoff(moments: readonly number[], steps: number): number {
  return Math.min(...moments.map((moment, k) => (steps * moment - log(TAIL)) / SLOPES[k]!));
}

/** The largest slope with E e^{tL} ≤ e^{MOST_TILT}: rounding in δ is then below e^{MOST_TILT − tε}·2⁻⁵² everywhere. */
function tiltOf(moments: readonly number[], steps: number): number {
  const k = moments.findLastIndex((moment) => steps * moment <= MOST_TILT);
  return SLOPES[Math.max(0, k)]!;
}

/** ln E e^{sL}. */
function logMoment({ interval, lowest, masses }: LossMasses, slope: number): number {
  let most = Number.NEGATIVE_INFINITY;
  const exponent = (k: number) => log(masses[k]!) + slope * (lowest + k) * interval;
  for (let k = 0; k < masses.length; k++) if (masses[k]! > 0) most = Math.max(most, exponent(k));
  let sum = 0;
  for (let k = 0; k < masses.length; k++) if (masses[k]! > 0) sum += exp(exponent(k) - most);
  return most + log(sum);
}

function complexPower(re: number, im: number, n: number): [number, number] {
  let [r, i] = [1, 0];
  let [a, b] = [re, im];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) [r, i] = [r * a - i * b, r * b + i * a];
    [a, b] = [a * a - b * b, 2 * a * b];
  }
  return [r, i];
}

/** Σ_{L > ε} (1 − e^{ε − L})·P(L). */
function deltaAt({ interval, lowest, masses, infinite }: LossMasses, epsilon: number): number {
  let delta = infinite;
  for (let k = masses.length - 1; k >= 0; k--) {
    const loss = (lowest + k) * interval;
    if (loss <= epsilon) break;
    delta += masses[k]! * (1 - exp(epsilon - loss));
  }
  return delta;
}

function epsilonAt({ interval, lowest, masses, infinite }: LossMasses, delta: number): number {
  if (infinite > delta) return Number.POSITIVE_INFINITY;
  let [mass, weighed] = [infinite, 0]; // Σ P(L) and Σ P(L) e^{−L} over the losses above
  for (let k = masses.length - 1; k >= 0; k--) {
    const loss = (lowest + k) * interval;
    if (mass - exp(Math.max(0, loss)) * weighed > delta) break;
    if (loss <= 0) return 0;
    mass += masses[k]!;
    weighed += masses[k]! * exp(-loss);
  }
  return Math.max(0, log((mass - delta) / weighed));
}
