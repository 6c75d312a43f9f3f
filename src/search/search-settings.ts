// What decides a search beside its data, and its ranges.
import { must } from "../errors.ts";
import { readSpace, type SearchSpace } from "./search-space.ts";
import type { FixedOptions } from "./trial-options.ts";

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

/** A space, and what is not left at its default. */
export type AskedSettings = Pick<SearchSettings, "space"> & Partial<SearchSettings>;

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

/** `asked` with what it leaves out. Raises InvalidInput naming what is out of range. */
export function settingsOf(asked: AskedSettings): SearchSettings {
  const settings = { ...USUAL, ...asked };
  const { trials, epochs, judge, method } = settings;
  must(Number.isInteger(trials) && trials >= 1 && trials <= 100_000, "trials", "an integer in [1, 100000]", trials);
  must(epochs === null || (Number.isInteger(epochs) && epochs >= 1), "epochs", "an integer ≥ 1", epochs);
  const share = judge > 0 && judge < 1;
  must(share || (Number.isInteger(judge) && judge >= 2 && judge <= 1000), "judge", "folds ≥ 2 or a share < 1", judge);
  must(method === "tpe" || method === "random", "method", "tpe or random", method);
  return { ...settings, space: readSpace(settings.space) };
}
