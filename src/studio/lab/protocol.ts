// The messages between the page and its lab, a worker: the calls, their results and the lab's events. Types only.
import type { CenteredBy } from "../../data/digits/center.ts";
import type { PictureForm } from "../../data/pictures/picture-form.ts";
import type { TableColumn, Task } from "../../data/table/table-options.ts";
import type { Loss } from "../../network/losses.ts";
import type { RunChange } from "../../training/changes.ts";
import type { EpochRecord } from "../../training/training-result.ts";
import type { ReadOutputs, TargetScaling } from "../../training/value-targets.ts";
import type { StudioSetup } from "../state/setup.ts";
import type { AskApi } from "./ask-api.ts";
import type { ParameterStatus } from "./by-hand.ts";
import type { Evaluation, EvaluationApi } from "./evaluation-api.ts";
import type { NetworkApi } from "./network-api.ts";
import type { Quantity, ScalarValue } from "./quantity.ts";
import type { RowApi } from "./row-api.ts";
import type { RowPlace } from "./row-place.ts";

/** The open run: its data, its network and its engine. */
export type RunDescription = {
  readonly setup: StudioSetup; //               as opened: a dropped model brings its own layers
  readonly name: string;
  readonly task: Task; //                       what there is to learn
  readonly loss: Loss;
  readonly targetScaling: TargetScaling | null; // of numbers, fitted on the training rows
  readonly classes: readonly string[]; //       C classes, or the names of T numbers or labels
  readonly cols: number; //                     D
  readonly featureNames: readonly string[] | null; // D names, where the data have them
  readonly image: { readonly height: number; readonly width: number } | null;
  readonly picture: PictureForm | null; //      of pictures: size, color, fit
  readonly table: readonly FoundColumn[] | null; // the columns of a table, the label among them
  readonly file: string | null; //              of a visitor's data: its name, or its folder's
  readonly centered: CenteredBy | null; //      where the pictures lie in their squares
  readonly plane: boolean; //                   whether there is a surface
  readonly rows: { readonly train: number; readonly test: number };
  readonly layers: readonly number[];
  readonly parameters: number; //               count
  readonly stepsPerEpoch: number;
  readonly engine: string;
  readonly threads: number;
  readonly isolated: boolean; //                whether workers can share memory; without, one thread
  readonly warnings: readonly string[];
  readonly notes: readonly string[]; //         what was found out about the data
  readonly resumed: boolean; //                 from a kept state
  readonly id: string; //                       of the run among those kept
  readonly sha256: string; //                   of the data
  readonly model: StartingModel | null; //      the dropped model that it started from
  readonly changes: readonly RunChange[]; //    of its settings since it began
  readonly progress: PlayerProgress;
};

/** A column of a table, what is done with it in words, why it cannot be read as it stands, its levels. */
export type FoundColumn = TableColumn & {
  readonly use: string;
  readonly problem?: string | undefined;
  readonly levels?: readonly string[] | undefined;
};

/** A model that a run started from, in place of drawn weights. */
export type StartingModel = { readonly name: string; readonly parametersSha256: string };

/** A run kept in this browser, in short. */
export type KeptRun = {
  readonly id: string;
  readonly title: string; //                    given by the visitor; "" if none
  readonly saved: number; //                    milliseconds since 1970
  readonly data: { readonly name: string; readonly sha256: string };
  readonly setup: StudioSetup;
  readonly layers: readonly number[];
  readonly model: StartingModel | null;
  readonly changes: readonly RunChange[];
  readonly taught: number;
  readonly epoch: number;
  readonly steps: number;
  readonly ended: boolean;
  readonly testAccuracy: number | null; //      after its last epoch
  readonly testScore?: number | null; //        of numbers and labels
};

/** What a run may change between two steps; another batch size from the next epoch on. */
export type SettingsChange = Partial<Pick<StudioSetup, "epochs" | "learningRate" | "weightDecay" | "batchSize">>;

/** The run's position and its recent loss. */
export type PlayerProgress = {
  readonly playing: boolean;
  readonly ended: boolean; //                   all epochs done
  readonly epoch: number; //                    the current epoch, from 1
  readonly step: number; //                     steps of it done
  readonly steps: number; //                    steps of the run done
  readonly loss: number | null; //              mean training loss of at most 32 steps; null before the first
  readonly examplesPerSecond: number | null; // while playing
};

/** A point of the curves: the mean training loss of the steps up to `step`, at so many epochs, with fractions. */
export type CurvePoint = {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly low?: number; //  the least loss of one of these steps; absent in runs kept by an earlier version
  readonly high?: number; // the largest
};

/** The figures of an epoch; those of the test split are null where epochs end faster than they are taken. */
export type EpochPoint = EpochRecord & {
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
  readonly testScore?: number | null; // of numbers the mean R², of labels the mean F₁
};

export type { EvaluatedRow, Evaluation } from "./evaluation-api.ts";
export type { RowPlace } from "./row-place.ts";

/** A file that the visitor dropped. */
export type GivenFile = { readonly name: string; readonly bytes: ArrayBuffer };

/** One example before scaling: an image's bytes or a table's numbers [D]; `values` [T]: numbers or labels to learn. */
export type RawExample = {
  readonly pixels: Uint8Array | Float32Array;
  readonly label: number;
  readonly values: Float64Array | null;
};

/** One layer's arrays for one example (B = 1). */
export type ExampleLayer = {
  readonly layer: number; //          l, from 1
  readonly I: number;
  readonly O: number;
  readonly input: Float32Array; //    a_{l−1} [I]
  readonly z: Float32Array; //        z_l     [O]
  readonly inner: Float32Array; //    what σ is given [O]: z_l, or γ ∘ n + β of a layer that normalizes
  readonly output: Float32Array; //   a_l     [O]; for the last layer the logits, as z
  readonly delta: Float32Array; //    δ^l     [O]
  readonly db: Float32Array; //       ∇b_l    [O], of this example alone
};

/** The forward and backward pass of one example at the current θ. */
export type ExampleView = {
  readonly place: RowPlace;
  readonly label: number;
  readonly raw: Uint8Array | Float32Array; //  [D] as in the file
  readonly targets: Float64Array; //           y [C]; of numbers and labels t [T], as the loss takes them
  readonly values: Float64Array | null; //     these in the units of the data
  readonly answer: ReadOutputs | null; //      of numbers and labels, in the units of the data
  readonly loss: number; //                    ℓ
  readonly predicted: number;
  readonly probabilities: Float64Array; //     S(z_L) [C]; of labels that each is there; of numbers empty
  readonly layers: readonly ExampleLayer[];
};

export type WeightMatrices = {
  readonly W: Float32Array;
  readonly b: Float32Array;
  readonly I: number;
  readonly O: number;
};
export type LayerGradient = { readonly dW: Float32Array; readonly db: Float32Array };
/** One layer's arrays for a mini-batch: packed copies. */
export type StepLayer = {
  readonly layer: number;
  readonly I: number;
  readonly O: number;
  readonly input: Float32Array; //  a_{l−1} [B×I]
  readonly inner: Float32Array | null; // γ ∘ n + β [B×O] of a layer that normalizes
  readonly output: Float32Array; // a_l     [B×O]; for the last layer the logits
  readonly delta: Float32Array; //  δ^l     [B×O]
  readonly W: Float32Array; //      W_l     [I×O], before the update
  readonly b: Float32Array; //      b_l     [O]
  readonly dW: Float32Array; //     ∇W_l    [I×O]
  readonly db: Float32Array; //     ∇b_l    [O]
};

/** The next mini-batch: both passes, without the update. */
export type StepView = {
  readonly step: number; //                of the run, from 1
  readonly rows: readonly RowPlace[]; //      [B]
  readonly labels: Int32Array; //          [B]
  readonly targets: Float64Array; //       [B×C] or [B×T], as the loss takes them
  readonly predictions: Int32Array; //     [B]
  readonly losses: Float64Array; //        [B]
  readonly learningRate: number;
  readonly layers: readonly StepLayer[];
};

/** Euclidean norms of a layer in the next step, and its dead units: 0 for every row of the mini-batch. */
export type LayerNorms = {
  readonly layer: number;
  readonly gradient: number; //   ‖∇W_l, ∇b_l‖
  readonly update: number | null; // of the step's change of W_l and b_l; of L-BFGS not known before
  readonly parameters: number; // ‖W_l, b_l‖
  readonly dead: number;
  readonly units: number;
};

/** One weight's gradient as the note's product, and as a central difference. */
export type WeightCheck = {
  readonly product: number; //    a · delta
  readonly a: number; //          a_{l−1}[i]; 1 for a bias
  readonly delta: number; //      δ^l[o]
  readonly difference: number; // (ℓ(θ + h) − ℓ(θ − h))/2h
  readonly error: number; //      bound on |difference − derivative|
  readonly rounding: number; //   bound on |product − derivative|: δ and a are float32
  readonly kink: boolean; //      a unit may switch within ±h: the two need not agree
};

/** The network's prediction for a drawing, and the gradient of one class in its pixels. */
export type DrawingView = {
  readonly probabilities: Float64Array; // S(z_L) [C]
  readonly predicted: number;
  readonly targetClass: number; //         c of loss and inputDelta
  readonly loss: number; //                −log S_c
  readonly inputDelta: Float32Array; //    ∂(−log S_c)/∂x = δ¹W₁ᵀ [D]; x is a pixel's byte/255
};

/** The part of a plane: from the left to the right, from below to above. */
export type PlaneRange = readonly [left: number, right: number, low: number, high: number];

/** The network's answers on a grid of the plane, from the upper left, row by row. */
export type PlaneSurface = {
  readonly side: number; //                                  points along each axis
  readonly range: PlaneRange;
  readonly probabilities: Float64Array; //                   S(z_L) [side²×C]
  readonly units: readonly (readonly Float32Array[])[]; //   a_l of each hidden layer's first units, each [side²]
};

export type { ParameterStatus } from "./by-hand.ts";
/** The prediction before and after a taught step. */
export type TaughtExample = {
  readonly before: DrawingView;
  readonly after: DrawingView;
  readonly status: ParameterStatus;
};

export type ExportKind = "safetensors" | "onnx" | "js" | "json";

/** A model file. `note`: how it was verified. */
export type ExportedFile = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly note: string };

/** A kept run opened again, with its curves so far. */
export type ResumedRun = {
  readonly opened: RunDescription;
  readonly points: readonly CurvePoint[];
  readonly epochs: readonly EpochPoint[];
};

/** Reads of the run between two steps, each at one state of the parameters. Layers l count from 1. */
export interface InspectorApi {
  example(place: RowPlace): Promise<ExampleView>;
  weights(l: number): Promise<WeightMatrices>;
  gradient(place: RowPlace, l: number): Promise<LayerGradient>;
  stepView(): Promise<StepView>;
  norms(): Promise<readonly LayerNorms[]>;
  /** ∇W_l[i, o], or ∇b_l[o] for i = −1, of one example. */
  weightCheck(place: RowPlace, l: number, i: number, o: number): Promise<WeightCheck>;
  /** The note's quantities, of that example or of the next mini-batch: `valuesOf` in quantities.ts. */
  values(place: RowPlace, wanted: readonly Quantity[]): Promise<readonly ScalarValue[]>;
}

/** The lab's calls. They run one after another, between steps. */
export interface LabApi extends AskApi, EvaluationApi, InspectorApi, NetworkApi, RowApi {
  /** Without files, `setup` is opened on the files of the last call that gave some. */
  open(setup: StudioSetup, files: readonly GivenFile[]): Promise<RunDescription>;
  /** The columns of a table that was refused, without a label; null where there is none that can be read. */
  survey(files: readonly GivenFile[]): Promise<readonly FoundColumn[] | null>;
  /**
   * Open a kept run where it stood; it plays on if it played. Where another tab has it open, a copy. Null if it is not
   * there. Raises InvalidInput where its data have changed.
   */
  reopen(id: string): Promise<ResumedRun | null>;
  /** The runs kept in this browser, the newest first. */
  keptRuns(): Promise<readonly KeptRun[]>;
  /** The curves of a kept run; null if it is not there. */
  keptCurves(id: string): Promise<Pick<ResumedRun, "points" | "epochs"> | null>;
  renameRun(id: string, title: string): Promise<void>;
  removeRuns(ids: readonly string[]): Promise<void>;
  /** Whether runs are kept from now on; false removes the open one, too. */
  keepRuns(on: boolean): Promise<void>;
  /** Go on with other settings; a run that has ended goes on if it has more epochs now. */
  change(settings: SettingsChange): Promise<RunDescription>;
  play(): Promise<void>;
  pause(): Promise<void>;
  /** One mini-batch, then paused. */
  step(): Promise<void>;
  /** The same set-up from its first step, as another run: the one before stays kept. */
  reset(): Promise<RunDescription>;
  rawExample(place: RowPlace): Promise<RawExample>;
  rawExamples(places: readonly RowPlace[]): Promise<readonly RawExample[]>;
  /** The pixels of training images as the run has them in `epoch`, from 1. */
  distortedRows(rows: readonly number[], epoch: number): Promise<readonly Float32Array[]>;
  /** `targetClass`: the class of loss and inputDelta; the predicted one if not given. */
  predictDrawing(pixels: Uint8Array, targetClass?: number): Promise<DrawingView>;
  /** One step of plain SGD on that example alone, at η/B, its share of a mini-batch's step; applied to the run. */
  teach(pixels: Uint8Array, label: number): Promise<TaughtExample>;
  /** Undo the last taught step, bit for bit. */
  undoTeaching(): Promise<ParameterStatus>;
  parameterStatus(): Promise<ParameterStatus>;
  exportModel(kind: ExportKind): Promise<ExportedFile>;
  /** The page has shown the newest report: the next one may come. */
  reportSeen(): Promise<void>;
  /** The answers all over the plane; null unless the data have two features, or are drawn in the plane. */
  surface(): Promise<PlaneSurface | null>;
  /** The text of run.json. */
  record(): Promise<string>;
}

export type LabEvent =
  | {
      readonly event: "progress";
      readonly progress: PlayerProgress;
      readonly points: readonly CurvePoint[] | null; // null: reports come faster than curves are drawn
      readonly epochs: readonly EpochPoint[]; //   that ended since the last report
      readonly evaluation: Evaluation | null; //   a newer one than that of the last report
    }
  | { readonly event: "failed"; readonly failure: Failure }; // e.g. diverged

/** An error as the page shows it: `message` is the whole line, `error CODE file:place: reason`. */
export type Failure = { readonly code: string; readonly message: string };

export type LabCall = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
export type LabReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };
