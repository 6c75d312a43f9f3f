// A set-up as a value, and the same value as the page's address: a link repeats the run, seed and all.
import { PLANAR_DEFAULTS, PLANAR_FEATURES, PLANAR_SETS, type PlanarFeature } from "../../data/planar/planar.ts";
import { OPTIMIZERS, type Optimizer } from "../../gradients/kernels.ts";
import type { Activation } from "../../network/network.ts";
import { INITIALIZATIONS, type Initialization } from "../../network/parameters.ts";
import { readAugmentationWord } from "../../training/augmentation-text.ts";
import type { RunChange } from "../../training/changes.ts";
import { readLossWord } from "../../training/loss-text.ts";
import { currentName } from "../../training/old-spellings.ts";
import { AS_USUAL, type Looks, readLooks, writeLooks } from "./looks.ts";
import { PAGE_ACTIVATIONS } from "./page-activation.ts";
import { AS_FOUND, READ_CHOICE, type ReadingChoices } from "./reading.ts";

export const DATA = ["digits", "mnist", "fashion-mnist", "kmnist", ...PLANAR_SETS, "file"] as const;
export type DataName = (typeof DATA)[number];

export type StudioSetup = {
  readonly data: DataName;
  readonly rows: number; //                       training rows used, 0: all
  readonly noise: number; //                      of points in the plane, 0 … 1
  readonly points: number; //                     in the plane, to train on
  readonly features: readonly PlanarFeature[]; // of such a point
  readonly randomLabels: boolean; //              labels drawn from the seed: they can only be memorized
  readonly hidden: readonly number[]; //          sizes of the hidden layers
  readonly activation: Activation;
  readonly initialization: Initialization;
  readonly loss: string; //                       a word of training/loss-text.ts; "": what is usual for the task
  readonly labelSmoothing: number; //             ε in [0, 1)
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimizer: Optimizer;
  readonly weightDecay: number; //                λ ≥ 0
  readonly augment: string; //                    a word of training/augmentation-text.ts
  readonly epochs: number;
  readonly seed: number;
} & ReadingChoices; //                             of a visitor's file

export const VIEWS = ["train", "watch", "ask", "note", "draw", "keep", "lessons"] as const;
export type ViewName = (typeof VIEWS)[number];

/** The contents of the address: set-up, view, the open lesson, and where one looks. */
export type Address = {
  readonly setup: StudioSetup;
  readonly view: ViewName;
  readonly lesson: string;
  readonly looks: Looks;
};

export const DEFAULT_SETUP: StudioSetup = {
  data: "digits",
  rows: 0,
  ...PLANAR_DEFAULTS,
  randomLabels: false,
  hidden: [128, 128, 128],
  activation: "relu",
  initialization: "he",
  loss: "",
  labelSmoothing: 0,
  batchSize: 64,
  learningRate: 0.1,
  optimizer: "sgd",
  weightDecay: 0,
  augment: "none",
  epochs: 10,
  seed: 1,
  ...AS_FOUND,
};

/** The settings that a run may change, after its changes. */
export function settingsNow({ learningRate, batchSize, weightDecay }: StudioSetup, changes: readonly RunChange[]) {
  const now: Pick<StudioSetup, "learningRate" | "batchSize" | "weightDecay"> = { learningRate, batchSize, weightDecay };
  return Object.assign(now, ...changes.map(({ options }) => options)) as typeof now;
}

/** The fragment of the page's address, without values that equal the defaults. */
export function writeAddress({
  setup,
  view,
  lesson,
  looks = AS_USUAL,
}: Omit<Address, "looks"> & Partial<Address>): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(setup)) {
    const text = String(value);
    if (text !== String(DEFAULT_SETUP[key as keyof StudioSetup])) out.set(key, text);
  }
  if (view !== "train") out.set("view", view);
  if (lesson !== "") out.set("lesson", lesson);
  for (const [name, text] of writeLooks(looks)) out.set(name, text);
  const text = out.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "" : `#${text}`;
}

/** The address in a fragment. Missing and invalid values become the defaults; invalid ones are in `ignored`. */
export function readAddress(fragment: string): Address & { readonly ignored: readonly string[] } {
  const given = new URLSearchParams();
  for (const [key, value] of new URLSearchParams(fragment.replace(/^#/, ""))) given.append(currentName(key), value);
  const ignored: string[] = [];
  const take = <T>(key: string, fallback: T, parse: (text: string) => T | undefined): T => {
    const text = given.get(key);
    given.delete(key);
    if (text === null) return fallback;
    const value = parse(text);
    if (value === undefined) ignored.push(`${key}=${text}`);
    return value ?? fallback;
  };
  const one =
    <T extends string>(names: readonly T[]) =>
    (text: string) =>
      names.find((name) => name === text);
  const whole = (low: number, high: number) => (text: string) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= low && value <= high ? value : undefined;
  };
  const d = DEFAULT_SETUP;
  const setup: StudioSetup = {
    data: take("data", d.data, one(DATA)),
    rows: take("rows", d.rows, whole(0, 10_000_000)),
    noise: take("noise", d.noise, (text) => (readNumber(text) === 1 ? 1 : readShare(text))),
    points: take("points", d.points, whole(2, 10_000)),
    features: take("features", d.features, readFeatures),
    randomLabels: take("randomLabels", d.randomLabels, (text) => (text === "true" ? true : undefined)),
    hidden: take("hidden", d.hidden, readSizes),
    activation: take("activation", d.activation, one(PAGE_ACTIVATIONS)),
    initialization: take("initialization", d.initialization, one(INITIALIZATIONS)),
    loss: take("loss", d.loss, readLoss),
    labelSmoothing: take("labelSmoothing", d.labelSmoothing, readShare),
    batchSize: take("batchSize", d.batchSize, whole(1, 65_536)),
    learningRate: take("learningRate", d.learningRate, (text) => {
      const value = readNumber(text);
      return value > 0 ? value : undefined;
    }),
    optimizer: take("optimizer", d.optimizer, one(OPTIMIZERS)),
    weightDecay: take("weightDecay", d.weightDecay, (text) => {
      const value = readNumber(text);
      return value >= 0 ? value : undefined;
    }),
    augment: take("augment", d.augment, (text) => (readAugmentationWord(text) === undefined ? undefined : text)),
    epochs: take("epochs", d.epochs, whole(1, 1_000_000)),
    seed: take("seed", d.seed, whole(0, Number.MAX_SAFE_INTEGER)),
    ...readingOf(take),
  };
  const view = take("view", "train", one(VIEWS)) as ViewName;
  const lesson = take("lesson", "", (text) => (/^[a-z-]{1,40}$|^[\w./-]{1,200}\.md$/.test(text) ? text : undefined));
  const looks = readLooks(take);
  ignored.push(...given.keys());
  return { setup, view, lesson, looks, ignored };
}

function readingOf(take: <T>(key: string, fallback: T, parse: (text: string) => T | undefined) => T): ReadingChoices {
  const names = Object.keys(AS_FOUND) as (keyof ReadingChoices)[];
  const choices = names.map((name) => [name, take<unknown>(name, AS_FOUND[name], READ_CHOICE[name])]);
  return Object.fromEntries(choices) as ReadingChoices;
}

/** The number of a text; NaN unless it is finite as float32. */
export function readNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(Math.fround(value)) ? value : Number.NaN;
}

/** The number of a text in [0, 1); undefined for any other. */
export function readShare(text: string): number | undefined {
  const value = readNumber(text);
  return value >= 0 && value < 1 ? value : undefined;
}

/** The word of a loss; undefined where it is none. */
export function readLoss(text: string): string | undefined {
  try {
    readLossWord(text, "loss");
    return text;
  } catch {
    return undefined;
  }
}

function readFeatures(text: string): readonly PlanarFeature[] | undefined {
  const names = text.split(",");
  const known = PLANAR_FEATURES.filter((name) => names.includes(name));
  return known.length > 0 && known.length === names.length ? known : undefined;
}

/** What is minimized, where other data or labels are chosen. */
export const LEARNED_AS_USUAL: Pick<StudioSetup, "loss" | "labelSmoothing"> = { loss: "", labelSmoothing: 0 };

/** What a set in the plane is shown with, beside its data: small, and quick to learn. */
export const PLANAR_PRESET: Partial<StudioSetup> = {
  rows: 0,
  randomLabels: false,
  hidden: [8, 8, 8],
  activation: "tanh",
  initialization: "glorot",
  optimizer: "adam",
  learningRate: 0.02,
  batchSize: 16,
  weightDecay: 0,
  augment: "none",
  epochs: 300,
};

const MOST_LAYERS = 12;
const WIDEST = 2048;

/** Hidden sizes of a text like "128,64"; empty for none. Undefined if it is no such list. */
export function readSizes(text: string): readonly number[] | undefined {
  if (text.trim() === "") return [];
  const sizes = text.split(",").map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  return sizes.length <= MOST_LAYERS && sizes.every((size) => size >= 1 && size <= WIDEST) ? sizes : undefined;
}
