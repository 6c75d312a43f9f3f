// A search over options by synchronous successive halving (Jamieson and Talwalkar, AISTATS 2016; Li et al., Hyperband,
// JMLR 18, 2018) in generations. What is proposed depends on generations that have ended, in the order of the trials,
// and never on the clock, so the trials, their figures and the winner are the same for any number of workers and after
// any number of stops.

import { type CheckedDataset, checkDataset } from "../data/dataset.ts";
import { splitDataset } from "../data/split.ts";
import { inParallel } from "../engines/in-parallel.ts";
import { InvalidInput, must } from "../errors.ts";
import { foldsOf } from "../insights/folds.ts";
import { defineNetwork, type Network } from "../network/network.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { defaultHidden, resolveOptions, sizeOf } from "../training/defaults.ts";
import type { TrainingOptions } from "../training/options.ts";
import type { Splits } from "../training/splits.ts";
import { type FitFigures, type FitMachine, fitAndJudge, type Measure, measureOf, workersOf } from "./fits.ts";
import { foldParts, type SampleSpread, spreadOf } from "./fold-scores.ts";
import { propose } from "./propose.ts";
import {
  type FixedOptions,
  type Point,
  randomPoint,
  type SearchSpace,
  type SpaceValues,
  valuesAt,
} from "./search-space.ts";

/** What decides a search, beside its data. */
export type SearchSettings = {
  /** Where to look. */
  readonly space: SearchSpace;
  /** Options that every trial has. Default: none. */
  readonly fixed: FixedOptions;
  /** Trials, an integer in [1, 100000]; the first has the defaults. Default 45. */
  readonly trials: number;
  /** "tpe": what did well is tried again nearby; "random": every point is equally likely. Default "tpe". */
  readonly method: "tpe" | "random";
  /**
   * Whether a trial begins with a ninth of its epochs, and only the best third goes on to three times as many. Default
   * true.
   */
  readonly halving: boolean;
  /** Epochs of a whole fit, an integer ≥ 1; null, the default: as training for its batch size. */
  readonly epochs: number | null;
  /** Folds that a trial is judged by, an integer ≥ 2; or one part: its share of the rows, in (0, 1). Default 0.2. */
  readonly judge: number;
  /** Of proposals, parts and fits; an integer in [0, 2⁵³). Default 1. */
  readonly seed: number;
};

/** A fit of a trial at one rung; with folds the mean over them. */
export type TrialFit = FitFigures & {
  /** From 1, in the order of proposal. */
  readonly trial: number;
  /** 0 is the shortest. */
  readonly rung: number;
  /** Of each fit. */
  readonly epochs: number;
};

/** A fit with the options of its trial. */
export type KnownFit = TrialFit & {
  /** Those that are not left at their defaults. */
  readonly values: SpaceValues;
};

/** Options that were tried. */
export type Trial = {
  /** From 1, in the order of proposal. */
  readonly trial: number;
  /** Those that are not left at their defaults. */
  readonly values: SpaceValues;
  /** A fit a rung that it reached, the shortest first. */
  readonly fits: readonly TrialFit[];
};

/** What a search found. */
export type SearchResult = {
  /** What the scores are. */
  readonly measure: Measure;
  /** In the order of proposal. */
  readonly trials: readonly Trial[];
  /** The best of those with a whole fit. */
  readonly best: Trial;
  /** The best trial's whole fit again with four other seeds: differences below its deviation are noise. */
  readonly noise: SampleSpread | null;
};

/** Where a search runs, what it knows already, and who hears of it. None of this changes the result. */
export type SearchMachine = FitMachine & {
  /** Fits of this same search, which are not computed again. Default: none. */
  readonly known?: readonly KnownFit[] | undefined;
  /** Awaited after every new fit, in the order in which they end. Default: none. */
  readonly onFit?: ((fit: KnownFit) => Promise<void> | void) | undefined;
  /** Asked before each generation; false ends the search. Default: all trials. */
  readonly goOn?: (() => boolean) | undefined;
};

/** What a search has unless it is told otherwise; `space` has no default here. */
const USUAL: Omit<SearchSettings, "space"> = {
  fixed: {},
  trials: 45,
  method: "tpe",
  halving: true,
  epochs: null,
  judge: 0.2,
  seed: 1,
};

const REDUCTION = 3; //      of a rung's trials one in three goes on, with three times the epochs
const RUNGS = 3; //          a ninth, a third, the whole
const GENERATION = 9; //     trials between two looks at the results: one of them gets a whole fit
const UNHALVED = 4; //       the same, where every trial has a whole fit
const NOISE_SEEDS = 4;

/**
 * Search for the options that do best on `validation`, or on rows held out of `train`. It needs no test part. Raises
 * InvalidInput, BAD_SEARCH where `known` is of another search.
 */
export async function searchOptions(
  splits: Pick<Splits, "train" | "validation">,
  asked: Pick<SearchSettings, "space"> & Partial<SearchSettings>,
  { known = [], onFit = () => {}, goOn = () => true, ...machine }: SearchMachine = {},
): Promise<SearchResult> {
  must(typeof splits === "object" && splits !== null, "splits", "training rows, e.g. { train }", splits);
  const { train, validation } = splits;
  const settings: SearchSettings = { ...USUAL, ...asked };
  checkSettings(settings);
  const { space, trials: wanted, halving, seed, method } = settings;
  const judged = new Judge(checkDataset(train), validation && checkDataset(validation), settings, machine);
  const found = new Map(known.map((fit) => [keyOf(fit), fit]));
  const fitAt = async ({ trial, values }: Trial, rung: number): Promise<TrialFit> => {
    const earlier = found.get(keyOf({ trial, rung }));
    if (earlier) return sameTrial(earlier, values);
    const fit = { trial, rung, ...(await judged.figures(values, rung, seed)) };
    await onFit({ ...fit, values });
    return fit;
  };
  const workers = workersOf(machine);
  const done: Placed[] = [];
  const first = halving ? 0 : RUNGS - 1;
  while (done.length < wanted && (done.length === 0 || goOn())) {
    const size = Math.min(halving ? GENERATION : UNHALVED, wanted - done.length);
    const ranked = done.filter(({ point }) => point).toSorted(byRungAndFigures);
    const points = ranked.map(({ point }) => point!);
    const generation: Placed[] = [];
    for (let k = 0; k < size; k++) {
      const trial = done.length + k + 1;
      const random = new Random(seed, PURPOSE.search, trial);
      const pending = generation.flatMap(({ point }) => (point ? [point] : []));
      const point =
        trial === 1
          ? undefined
          : method === "tpe"
            ? propose(space, points, pending, random)
            : randomPoint(space, random);
      generation.push({ trial, point, values: point ? valuesAt(space, point) : {}, fits: [] });
    }
    let alive: readonly Placed[] = generation;
    for (let rung = first; rung < RUNGS; rung++) {
      const fits = await inParallel(
        alive.map((one) => () => fitAt(one, rung)),
        workers,
      );
      alive.forEach((one, at) => {
        (one.fits as TrialFit[]).push(fits[at]!);
      });
      alive = alive.toSorted(byRungAndFigures).slice(0, Math.ceil(alive.length / REDUCTION));
    }
    done.push(...generation);
  }
  const best = done.toSorted(byRungAndFigures)[0]!;
  const trials = done.map(({ trial, values, fits }) => ({ trial, values, fits }));
  const again = await inParallel(
    Array.from({ length: NOISE_SEEDS }, (_, k) => () => judged.figures(best.values, RUNGS - 1, seed + k + 1)),
    workers,
  );
  const whole = [best.fits.at(-1)!, ...again];
  const noise = whole.some(({ loss }) => loss === null) ? null : spreadOf(whole.map(({ score }) => score));
  return { measure: measureOf(train), trials, best: trials[best.trial - 1]!, noise };
}

function sameTrial({ values: known, ...fit }: KnownFit, values: SpaceValues): TrialFit {
  if (JSON.stringify(known) === JSON.stringify(values)) return fit;
  const reason = `trial ${fit.trial} has other options there than this search gives it, so these are fits of another search.`;
  throw new InvalidInput("BAD_SEARCH", reason);
}

type Placed = Trial & { readonly point: Point | undefined };

const keyOf = ({ trial, rung }: Pick<TrialFit, "trial" | "rung">) => `${trial} ${rung}`;

/** The longer fit first, then the better, then the earlier. */
function byRungAndFigures(a: Trial, b: Trial): number {
  const [x, y] = [a.fits.at(-1)!, b.fits.at(-1)!];
  const loss = (fit: TrialFit) => fit.loss ?? Number.POSITIVE_INFINITY;
  return y.rung - x.rung || y.score - x.score || Math.sign(loss(x) - loss(y)) || a.trial - b.trial;
}

function checkSettings({ trials, epochs, judge, method }: SearchSettings): void {
  must(Number.isInteger(trials) && trials >= 1 && trials <= 100_000, "trials", "an integer in [1, 100000]", trials);
  must(epochs === null || (Number.isInteger(epochs) && epochs >= 1), "epochs", "an integer ≥ 1", epochs);
  const share = judge > 0 && judge < 1;
  must(share || (Number.isInteger(judge) && judge >= 2 && judge <= 1000), "judge", "folds ≥ 2 or a share < 1", judge);
  must(method === "tpe" || method === "random", "method", "tpe or random", method);
}

/** Fits options on the training rows but those that judge them. */
class Judge {
  readonly #parts: readonly (() => { readonly train: CheckedDataset; readonly judged: CheckedDataset })[];
  readonly #data: CheckedDataset;
  readonly #settings: SearchSettings;
  readonly #machine: FitMachine;

  constructor(
    data: CheckedDataset,
    validation: CheckedDataset | undefined,
    settings: SearchSettings,
    machine: FitMachine,
  ) {
    const { judge, seed } = settings;
    this.#data = data;
    this.#settings = settings;
    this.#machine = machine;
    this.#checkNetworks();
    if (validation || judge < 1) {
      const [train, judged] = validation ? [data, validation] : splitDataset(data, judge, seed);
      this.#parts = [() => ({ train, judged })];
      return;
    }
    foldsOf(data, judge, seed); // refuses too few rows before any work
    this.#parts = Array.from({ length: judge }, (_, k) => () => foldParts(data, judge, seed, k));
  }

  async figures(values: SpaceValues, rung: number, seed: number): Promise<Omit<TrialFit, "trial" | "rung">> {
    const { options, network } = this.#trialOf(values);
    const { epochs: whole } = resolveOptions({ ...options, ...this.#whole() }, sizeOf(this.#data));
    const epochs = Math.max(1, Math.round(whole / REDUCTION ** (RUNGS - 1 - rung)));
    const found: FitFigures[] = [];
    for (const part of this.#parts) {
      const { train, judged } = part();
      found.push(await fitAndJudge(network, train, judged, { ...options, epochs, seed }, this.#machine));
    }
    const mean = (of: (one: FitFigures) => number) => found.reduce((sum, one) => sum + of(one), 0) / found.length;
    const diverged = found.some(({ loss }) => loss === null);
    const { parametersSha256 } = found[0]!; // of folds those of the first
    return {
      epochs,
      score: mean(({ score }) => score),
      loss: diverged ? null : mean(({ loss }) => loss!),
      parametersSha256,
    };
  }

  #trialOf(values: SpaceValues): {
    readonly options: Partial<TrainingOptions>;
    readonly network: (inputs: number, outputs: number) => Network;
  } {
    const given = { ...this.#settings.fixed, ...values } as FixedOptions;
    const { hidden = defaultHidden(this.#data), activation = "relu", layerNorm, residual, ...options } = given;
    const between = { layerNorm, residual };
    return { options, network: (inputs, outputs) => defineNetwork([inputs, ...hidden, outputs], activation, between) };
  }

  /** Raises InvalidInput for hidden layers that a trial could not normalize or join, before any work. */
  #checkNetworks(): void {
    const { space } = this.#settings;
    const choices = (name: string) => {
      const dimension = space[name];
      return dimension && "choices" in dimension ? dimension.choices : [];
    };
    for (const name of ["layerNorm", "residual"])
      for (const on of [{}, ...choices(name).map((value) => ({ [name]: value }))])
        for (const size of [{}, ...choices("hidden").map((hidden) => ({ hidden }))])
          this.#trialOf({ ...on, ...size }).network(1, 1);
  }

  #whole(): Partial<TrainingOptions> {
    const { epochs } = this.#settings;
    return epochs === null ? {} : { epochs };
  }
}
