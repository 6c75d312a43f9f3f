// A search over options by synchronous successive halving (Jamieson and Talwalkar, AISTATS 2016; Li et al., Hyperband,
// JMLR 18, 2018) in generations. What is proposed depends on generations that have ended, in the order of the trials,
// and never on the clock, so the trials, their figures and the winner are the same for any number of workers and after
// any number of stops.
import { checkDataset } from "../data/dataset.ts";
import { inParallel } from "../engines/in-parallel.ts";
import { InvalidInput, must } from "../errors.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import type { Splits } from "../training/splits.ts";
import { type FitMachine, type Measure, measureOf, workersOf } from "./fits.ts";
import { type SampleSpread, spreadOf } from "./fold-scores.ts";
import { Judge, REDUCTION, RUNGS, type TrialFit } from "./judge.ts";
import { propose } from "./propose.ts";
import { type AskedSettings, settingsOf } from "./search-settings.ts";
import { type Point, randomPoint, type SpaceValues, valuesAt } from "./search-space.ts";

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

const GENERATION = 9; //     trials between two looks at the results: one of them gets a whole fit
const UNHALVED = 4; //       the same, where every trial has a whole fit
const NOISE_SEEDS = 4;

/** What a search asks of its rows, checked before any work. Raises InvalidInput. */
export function planSearch(
  { train, validation }: Pick<Splits, "train" | "validation">,
  asked: AskedSettings,
  machine: FitMachine = {},
) {
  const settings = settingsOf(asked);
  return { settings, judge: new Judge(checkDataset(train), validation && checkDataset(validation), settings, machine) };
}

/**
 * Search for the options that do best on `validation`, or on rows held out of `train`. It needs no test part. Raises
 * InvalidInput, BAD_SEARCH where `known` is of another search.
 */
export async function searchOptions(
  splits: Pick<Splits, "train" | "validation">,
  asked: AskedSettings,
  { known = [], onFit = () => {}, goOn = () => true, ...machine }: SearchMachine = {},
): Promise<SearchResult> {
  must(typeof splits === "object" && splits !== null, "splits", "training rows, e.g. { train }", splits);
  const { settings, judge } = planSearch(splits, asked, machine);
  const { space, trials: wanted, halving, seed, method } = settings;
  const found = new Map(known.map((fit) => [keyOf(fit), fit]));
  const fitAt = async ({ trial, values }: Trial, rung: number): Promise<TrialFit> => {
    const earlier = found.get(keyOf({ trial, rung }));
    if (earlier) return sameTrial(earlier, values);
    const fit = { trial, rung, ...(await judge.figures(values, rung, seed)) };
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
    Array.from({ length: NOISE_SEEDS }, (_, k) => () => judge.figures(best.values, RUNGS - 1, seed + k + 1)),
    workers,
  );
  const whole = [best.fits.at(-1)!, ...again];
  const noise = whole.some(({ loss }) => loss === null) ? null : spreadOf(whole.map(({ score }) => score));
  return { measure: measureOf(splits.train), trials, best: trials[best.trial - 1]!, noise };
}

function sameTrial({ values: known, ...fit }: KnownFit, values: SpaceValues): TrialFit {
  if (JSON.stringify(known) === JSON.stringify(values)) return fit;
  const reason = `trial ${fit.trial} has other options there than this search gives it, so these are fits of another search.`;
  throw new InvalidInput("BAD_SEARCH", reason);
}

type Placed = Trial & { readonly point: Point | undefined };

const keyOf = ({ trial, rung }: Pick<TrialFit, "trial" | "rung">) => `${trial} ${rung}`;

/** The longer fit first, then one that did not diverge, then the better, then the earlier. */
function byRungAndFigures(a: Trial, b: Trial): number {
  const [x, y] = [a.fits.at(-1)!, b.fits.at(-1)!];
  const loss = (fit: TrialFit) => fit.loss ?? Number.POSITIVE_INFINITY;
  const diverged = Number(x.loss === null) - Number(y.loss === null);
  return y.rung - x.rung || diverged || y.score - x.score || Math.sign(loss(x) - loss(y)) || a.trial - b.trial;
}
