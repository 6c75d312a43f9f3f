// The lab's calls about the network as a picture, and their results. Types only.
import type { ParameterStatus } from "./by-hand.ts";
import type { RowPlace } from "./row-place.ts";

/** The weights of a layer as they are drawn: all of them, or of a large layer every so many. */
export type WeightBlock = {
  readonly layer: number; //                    l, from 1
  readonly I: number;
  readonly O: number;
  readonly every: readonly [input: number, unit: number]; // 1: all
  readonly rows: number; //                     inputs that are drawn
  readonly cols: number; //                     units that are drawn
  readonly values: Float32Array; //             [rows×cols]
  readonly largest: number; //                  |w| of the whole layer
};

/** One unit, for one example: what it is given and what comes of it. */
export type UnitView = {
  readonly layer: number;
  readonly unit: number; //            o, from 0
  readonly last: boolean; //           whether it gives a logit
  readonly input: Float32Array; //     a_{l−1} [I]
  readonly weights: Float32Array; //   column o of W_l [I]
  readonly bias: number;
  readonly z: number;
  readonly output: number;
  readonly delta: number;
};

/** A row of the test part that excites a unit. */
export type ExcitingRow = RowPlace & { readonly label: number; readonly value: number };

/** How often values fall into equal bins between −largest and largest. */
export type Histogram = { readonly largest: number; readonly counts: Uint32Array; readonly zeros: number };

/** Of a layer's weights, and of its outputs and errors over the next mini-batch. */
export type LayerHistograms = {
  readonly layer: number;
  readonly weights: Histogram;
  readonly outputs: Histogram;
  readonly deltas: Histogram;
};

/** The histograms of all layers after so many steps. */
export type HistogramSample = { readonly steps: number; readonly layers: readonly LayerHistograms[] };

/** A layer's histograms, one of each kind for every entry of `steps`. */
export type LayerHistory = {
  readonly steps: readonly number[];
  readonly weights: readonly Histogram[];
  readonly outputs: readonly Histogram[];
  readonly deltas: readonly Histogram[];
};

/** Rows of the test part by a layer's outputs, on the two axes along which these differ most. */
export type LayerMap = {
  readonly layer: number;
  readonly labels: Int32Array; //                         [n]
  readonly values: Float64Array | null; //                [n], of the first number or label, as the loss takes it
  readonly points: Float64Array; //                       [n×2]
  readonly shares: readonly [first: number, second: number]; // of all variance
};

/** Layers l count from 1, units o and inputs i from 0. */
export interface NetworkApi {
  weightBlocks(): Promise<readonly WeightBlock[]>;
  unit(place: RowPlace, l: number, o: number): Promise<UnitView>;
  /** The test rows with the largest a_l[o], the largest first. */
  excitingRows(l: number, o: number, most: number): Promise<readonly ExcitingRow[]>;
  layerMap(l: number): Promise<LayerMap>;
  histograms(): Promise<readonly LayerHistograms[]>;
  histogramHistory(l: number): Promise<LayerHistory>;
  /** Set W_l[i, o], or b_l[o] for i = −1, by hand: counted as a taught step, and undone as one. */
  setWeight(l: number, i: number, o: number, value: number): Promise<ParameterStatus>;
}
