// Judges the options of a trial: fits on the training rows but those that judge, at one of the rungs.
import type { CheckedDataset } from "../data/dataset.ts";
import { splitDataset } from "../data/split.ts";
import { foldsOf } from "../insights/folds.ts";
import { resolveOptions, sizeOf } from "../training/defaults.ts";
import type { TrainingOptions } from "../training/options.ts";
import { type FitFigures, type FitMachine, fitAndJudge } from "./fits.ts";
import { foldParts } from "./fold-scores.ts";
import type { SearchSettings } from "./search-settings.ts";
import type { SpaceValues } from "./search-space.ts";
import { refuseImpossible, trialOptions } from "./trial-options.ts";

/** A fit of a trial at one rung; with folds the mean over them. */
export type TrialFit = FitFigures & {
  /** From 1, in the order of proposal. */
  readonly trial: number;
  /** 0 is the shortest. */
  readonly rung: number;
  /** Of each fit. */
  readonly epochs: number;
};

export const REDUCTION = 3; // of a rung's trials one in three goes on, with three times the epochs
export const RUNGS = 3; //     a ninth, a third, the whole

/** Fits options on the training rows but those that judge them. */
export class Judge {
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
    refuseImpossible(settings.space, settings.fixed, settings.epochs, data);
    if (validation || judge < 1) {
      const [train, judged] = validation ? [data, validation] : splitDataset(data, judge, seed);
      this.#parts = [() => ({ train, judged })];
      return;
    }
    foldsOf(data, judge, seed); // refuses too few rows before any work
    this.#parts = Array.from({ length: judge }, (_, k) => () => foldParts(data, judge, seed, k));
  }

  async figures(values: SpaceValues, rung: number, seed: number): Promise<Omit<TrialFit, "trial" | "rung">> {
    const { fixed } = this.#settings;
    const { options: given, network } = trialOptions(fixed, values, this.#data);
    const { epochs: whole, warmupEpochs } = resolveOptions({ ...given, ...this.#whole() }, sizeOf(this.#data));
    const epochs = Math.max(1, Math.round(whole / REDUCTION ** (RUNGS - 1 - rung)));
    const options = { ...given, warmupEpochs: Math.round((warmupEpochs * epochs) / whole) };
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

  #whole(): Partial<TrainingOptions> {
    const { epochs } = this.#settings;
    return epochs === null ? {} : { epochs };
  }
}
