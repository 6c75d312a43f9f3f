// Training from data to the tested model: plan (plan-training.ts), open a session over the joined splits, train, test.
import type { Dataset } from "../data/dataset.ts";
import { fittingScaling, ScaledRows, type Scaling } from "../data/scaling.ts";
import { storeOf, valueCount } from "../data/stored/row-store.ts";
import type { EngineChoice, Session, Setup } from "../engines/engine.ts";
import { PagedSession } from "../engines/paged-session.ts";
import { chooseEngine } from "../engines/registry.ts";
import { inTurns, type Steps } from "../engines/turns.ts";
import { must } from "../errors.ts";
import type { Network } from "../network/network.ts";
import type { ClassIndices } from "../network/targets.ts";
import type { WarpForm } from "../network/warp.ts";
import { pixelForm, resolveAugmentation } from "./augmentation.ts";
import { type Distorted, warpForm } from "./distortions.ts";
import { JoinedRows } from "./joined-rows.ts";
import { listening } from "./listener.ts";
import { lossOf, type TrainingOptions } from "./options.ts";
import { type PlannedTraining, planInTurns, type RunBasis } from "./plan-training.ts";
import { refusePrivate } from "./private-options.ts";
import { mostDrawn } from "./private-steps.ts";
import { Run } from "./run.ts";
import { checkState, type RunState } from "./run-state.ts";
import { type CheckedSplits, joinSplits, labelsOf, type Splits } from "./splits.ts";
import { drawsOf } from "./step-options.ts";
import type { TrainEvent, TrainingResult } from "./training-result.ts";
import { fitTargets, sessionTargets, type TargetScaling } from "./value-targets.ts";

/** On what a run computes, and what it reports to. None of this changes a bit (except engine `reference-float64`). */
export type RunMachine = {
  /** "auto" (default), "native", "wasm", "reference" or "reference-float64". */
  readonly engine?: EngineChoice | undefined;
  /** 1 … 256. Default: by the size of the work. */
  readonly threads?: number | undefined;
  /** Whether one thread is a worker, too, so that runs compute beside each other. Default false. */
  readonly aside?: boolean | undefined;
  /** The most bytes of rows in memory, > 0; where there are more, they are read by pieces. Default: all at once. */
  readonly room?: number | undefined;
  /** Every event as it happens; an asynchronous function is refused, as nothing awaits it. Default: none. */
  readonly onEvent?: ((event: TrainEvent) => void) | undefined;
  /**
   * Whether every epoch's record has the gradient noise at its end, measured on 1,024 training rows, or all there are;
   * "at times": after the first, the last, and as many of the others as leave measuring a tenth of the time. Default
   * false.
   */
  readonly noiseScale?: boolean | "at times" | undefined;
};

/** On what a planned run is opened, and from where. */
export type OpenOptions = RunMachine & {
  /** A state of a run with the same plan, on any engine of the same precision. Default: the first step. */
  readonly from?: RunState | undefined;
  /**
   * Move the features into the session: the buffers under the plan's features are detached once they are copied, so
   * that their memory is free before the session's threads start. The plan cannot be opened again. Default false.
   */
  readonly takeFeatures?: boolean | undefined;
  /** An abort before the run is open rejects with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/** Options of a run: those of training, its machine, and the scaling. Left out or undefined: the default. */
export type RunOptions = { readonly [K in keyof TrainingOptions]?: TrainingOptions[K] | undefined } & RunMachine &
  Pick<RunBasis, "scaling">;

/** Options of `train`. */
export type TrainOptions = RunOptions & {
  /**
   * An abort ends the run after the current step: the result has the parameters of that step and the stopReason
   * "interrupted". An abort before the first step rejects with its reason. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Train `network` on `data`: a training split, or several splits. Without a validation split, the share `validation` of
 * the training rows becomes one. Scaling is fitted on the training split. Raises InvalidInput before any work,
 * Diverged, or an error of the engine.
 */
export async function train(
  network: Network,
  data: Dataset | Splits,
  { signal, ...options }: TrainOptions = {},
): Promise<TrainingResult> {
  signal?.throwIfAborted();
  const run = await openRun(network, data, options, signal);
  try {
    signal?.throwIfAborted();
    await run.train({ signal });
    return await run.result();
  } finally {
    await run.close();
  }
}

/**
 * planTraining and openPlanned in one call, for a caller that opens a plan once. The event loop gets turns in between;
 * an abort of `signal` before the run is open rejects with its reason.
 */
export async function openRun(
  network: Network,
  data: Dataset | Splits,
  {
    engine,
    threads,
    aside,
    room,
    onEvent,
    noiseScale,
    from,
    scaling,
    ...options
  }: RunOptions & Pick<OpenOptions, "from"> = {},
  signal?: AbortSignal,
): Promise<Run> {
  const planned = await planInTurns(network, data, options as Partial<TrainingOptions>, { scaling }, signal);
  return openPlanned(planned, { engine, threads, aside, room, onEvent, noiseScale, from, signal });
}

/**
 * A run at its first step, or at `from`. Data and options are not checked again. The caller closes the run. Raises
 * InvalidInput for a state of another run or a plan whose features were taken, or EngineUnavailable.
 */
export async function openPlanned(planned: PlannedTraining, open: OpenOptions = {}): Promise<Run> {
  must(planned?.splits !== undefined, "planned", "a plan of planTraining", planned);
  const { network, splits, options } = planned;
  const { from } = open;
  const onEvent = listening(open.onEvent);
  refuseTaken(splits);
  if (open.noiseScale) refusePrivate(options, "the gradient noise");
  if (from) checkState(from, network, options, splits.train.rows);
  const { basis } = planned;
  const { scaling, features } = await inTurns(preparing(planned), open.signal);
  const images = distortedOf(planned, scaling);
  const targetScaling = basis.targetScaling ?? fitTargets(lossOf(options), splits.train);
  const session = await openSession(planned, features, targetScaling, open, images?.form);
  try {
    if (options.optimizer === "lbfgs") refuseInParts(session);
    if (open.takeFeatures && !(session instanceof PagedSession)) detachFeatures(splits);
    const { classes, featureNames, image, picture } = splits.train;
    const { loss } = options;
    const values = loss === undefined ? {} : { loss: lossOf(options), targetScaling };
    const modelInfo = { network, scaling, classes, ...values, featureNames, image, picture };
    const wide = session.floatBytes === 8;
    must(
      !from || from.parameters instanceof Float64Array === wide,
      "from.parameters",
      `float${wide ? 64 : 32}, as engine ${session.engine} computes`,
      from?.parameters,
    );
    const run = new Run(
      { session, modelInfo, splits: labelsOf(splits), options, onEvent, basis, images, noiseScale: open.noiseScale },
      from,
    );
    const { epoch, step, stepsPerEpoch: steps } = run.progress;
    const { engine, threads, ranks, exchange }: Session = session;
    const shared = ranks > 1 ? { ranks, exchange } : {};
    onEvent({ event: "start", options, engine, threads, ...shared, epoch, step, steps });
    return run;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The training images and their distortions, where the options ask for some. */
function distortedOf({ splits: { train }, options }: PlannedTraining, scaling: Scaling): Distorted | undefined {
  const augmentation = resolveAugmentation(options.augment, train);
  if (augmentation === undefined) return undefined;
  const { labels, classes, rows } = train;
  return { augmentation, labels, classes, form: warpForm(augmentation, pixelForm(train), scaling, rows) };
}

type Prepared = { readonly scaling: Scaling; readonly features: Pick<Setup, "features" | "divisor"> };

/** The scaling, and the rows of every split under it, which are scaled as the session takes them. */
function* preparing({ splits, basis }: PlannedTraining): Steps<Prepared> {
  const { train } = splits;
  const scaling = typeof basis.scaling === "object" ? basis.scaling : yield* fittingScaling(train, basis.scaling);
  const parts = joinSplits(splits).parts.map((part) => new ScaledRows(part, scaling));
  return { scaling, features: { features: new JoinedRows(parts), divisor: parts[0]!.divisor } };
}

function openSession(
  { network, splits, options }: PlannedTraining,
  features: Prepared["features"],
  targetScaling: TargetScaling | undefined,
  { engine = "auto", threads, aside, room }: OpenOptions,
  warp: WarpForm | undefined,
): Promise<Session> {
  const { labels, targets, values } = joinSplits(splits);
  const { weights, classes, rows } = splits.train;
  const loss = lossOf(options);
  const expected = Math.min(options.batchSize, rows);
  const clipping = options.private && { norm: options.private.clip!, expected };
  const batchSize = clipping ? mostDrawn(expected, rows) : options.batchSize;
  const { optimizer, clipNorm, maxNorm } = options;
  const ofStep = {
    optimizer: optimizer === "lbfgs" ? ("sgd" as const) : optimizer,
    clipNorm,
    maxNorm,
    draws: drawsOf(options),
    mix: options.mixup !== undefined,
    average: options.averageDecay !== undefined,
    frontScale: options.frontScale,
  };
  if (values)
    return chooseEngine(engine).open({
      network,
      batchSize,
      clipping,
      ...features,
      loss,
      targets: sessionTargets(values, classes.length, targetScaling, weights),
      weightedTargets: weights !== undefined,
      ...ofStep,
      labelSmoothing: options.labelSmoothing,
      warp,
      threads,
      room,
      aside,
    });
  const weighted = weights && weightedTargets(splits, labels, targets, options.labelSmoothing);
  return chooseEngine(engine).open({
    network,
    batchSize,
    clipping,
    ...features,
    labels,
    targets: weighted ?? targets,
    weightedTargets: weighted !== undefined,
    ...ofStep,
    labelSmoothing: weighted ? 0 : options.labelSmoothing,
    classWeights: classWeightsOf(options, splits.train),
    warp,
    threads,
    aside,
    room,
  });
}

/**
 * [N×C]: of a training row weight·((1 − ε)y + ε/C), so that its loss and its gradient carry the weight; of the other
 * rows y, because they are evaluated plain.
 */
function weightedTargets(
  { train }: CheckedSplits,
  labels: ClassIndices,
  soft: Dataset["targets"],
  smoothing: number,
): Float64Array {
  const C = train.classes.length;
  const out = new Float64Array(labels.length * C);
  for (let i = 0; i < labels.length; i++)
    for (let c = 0; c < C; c++) {
      const y = soft ? soft[i * C + c]! : Number(labels[i] === c);
      out[i * C + c] = i < train.rows ? train.weights![i]! * ((1 - smoothing) * y + smoothing / C) : y;
    }
  return out;
}

/**
 * w_c; balanced: N/(C·n_c), so that all classes that occur have the same total weight; 1 for a class that does not
 * occur.
 */
export function classWeightsOf(
  { classWeights }: Pick<TrainingOptions, "classWeights">,
  { labels, rows, classes }: Dataset,
): number[] | undefined {
  if (classWeights === "none") return undefined;
  if (classWeights !== "balanced") return [...classWeights];
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts.map((n) => (n === 0 ? 1 : rows / (classes.length * n)));
}

/** transfer(0) frees the memory at once; dropping references would leave it to the next collection. */
function detachFeatures({ train, validation, test }: CheckedSplits): void {
  const arrays = [train, validation, test].flatMap((split) => (split && !storeOf(split) ? split.features : []));
  for (const { buffer } of arrays) if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}

/** L-BFGS has all rows in one batch of one process. */
function refuseInParts(session: Session): void {
  const whole = "another than lbfgs where rows are";
  must(!(session instanceof PagedSession), "optimizer", `${whole} read by pieces`, "lbfgs", "Or allow more memory.");
  must(session.ranks === 1, "optimizer", `${whole} shared by ranks`, "lbfgs", "Or train in one process.");
}

function refuseTaken({ train }: CheckedSplits): void {
  const expected = "one that no run took the features of";
  must(valueCount(train) === train.rows * train.cols, "the plan", expected, "an empty one", "Plan again.");
}
