// The options of `fit`: those of every training, and what a program can say beside them.
import type { ScalingKind } from "../data/scaling.ts";
import type { EngineChoice } from "../engines/engine.ts";
import type { Loss, LossName } from "../network/losses.ts";
import type { Activation } from "../network/network.ts";
import type { Initialization } from "../network/parameters.ts";
import type { Augmentation, AugmentationName } from "../training/augmentation.ts";
import { DEFAULTS } from "../training/defaults.ts";
import type { Model } from "../training/model.ts";
import type { TrainingOptimizer } from "../training/optimizer.ts";
import type { Metric } from "../training/plan-training.ts";
import type { PrivateOptions } from "../training/private-options.ts";
import type { RateOf, Schedule } from "../training/schedule.ts";
import { STEP_OPTIONS } from "../training/step-options.ts";
import type { EpochRecord, TrainEvent } from "../training/training-result.ts";
import type { Classifier } from "./classifier.ts";
import type { ValueModel } from "./value-model.ts";

/** What `onEpoch` is given: the epoch's record, and the model as it stands. */
export type EpochEvent = EpochRecord & {
  /** A copy of the model after this epoch; made when it is called. Only until `onEpoch` has ended. */
  readonly model: () => Model;
};

/** Options of `fit`. Whatever is left out, or undefined, has its default. Any other name is refused. */
export type FitOptions = {
  /**
   * Units of each hidden layer, integers in [1, 2²⁰]; [] for a linear model. Default [128, 128]; [64] for at most 450
   * rows of 10 columns or more; for bytes [256, 256, 256].
   */
  readonly hidden?: readonly number[] | undefined;
  /** All sizes, D and C included, integers ≥ 1, instead of `hidden`. Default: D, `hidden`, C. */
  readonly layers?: readonly number[] | undefined;
  /**
   * σ of all hidden layers: "relu" (default), "leaky-relu", "tanh", "sigmoid", "identity", "selu", "elu", "gelu",
   * "silu", "mish" or "softplus".
   */
  readonly activation?: Activation | undefined;
  /**
   * The loss: a name or an object with its constants. "softmax-cross-entropy" (default) learns classes;
   * "sigmoid-cross-entropy" and "focal" labels (data with task "multilabel"); "squared-error", "absolute-error",
   * "huber", "quantile", "poisson" and "gaussian" numbers (data with task "regress"), which are scaled but for
   * "poisson".
   */
  readonly loss?: LossName | Loss | undefined;
  /** σ of each hidden layer, first to last, instead of `activation`. Default: none. */
  readonly activations?: readonly Activation[] | undefined;
  /**
   * Whether each hidden layer normalizes z over its units before σ, with a learned gain and offset for each. Default
   * false.
   */
  readonly layerNorm?: boolean | undefined;
  /**
   * Whether each hidden layer that is as wide as the hidden layer before it adds what that one handed on. Default
   * false.
   */
  readonly residual?: boolean | undefined;
  /**
   * A classifier or model to go on from: its parameters, scaling, network, classes and columns (both by name) are kept.
   * A class that it does not have gets an output behind its own, whose weights start from 0; of numbers its loss and
   * the scaling of its targets are kept. `hidden`, `layers`, `activation`, `activations`, `layerNorm`, `residual`,
   * `scaling` and `initialization` are then left out. Default: none.
   */
  readonly from?: Classifier | ValueModel | Model | undefined;
  /**
   * "none": numbers as they are, e.g. embeddings; "divide": by 255; "standardize": each column to mean 0 and deviation
   * 1, fitted on the training rows. Default: "divide" for bytes (Uint8Array), else "standardize".
   */
  readonly scaling?: ScalingKind | undefined;
  /**
   * "sgd", "momentum", "nesterov", "adam", "adamw", or "lbfgs": all rows a step, at most 65,536. Default "adamw"; from
   * 10,000 rows of bytes, and where a learning rate is given without an optimizer, "sgd".
   */
  readonly optimizer?: TrainingOptimizer | undefined;
  /**
   * η₀ > 0. Default 0.2 for sgd, 0.02 for momentum and nesterov, 0.002 for adam, 0.003 for adamw; half of it with a
   * constant schedule.
   */
  readonly learningRate?: number | undefined;
  /**
   * "constant", "step", "cosine" (default), "one-cycle", "coslog4", or a function of (epoch from 1, step from 0, steps
   * of an epoch) that gives η: a finite number ≥ 0. A function stands in place of `learningRate` and `warmupEpochs`.
   */
  readonly schedule?: Schedule | RateOf | undefined;
  /** Epochs of linear warm-up, an integer in [0, epochs]. Default 0. */
  readonly warmupEpochs?: number | undefined;
  /**
   * Passes over the training rows, an integer ≥ 1. Default 100, but as many as make at least 600 and at most 5,000
   * steps, and never fewer than 10; from 10,000 rows of bytes 10.
   */
  readonly epochs?: number | undefined;
  /** B, rows of a step, an integer in [1, 65536]. Default 32; from 10,000 rows of bytes 64. */
  readonly batchSize?: number | undefined;
  /**
   * λ ≥ 0, on weights and not on biases. Default 0; for adamw 1 (10/C above ten classes), but 0 from 10,000 rows of
   * bytes.
   */
  readonly weightDecay?: number | undefined;
  /** μ in [0, 1) of momentum and nesterov. Default 0.9. */
  readonly momentum?: number | undefined;
  /** β₁ in [0, 1) of adam and adamw. Default 0.9. */
  readonly beta1?: number | undefined;
  /** β₂ in [0, 1) of adam and adamw. Default 0.999. */
  readonly beta2?: number | undefined;
  /** ε > 0 of adam and adamw. Default 1e-8. */
  readonly epsilon?: number | undefined;
  /**
   * How training images are distorted, anew in every epoch: "digits" (turned, sheared, stretched, shifted and bent by
   * an elastic displacement), "image" (without the bending), or limits; the data need an image size. Evaluation sees
   * every image as it is. Default "none".
   */
  readonly augment?: AugmentationName | Partial<Augmentation> | undefined;
  /** λ₁ > 0 of the L1 penalty on weights: each step moves them by ηλ₁ towards 0, and no further. Default: none. */
  readonly l1?: number | undefined;
  /** The most of ‖∇θ‖, > 0: a longer gradient of a step is shortened to it. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** The most of the norm of each unit's incoming weights, > 0: longer ones are shortened. Default: no limit. */
  readonly maxNorm?: number | undefined;
  /** p in (0, 1): the share of hidden units that a training step leaves out of each example. Default: none. */
  readonly dropout?: number | undefined;
  /** p in (0, 1): the share of inputs that a training step leaves out of each example. Default: none. */
  readonly inputDropout?: number | undefined;
  /** σ > 0 of normal noise on the scaled inputs of training steps. Default: none. */
  readonly inputNoise?: number | undefined;
  /**
   * α > 0: mixup. A training step mixes each row and its target with another row of the step, in shares λ and 1 − λ, λ
   * from Beta(α, α); 0.2 is usual. Default: none.
   */
  readonly mixup?: number | undefined;
  /**
   * Whether a temperature is fitted on the validation split at the end, which probabilities are then given at: they
   * mean what they say, and no class or label changes. Needs `validation`. Default: none.
   */
  readonly calibrate?: true | undefined;
  /**
   * β in [0, 1): the model is the mean of θ over steps, θ̄ ← β_t θ̄ + (1 − β_t)θ with β_t = min(β, (t − 1)/(t + 8)).
   * Default: the last θ.
   */
  readonly averageDecay?: number | undefined;
  /**
   * > 0: a learned scale of each input before the first layer, from 1 on, with so many times the step of other
   * parameters; 6 is usual. The model's W₁ holds it. Default: none.
   */
  readonly frontScale?: number | undefined;
  /**
   * Which member of an ensemble this is, an integer ≥ 1: drawn as with the seed that is so much larger, on the parts of
   * the data of `seed`; `joinModels` of deltaprop/training joins members. Default: the first.
   */
  readonly member?: number | undefined;
  /** Label smoothing in [0, 1). Default 0. */
  readonly labelSmoothing?: number | undefined;
  /**
   * "none" (default), "balanced" (rows / (classes · rows of the class)), a weight ≥ 0 for each class by position, or by
   * name, where a class left out has 1: `{ setosa: 2 }`.
   */
  readonly classWeights?: "none" | "balanced" | readonly number[] | Readonly<Record<string, number>> | undefined;
  /**
   * A weight ≥ 0 for each training row, in the order of the rows, instead of the data's own: loss and gradient of the
   * row are multiplied by it. Not divided by their mean, so weights of mean 1 keep the learning rate's meaning.
   * Default 1 each.
   */
  readonly weights?: ArrayLike<number> | undefined;
  /**
   * What each training row belongs to, such as a patient, instead of the data's own: `validation` then holds back whole
   * groups. Default: those of the data.
   */
  readonly groups?: ArrayLike<string | number> | undefined;
  /**
   * When each training row was, as a number, a Date or a date in ISO 8601, instead of the data's own: `validation` then
   * holds back the latest rows. Default: those of the data.
   */
  readonly times?: ArrayLike<number | Date | string> | undefined;
  /** Share of the training rows held back to validate, in [0, 1). Default 0; with `patience` 0.1. */
  readonly validation?: number | undefined;
  /**
   * Epochs without a lower validation loss (or a larger `metric`) before training stops, an integer ≥ 1. The best
   * epoch's parameters are then kept. Default null: all epochs, and the last parameters.
   */
  readonly patience?: number | null | undefined;
  /** What early stopping compares instead of the validation loss; larger is better. Needs `patience`. Default: none. */
  readonly metric?: Metric | undefined;
  /** "he" (default), "glorot" or "zero". */
  readonly initialization?: Initialization | undefined;
  /**
   * Integer in [0, 2⁵³): initial parameters, shuffles, the validation split. The same seed, the same bits. Default 1.
   */
  readonly seed?: number | undefined;
  /**
   * Private training: `{ epsilon: 3, delta: 1e-5, clip: 1 }` hides every single training row within (ε, δ), with the
   * system's generator, so that it cannot be repeated. B is then the expected rows of a step. Needs features that no
   * row fits a scaling of: bytes, `scaling: "none"` or a model of `from`. Default: none.
   */
  readonly private?: PrivateOptions | undefined;
  /**
   * An abort ends training after the current step: `fit` resolves with the parameters of that step, and stopReason is
   * "interrupted". An abort before the first step rejects with its reason. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * After each epoch; awaited. "stop" ends training as if its epochs were done: stopReason "onEpoch". What it throws
   * rejects `fit`. Default: none.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: functions without a result are welcome
  readonly onEpoch?: ((epoch: EpochEvent) => "stop" | void | Promise<"stop" | void>) | undefined;
  /** Every event of the run, about ten a second, as it happens; not asynchronous, as onEpoch is. Default: none. */
  readonly onEvent?: ((event: TrainEvent) => void) | undefined;
  /** "auto" (default), "native", "wasm", "reference" or "reference-float64". The first four give the same bits. */
  readonly engine?: EngineChoice | undefined;
  /** 1 … 256. Never changes a bit. Default: by the size of the work. */
  readonly threads?: number | undefined;
};

/** Every name of FitOptions beside those of a training. */
const OWN = [
  "hidden",
  "layers",
  "activation",
  "activations",
  "layerNorm",
  "residual",
  "from",
  "loss",
  "calibrate",
  "augment",
  "scaling",
  "weights",
  "groups",
  "times",
  "metric",
  "signal",
  "onEpoch",
  "onEvent",
  "engine",
  "threads",
] as const satisfies readonly (keyof FitOptions)[];

export const FIT_OPTIONS: readonly string[] = [...OWN, ...STEP_OPTIONS, "private", ...Object.keys(DEFAULTS)];
