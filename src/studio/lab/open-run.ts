// What is open in the lab: a run with its data, a probe beside it, and what was drawn from it so far.

import type { Dataset, Source } from "../../data/dataset.ts";
import { fitScaling } from "../../data/scaling.ts";
import { sharedRowsWarning } from "../../data/shared-rows.ts";
import { chooseThreads } from "../../engines/registry.ts";
import { processors } from "../../engines/worker-host.ts";
import { InvalidInput } from "../../errors.ts";
import { OPTIMIZER_STATES } from "../../gradients/kernels.ts";
import { defineNetwork, type Network, parameterCount } from "../../network/network.ts";
import { type Model, sessionFeatures } from "../../training/model.ts";
import type { Run } from "../../training/run.ts";
import type { RunState } from "../../training/run-state.ts";
import { openRun } from "../../training/trainer.ts";
import type { StudioSetup } from "../state/setup.ts";
import { Curve } from "./curve.ts";
import { Drawn } from "./drawn-example.ts";
import type { Judging } from "./evaluation.ts";
import { Probe } from "./probe.ts";
import type { EpochPoint } from "./protocol.ts";
import type { Kept } from "./saved-run.ts";
import { type Rows, rowsOf } from "./setup-data.ts";

const ENGINE = "wasm"; // the one that browsers have

/** As many threads as pay, but one processor is left to the page. */
function threadsFor(network: Network, batchSize: number, { features, rows }: Dataset): number {
  const worth = chooseThreads({ network, batchSize, features, capacity: rows });
  return Math.max(1, Math.min(worth, processors() - 1));
}

export type OpenRun = {
  readonly setup: StudioSetup;
  readonly source: Source;
  readonly rows: Rows;
  readonly network: Network;
  readonly run: Run;
  readonly probe: Probe;
  readonly shape: Omit<Model, "parameters">;
  readonly curve: Curve;
  readonly epochs: EpochPoint[];
  readonly warnings: readonly string[];
  judging: Judging | null;
  readonly drawn: Drawn;
};

/** Open `setup` on `source`: at its first step, with a dropped `model`'s parameters, or where it was `kept`. Raises InvalidInput. */
export async function openBench(asked: StudioSetup, source: Source, model?: Model, kept?: Kept): Promise<OpenRun> {
  const setup = model ? setupOf(asked, model) : asked;
  const { epochs, batchSize, learningRate, optimizer, weightDecay, initialization, seed } = setup;
  const rows = rowsOf(source, setup);
  const { train, test } = rows;
  const network = defineNetwork([train.cols, ...setup.hidden, train.classes.length], setup.activation);
  if (model) checkModel(model, network);
  const from = kept?.run ?? (model && startAt(model, setup));
  const scaling = fitScaling(train);
  const run = await openRun(
    network,
    { train, test },
    {
      ...{ epochs, batchSize, learningRate, optimizer, weightDecay, initialization, seed, engine: ENGINE },
      threads: threadsFor(network, batchSize, train),
      ...{ validation: 0, patience: null, schedule: "constant", warmupEpochs: 0, labelSmoothing: 0 },
      ...{ classWeights: "none", ...(from && { from }) },
    },
  );
  const first = train.features.subarray(0, train.cols);
  const { classes, featureNames, image } = train;
  return {
    ...{ setup, source, rows, network, run, probe: await Probe.open(network, scaling, ENGINE, first) },
    shape: {
      ...{ network, scaling, classes, ...(featureNames && { featureNames }), ...(image && { image }) },
      trainedOn: {
        ...{ name: source.name, sha256: source.sha256, label: null },
        heldOut: rows.heldOut === null ? null : { fraction: rows.heldOut, seed },
      },
    },
    ...{ curve: new Curve(kept?.curve), epochs: [...(kept?.epochs ?? [])], judging: null },
    drawn: new Drawn(
      run.session,
      sessionFeatures({ features: first, cols: train.cols }, scaling),
      learningRate / batchSize,
      kept?.taught,
    ),
    warnings: [
      ...source.warnings,
      ...(rows.heldOut === null ? [] : sharedRowsWarning(train, test)),
      ...(model ? scalingWarning(model, scaling.kind) : []),
    ],
  };
}

/** The set-up with a model's own layers and activation. */
function setupOf(setup: StudioSetup, { network: { layers, activation } }: Model): StudioSetup {
  return { ...setup, hidden: layers.slice(1, -1), activation };
}

function checkModel(model: Model, { layers }: Network): void {
  const [D, C] = [model.network.layers[0], model.network.layers.at(-1)];
  if (D === layers[0] && C === layers.at(-1)) return;
  const reason = `the model takes ${D} features and knows ${C} classes; the data have ${layers[0]} and ${layers.at(-1)}. Open the data it was trained on, then drop it again.`;
  throw new InvalidInput("WRONG_COLUMNS", reason);
}

/** A run's first step with the parameters of `model` instead of drawn ones. */
function startAt({ network, parameters }: Model, { optimizer }: StudioSetup): RunState {
  const states = Array.from({ length: OPTIMIZER_STATES[optimizer] }, () => new Float32Array(parameterCount(network)));
  return {
    ...{ epoch: 1, step: 0, parameters, states, seconds: 0, epochs: [] },
    best: { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters },
    ...{ losses: new Float64Array(0), predictions: new Int32Array(0) },
  };
}

function scalingWarning({ scaling }: Model, kind: string): string[] {
  if (scaling.kind === kind) return [];
  return [
    `The model's inputs were scaled another way (${scaling.kind}) than these data are (${kind}): it may do badly at first.`,
  ];
}

/** The model as it is now. */
export function modelOf({ shape, run }: OpenRun): Model {
  return { ...shape, parameters: run.session.readParameters() as Float32Array };
}

export async function closeBench({ run, probe, drawn }: OpenRun): Promise<void> {
  await Promise.all([run.close(), probe.close(), drawn.close()]);
}
