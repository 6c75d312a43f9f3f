// Points of two classes in the plane, drawn from a seed: the sets on which one sees what a small network does. Only
// + − × ÷, √ and our own sine, so the same seed gives the same bytes on every machine.
import { must } from "../../errors.ts";
import { PURPOSE, Random } from "../../numerics/random.ts";
import { sha256 } from "../../numerics/sha256.ts";
import { cosTurns, sinTurns } from "../../numerics/trigonometry.ts";
import type { Dataset, Source } from "../dataset.ts";

export const PLANAR_SETS = ["circles", "xor", "spiral", "moons", "gaussians"] as const;
export type PlanarSet = (typeof PLANAR_SETS)[number];

/** What a network may be given of a point. */
export const PLANAR_FEATURES = ["x", "y", "x²", "y²", "xy", "sin πx", "sin πy"] as const;
export type PlanarFeature = (typeof PLANAR_FEATURES)[number];

/** Which points to draw, how many, and how far from their places. */
export type PlanarOptions = {
  readonly set: PlanarSet;
  /** Standard deviation of a point's place, in a square of −1 … 1; in [0, 1]. Default 0.02. */
  readonly noise?: number | undefined;
  /** Points to train on, and as many to test on: an integer in [2, 100,000]. Default 200. */
  readonly points?: number | undefined;
  /** Integer in [0, 2⁵³). Default 1. */
  readonly seed?: number | undefined;
  /** Columns of the features. Default x and y. */
  readonly features?: readonly PlanarFeature[] | undefined;
};

/** What is drawn where nothing else is said. */
export const PLANAR_DEFAULTS = { noise: 0.02, points: 200, features: ["x", "y"] as readonly PlanarFeature[] } as const;

const CLASSES = ["blue", "orange"] as const;

type Point = readonly [x: number, y: number];

/** The place of a point of class c, before noise; t in [0, 1). */
const PLACES: Record<PlanarSet, (c: number, t: number, random: Random) => Point> = {
  circles: (c, t, random) => {
    const radius = c === 0 ? 0.35 * Math.sqrt(random.uniform()) : random.between(0.65, 0.9);
    return [radius * cosTurns(t), radius * sinTurns(t)];
  },
  xor: (c, t, random) => {
    const [x, y] = [random.between(0.05, 0.95), random.between(0.05, 0.95)];
    const right = t < 0.5;
    return [right ? x : -x, right === (c === 0) ? y : -y];
  },
  spiral: (c, t) => {
    const turns = 1.25 * t + 0.5 * c;
    return [0.95 * t * cosTurns(turns), 0.95 * t * sinTurns(turns)];
  },
  moons: (c, t) => {
    const half = t / 2;
    const [x, y] = [0.6 * cosTurns(half), 0.6 * sinTurns(half)];
    return c === 0 ? [x - 0.3, y - 0.15] : [0.3 - x, 0.15 - y];
  },
  gaussians: (c, _, random) => {
    const at = c === 0 ? 0.45 : -0.45;
    return [at + 0.2 * random.normal(), at + 0.2 * random.normal()];
  },
};

/** The chosen features of a point. */
export function planarRow([x, y]: Point, features: readonly PlanarFeature[] = ["x", "y"]): number[] {
  const of: Record<PlanarFeature, number> = {
    x,
    y,
    "x²": x * x,
    "y²": y * y,
    xy: x * y,
    "sin πx": sinTurns(x / 2),
    "sin πy": sinTurns(y / 2),
  };
  return features.map((name) => of[name]);
}

/** Training and test points of a set. Raises InvalidInput for options out of range. */
export async function drawPlanar(options: PlanarOptions): Promise<Source & { readonly test: Dataset }> {
  const { set, seed = 1, noise = PLANAR_DEFAULTS.noise, points = PLANAR_DEFAULTS.points } = options;
  const { features = PLANAR_DEFAULTS.features } = options;
  must(noise >= 0 && noise <= 1, "noise", "a number in [0, 1]", noise);
  const whole = Number.isInteger(points) && points >= 2 && points <= 100_000;
  must(whole, "points", "an integer in [2, 100000]", points);
  must(features.length > 0, "features", `some of ${PLANAR_FEATURES.join(", ")}`, features);
  const part = (name: string, stream: number): Dataset => {
    const random = new Random(seed, PURPOSE.planar, 2 * PLANAR_SETS.indexOf(set) + stream);
    const rows = Array.from({ length: points }, (_, i) => {
      const [x, y] = PLACES[set](i % 2, random.uniform(), random);
      return planarRow([x + noise * random.normal(), y + noise * random.normal()], features);
    });
    return {
      name: `${set} ${name}`,
      features: Float32Array.from(rows.flat()),
      rows: points,
      cols: features.length,
      labels: Int32Array.from(rows, (_, i) => i % 2),
      classes: CLASSES,
      featureNames: features,
    };
  };
  const [train, test] = [part("train", 0), part("test", 1)];
  const bytes = [train, test].map(({ features: values }) => new Uint8Array(values.buffer as ArrayBuffer));
  return { name: set, train, test, sha256: await sha256(...bytes), warnings: [] };
}

/** Whether a text is the name of such a set. */
export const isPlanar = (name: string): name is PlanarSet => (PLANAR_SETS as readonly string[]).includes(name);
