// What the page and its lab, a worker, say to each other. Types only, and the two ends of a call.
import type { Metrics } from "../../training/metrics.ts";
import type { EpochRecord } from "../../training/training-result.ts";
import type { StudioSetup } from "../state/setup.ts";
import type { Quantity, ScalarValue } from "./quantity.ts";

/** What opening a set-up found. */
export type OpenedRun = {
  readonly setup: StudioSetup; //               as opened: a dropped model brings its own layers
  readonly name: string;
  readonly classes: readonly string[];
  readonly cols: number; //                     D
  readonly featureNames: readonly string[] | null; // D names, where the data have them
  readonly image: { readonly height: number; readonly width: number } | null;
  readonly rows: { readonly train: number; readonly test: number };
  readonly layers: readonly number[];
  readonly parameters: number; //               count
  readonly stepsPerEpoch: number;
  readonly engine: string;
  readonly threads: number;
  readonly isolated: boolean; //                whether memory can be shared, so that there can be threads
  readonly warnings: readonly string[];
  readonly resumed: boolean; //                 whether it goes on from a state kept earlier
  readonly progress: RunProgress;
};

/** Where the run is. */
export type RunProgress = {
  readonly playing: boolean;
  readonly ended: boolean; //                   all epochs done
  readonly epoch: number; //                    the epoch at hand, from 1
  readonly step: number; //                     steps of it done
  readonly steps: number; //                    steps of the run done
  readonly loss: number | null; //              mean training loss of the last steps; null before the first
  readonly examplesPerSecond: number | null; // while playing
};

/** A point of the curves: the mean training loss of the steps up to `step`. */
export type CurvePoint = { readonly step: number; readonly loss: number };

export type EpochPoint = Pick<EpochRecord, "epoch" | "trainLoss" | "trainAccuracy" | "parametersSha256" | "seconds"> & {
  readonly steps: number;
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
};

/** One image or row of the data, as it is in the file, and what the network said. */
export type RowPlace = { readonly part: "train" | "test"; readonly row: number };
export type Judged = RowPlace & { readonly label: number; readonly predicted: number; readonly loss: number };

/** The network judged on the test part (on training rows, where there is none). */
export type Judgement = {
  readonly part: RowPlace["part"];
  readonly metrics: Metrics;
  readonly worst: readonly Judged[];
};

/** A file the visitor dropped; its bytes are handed over, not copied. */
export type GivenFile = { readonly name: string; readonly bytes: ArrayBuffer };

/** One example as it is in the data, with its scaled input nowhere: pixels are bytes, a table's cells are floats. */
export type Raw = { readonly pixels: Uint8Array | Float32Array; readonly label: number };

/** What one layer holds for one example (B = 1). */
export type ExampleLayer = {
  readonly layer: number; //          l, from 1
  readonly I: number;
  readonly O: number;
  readonly input: Float32Array; //    a_{l−1} [I]
  readonly z: Float32Array; //        z_l     [O]
  readonly output: Float32Array; //   a_l     [O]; for the last layer the logits, as z
  readonly delta: Float32Array; //    δ^l     [O]
  readonly db: Float32Array; //       ∇b_l    [O], of this example alone
};

/** Forward and backward of one example with θ as it is. */
export type ExampleView = {
  readonly place: RowPlace;
  readonly label: number;
  readonly raw: Uint8Array | Float32Array; //  [D] as in the file
  readonly targets: Float64Array; //           y [C]
  readonly loss: number; //                    ℓ
  readonly predicted: number;
  readonly probabilities: Float64Array; //     S(z_L) [C]
  readonly layers: readonly ExampleLayer[];
};

export type WeightMatrices = {
  readonly W: Float32Array;
  readonly b: Float32Array;
  readonly I: number;
  readonly O: number;
};
export type Gradient = { readonly dW: Float32Array; readonly db: Float32Array };

/** One layer of a mini-batch: packed copies. */
export type StepLayer = {
  readonly layer: number;
  readonly I: number;
  readonly O: number;
  readonly input: Float32Array; //  a_{l−1} [B×I]
  readonly output: Float32Array; // a_l     [B×O]; for the last layer the logits
  readonly delta: Float32Array; //  δ^l     [B×O]
  readonly W: Float32Array; //      W_l     [I×O], before the update
  readonly b: Float32Array; //      b_l     [O]
  readonly dW: Float32Array; //     ∇W_l    [I×O]
  readonly db: Float32Array; //     ∇b_l    [O]
};

/** The next mini-batch, computed and not applied. */
export type StepView = {
  readonly step: number; //                the step it would be, from 1
  readonly rows: readonly RowPlace[]; //      [B]
  readonly labels: Int32Array; //          [B]
  readonly predictions: Int32Array; //     [B]
  readonly losses: Float64Array; //        [B]
  readonly learningRate: number;
  readonly layers: readonly StepLayer[];
};

/** Euclidean norms of a layer in the next mini-batch, and its dead units: those that are 0 for every row of it. */
export type Norms = {
  readonly layer: number;
  readonly gradient: number; //   ‖∇W_l, ∇b_l‖
  readonly update: number; //     of the step's change of W_l and b_l
  readonly parameters: number; // ‖W_l, b_l‖
  readonly dead: number;
  readonly units: number;
};

/** One weight's gradient as the note's product, beside a central difference. */
export type WeightCheck = {
  readonly product: number; //    a · delta
  readonly a: number; //          a_{l−1}[i]; 1 for a bias
  readonly delta: number; //      δ^l[o]
  readonly difference: number; // (ℓ(θ + h) − ℓ(θ − h))/2h
  readonly error: number; //      a bound on its distance from the derivative
  readonly rounding: number; //   a bound on the product's distance from it: δ and a are float32
  readonly kink: boolean; //      whether a unit may turn on or off within the step, so that the two need not agree
};

/** What the network says to a drawing. */
export type DrawnView = {
  readonly probabilities: Float64Array; // S(z_L) [C]
  readonly predicted: number;
  readonly about: number; //               the class that loss and inputDelta are about
  readonly loss: number; //                −log S_about
  readonly inputDelta: Float32Array; //    ∂(−log S_about)/∂x = δ¹W₁ᵀ [D]; x is a pixel's byte/255
};

/** The parameters as they are, and what was done to them by hand. */
export type Standing = {
  readonly parametersSha256: string;
  readonly taught: number; //     lessons in the parameters; with any, they no longer follow from the seed
  readonly undoable: boolean; //  whether the last lesson can be taken back: not once the run has gone on
};
export type TaughtExample = { readonly before: DrawnView; readonly after: DrawnView; readonly standing: Standing };

export type ExportKind = "safetensors" | "onnx" | "js" | "json";
export type Exported = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly note: string };

/** A run gone on with, and what its curves were. */
export type Resumed = {
  readonly opened: OpenedRun;
  readonly points: readonly CurvePoint[];
  readonly epochs: readonly EpochPoint[];
};

/** What the page can ask of its lab. Layers l count from 1. Calls are answered one after another, between steps. */
export interface LabApi {
  /** Without files, `setup` is opened on those that were given last. */
  open(setup: StudioSetup, files: readonly GivenFile[]): Promise<OpenedRun>;
  /** Go on with the run that was kept before a reload: any, or one of `setup`. Null if there is none. */
  resume(setup: StudioSetup | null): Promise<Resumed | null>;
  play(): Promise<void>;
  pause(): Promise<void>;
  /** One mini-batch, then paused. */
  step(): Promise<void>;
  /** Back to the parameters of the seed. */
  reset(): Promise<OpenedRun>;
  example(place: RowPlace): Promise<ExampleView>;
  weights(l: number): Promise<WeightMatrices>;
  gradient(place: RowPlace, l: number): Promise<Gradient>;
  stepView(): Promise<StepView>;
  norms(): Promise<readonly Norms[]>;
  /** ∇W_l[i, o], or ∇b_l[o] for i = −1, of one example. */
  weightCheck(place: RowPlace, l: number, i: number, o: number): Promise<WeightCheck>;
  /** The note's quantities of that example, and of the next mini-batch: `valuesOf` of quantities.ts. */
  values(place: RowPlace, wanted: readonly Quantity[]): Promise<readonly ScalarValue[]>;
  judge(): Promise<Judgement>;
  /** Rows of true class `label` that were predicted `predicted`, worst first, at most `most`. */
  cell(label: number, predicted: number, most: number): Promise<readonly Judged[]>;
  raw(place: RowPlace): Promise<Raw>;
  /** Many at once. */
  raws(places: readonly RowPlace[]): Promise<readonly Raw[]>;
  /** `about`: the class that the pixels' push is asked for; the predicted one if not given. */
  drawn(pixels: Uint8Array, about?: number): Promise<DrawnView>;
  /** One step of plain descent on that example alone, at η/B: its share of a mini-batch's step; applied to the run. */
  teach(pixels: Uint8Array, label: number): Promise<TaughtExample>;
  /** The parameters from before the last lesson, to the bit. */
  unteach(): Promise<Standing>;
  standing(): Promise<Standing>;
  exportModel(kind: ExportKind): Promise<Exported>;
  /** The text of run.json. */
  record(): Promise<string>;
  /** Keep nothing of this run in the browser any more, until another is opened. */
  forget(): Promise<void>;
}

export type LabEvent =
  | { readonly event: "progress"; readonly progress: RunProgress; readonly points: readonly CurvePoint[] }
  | { readonly event: "epoch"; readonly point: EpochPoint; readonly judgement: Judgement }
  | { readonly event: "failed"; readonly failure: Failure }; // e.g. the numbers ran away

/** An error as the page shows it: `message` is the whole line, `error CODE file:place: reason`. */
export type Failure = { readonly code: string; readonly message: string };

export type Call = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };
