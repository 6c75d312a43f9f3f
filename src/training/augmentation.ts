// How training images are distorted: limits, named sets of them, and their check. distortions.ts draws within them.
import type { Dataset } from "../data/dataset.ts";
import type { Scaling } from "../data/scaling.ts";
import { InvalidInput, must } from "../errors.ts";
import type { PixelForm } from "../network/warp.ts";
import { knownOptions } from "./known-options.ts";

/** Limits of the distortions that a class can have of its own. Each draw is uniform between −limit and limit. */
export type DistortionLimits = {
  /** Degrees, in [0, 180]. */
  readonly rotation: number;
  /** Pixels that a row moves for each pixel of height, in [0, 1]. */
  readonly shear: number;
  /** Each axis is stretched by 1 ± so much, in [0, 0.9]. */
  readonly scale: number;
  /** Pixels along each axis, in [0, 1024]. */
  readonly shift: number;
  /** Root mean square of the elastic displacement along each axis, in pixels, in [0, 64] (Simard et al., 2003). */
  readonly elastic: number;
};

/** How training images are distorted, anew in every epoch. What evaluates sees every image as it is. */
export type Augmentation = DistortionLimits & {
  /** σ of the Gaussian that smooths the elastic displacement, in pixels, in [1, 64]. */
  readonly smoothness: number;
  /** Standard deviation of the noise added to each input, after scaling, in [0, 10]. */
  readonly noise: number;
  /** Share of the images that lose a rectangle, in [0, 1]. */
  readonly erase: number;
  /** Its greatest side, as a share of the image's, in (0, 1]. */
  readonly eraseSize: number;
  /** What lies outside an image, as the data have it: 0 is black. */
  readonly fill: number;
  /** Other limits of single classes, by name. */
  readonly classes: Readonly<Record<string, Partial<DistortionLimits>>>;
};

/** Names of augmentations. */
export const AUGMENTATIONS = ["none", "digits", "image"] as const;
/** "none", "digits" or "image". */
export type AugmentationName = (typeof AUGMENTATIONS)[number];

/** No distortion: what an augmentation leaves out. */
export const UNDISTORTED: Augmentation = {
  rotation: 0,
  shear: 0,
  scale: 0,
  shift: 0,
  elastic: 0,
  smoothness: 5.5,
  noise: 0,
  erase: 0,
  eraseSize: 0.4,
  fill: 0,
  classes: {},
};

/** 1 and 7 turn half as far: between them an angle decides. */
const NAMED: Record<Exclude<AugmentationName, "none">, Augmentation> = {
  digits: {
    ...UNDISTORTED,
    rotation: 15,
    shear: 0.15,
    scale: 0.15,
    shift: 1,
    elastic: 1.4,
    classes: { 1: { rotation: 7.5 }, 7: { rotation: 7.5 } },
  },
  image: { ...UNDISTORTED, rotation: 10, shear: 0.1, scale: 0.1, shift: 2 },
};

/** The least and the most of each limit. */
export const AUGMENTATION_RANGES: Record<Exclude<keyof Augmentation, "classes" | "fill">, readonly [number, number]> = {
  rotation: [0, 180],
  shear: [0, 1],
  scale: [0, 0.9],
  shift: [0, 1024],
  elastic: [0, 64],
  smoothness: [1, 64],
  noise: [0, 10],
  erase: [0, 1],
  eraseSize: [0.01, 1],
};
const LIMITS = ["rotation", "shear", "scale", "shift", "elastic"] as const;

/**
 * `asked` with every number, for these rows; undefined for none. A part of an augmentation leaves the rest at 0,
 * `smoothness` at 5.5, `eraseSize` at 0.4 and `fill` at what surrounds the images. Raises InvalidInput: NOT_IMAGES,
 * UNKNOWN_CLASS, or for a number that is out of range.
 */
export function resolveAugmentation(
  asked: AugmentationName | Partial<Augmentation> | undefined,
  train: Dataset,
): Augmentation | undefined {
  if (asked === undefined || asked === "none") return undefined;
  const named = typeof asked === "string";
  must(
    !named || AUGMENTATIONS.includes(asked),
    "augment",
    `one of ${AUGMENTATIONS.join(", ")}, or an object of limits`,
    asked,
  );
  pixelForm(train);
  const { fill = border(train), ...given } = named ? namedLimits(asked, train.classes) : limitsOf(asked);
  const whole: Augmentation = { ...UNDISTORTED, ...given, fill };
  checkLimits(whole, "augment");
  must(Number.isFinite(Math.fround(fill)), "augment.fill", "a finite number", fill);
  for (const [name, limits] of Object.entries(whole.classes)) {
    if (!train.classes.includes(name)) {
      const reason = `augment.classes has a class ${name}, which the data have not: ${train.classes.join(", ")}.`;
      throw new InvalidInput("UNKNOWN_CLASS", reason);
    }
    checkLimits(knownOptions(limits, LIMITS, `augment.classes.${name}`), `augment.classes.${name}`);
  }
  return whole;
}

/** The limits of a name for data of these classes; what surrounds the images is left to them. */
export function namedLimits(
  name: Exclude<AugmentationName, "none">,
  classes: readonly string[],
): Partial<Augmentation> {
  const { fill: _, ...limits } = NAMED[name];
  return {
    ...limits,
    classes: Object.fromEntries(Object.entries(limits.classes).filter(([c]) => classes.includes(c))),
  };
}

const limitsOf = (asked: Partial<Augmentation>) => knownOptions(asked, Object.keys(UNDISTORTED), "augment");

/** Raises InvalidInput naming the first limit in `given` that is out of its range, as one of `where`. */
export function checkLimits(given: object, where: string): void {
  for (const [name, value] of Object.entries(given)) {
    const [low, high] = (AUGMENTATION_RANGES as Record<string, readonly [number, number]>)[name] ?? [];
    if (low === undefined || high === undefined) continue;
    const ok = typeof value === "number" && value >= low && value <= high;
    must(ok, `${where}.${name}`, `a number in [${low}, ${high}]`, value);
  }
}

/** Of rows that are images. Raises InvalidInput NOT_IMAGES for others. */
export function pixelForm({ name, cols, image, picture }: Dataset): PixelForm {
  if (picture) return { width: picture.width, height: picture.height, channels: picture.color === "rgb" ? 3 : 1 };
  if (image) return { width: image.width, height: image.height, channels: 1 };
  const reason = `${name} has rows of ${cols} numbers, not images, so there is nothing to turn or to shift. Leave augment out, or read them as images of a height and a width; rows of any kind have mixup, inputDropout and inputNoise.`;
  throw new InvalidInput("NOT_IMAGES", reason);
}

/** Raises InvalidInput where each pixel has a scaling of its own: what is read between two would have neither. */
export function refuseOwnScalings(kind: Scaling["kind"]): void {
  const remedy = 'Pass images as bytes, or scaling: "none" where the numbers are small already.';
  const alike = kind === "divide" || kind === "none";
  must(alike, "augment", "left out unless all pixels are scaled alike", `scaling "${kind}"`, remedy);
}

const NEARLY = 16; // bytes from black or white

/** What surrounds an image: black; of pictures whose border is white, white; of those between, the border's mean. */
function border({ picture }: Dataset): number {
  if (!picture || picture.border.mean < NEARLY) return 0;
  const { mean } = picture.border;
  return mean > 255 - NEARLY ? picture.white : (mean / 255) * picture.white;
}
