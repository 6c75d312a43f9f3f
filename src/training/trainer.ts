// Training from data to the tested model: the parts are checked and joined, a session is opened, a run walks it.
import type { Dataset } from "../data/dataset.ts";
import { fitScaling } from "../data/scaling.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must } from "../errors.ts";
import type { Network } from "../network/network.ts";
import type { Machine } from "./evaluate.ts";
import { sessionFeatures } from "./model.ts";
import { resolveOptions, type TrainingOptions } from "./options.ts";
import { Run } from "./run.ts";
import { checkState, type RunState } from "./run-state.ts";
import { checkSplits, holdOutValidation, joinSplits, type Splits } from "./splits.ts";
import type { TrainEvent, TrainingResult } from "./training-result.ts";

export type RunOptions = Partial<TrainingOptions> & Machine & { readonly onEvent?: (event: TrainEvent) => void };

export type TrainOptions = RunOptions & {
  readonly signal?: AbortSignal; // ends the run after the step at hand, keeping the parameters as they are
};

/**
 * Train `network` on `data`: a training part, or parts. Without a validation part `validation` of the training rows become one.
 * Scaling is fitted on the training part. Raises InvalidInput before any work, Diverged, or what the engine raises.
 */
export async function train(
  network: Network,
  data: Dataset | Splits,
  options: TrainOptions = {},
): Promise<TrainingResult> {
  const { signal, ...rest } = options;
  const run = await openRun(network, data, rest);
  try {
    await run.train(signal ? { signal } : {});
    return await run.result();
  } finally {
    await run.close();
  }
}

/**
 * A run of `network` on `data` at its first step, or at `from`, a state of a run with the same network, data and options on any
 * engine of the same precision. The caller closes it. Raises InvalidInput or EngineUnavailable.
 */
export async function openRun(
  network: Network,
  data: Dataset | Splits,
  { engine = "auto", threads, onEvent = () => {}, from, ...given }: RunOptions & { readonly from?: RunState } = {},
): Promise<Run> {
  const whole: Splits = "train" in data ? data : { train: data };
  const options = resolveOptions(given, whole.train.rows);
  const splits = holdOutValidation(whole, options);
  checkSplits(network, splits);
  if (from) checkState(from, network, options, splits.train.rows);
  const scaling = fitScaling(splits.train);
  const joined = joinSplits(splits);
  const entering = joined.features.map((features) => sessionFeatures({ ...joined, features }, scaling));
  const session = await chooseEngine(engine).open({
    network,
    batchSize: options.batchSize,
    ...entering[0]!,
    features: entering.map(({ features }) => features),
    ...(joined.targets ? { targets: joined.targets } : {}),
    labels: joined.labels,
    optimizer: options.optimizer,
    labelSmoothing: options.labelSmoothing,
    ...(options.classWeights !== "none" && { classWeights: weightsOf(options, splits.train) }),
    ...(threads !== undefined && { threads }),
  });
  try {
    const { classes, featureNames, image } = splits.train;
    const modelInfo = { network, scaling, classes, ...(featureNames && { featureNames }), ...(image && { image }) };
    const wide = session.floatBytes === 8;
    must(
      !from || from.parameters instanceof Float64Array === wide,
      "from.parameters",
      `float${wide ? 64 : 32}, as engine ${session.engine} computes`,
      from?.parameters,
    );
    const run = new Run({ session, modelInfo, splits, options, onEvent }, from);
    const { epoch, step, stepsPerEpoch: steps } = run.progress;
    onEvent({ event: "start", options, engine: session.engine, threads: session.threads, epoch, step, steps });
    return run;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** balanced: w_c = N/(C·n_c), so that every class that occurs weighs alike; 1 for a class that does not occur. */
function weightsOf({ classWeights }: TrainingOptions, { labels, rows, classes }: Dataset): number[] {
  if (classWeights !== "balanced") return [...(classWeights as readonly number[])];
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts.map((n) => (n === 0 ? 1 : rows / (classes.length * n)));
}
