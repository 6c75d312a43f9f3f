// The lab's open run: the run with its data, and what the page reads of it: probe, loss curve, evaluation, drawing.

import { alikeRowsWarning } from "../../data/alike-rows.ts";
import type { Dataset, Source } from "../../data/dataset.ts";
import { isPlanar } from "../../data/planar/planar.ts";
import { fitScaling, inputsOf } from "../../data/scaling.ts";
import type { TrainAndTest } from "../../data/split.ts";
import { chooseThreads } from "../../engines/registry.ts";
import { processors } from "../../engines/worker-host.ts";
import { InvalidInput } from "../../errors.ts";
import { OPTIMIZER_STATES } from "../../gradients/kernels.ts";
import { outputsPerTarget } from "../../network/losses.ts";
import { defineNetwork, type Network, parameterCount } from "../../network/network.ts";
import { readAugmentationWord } from "../../training/augmentation-text.ts";
import type { RunChange } from "../../training/changes.ts";
import { type Model, type RowChoices, sessionFeatures } from "../../training/model.ts";
import type { Run } from "../../training/run.ts";
import type { RunState } from "../../training/run-state.ts";
import { openRun } from "../../training/trainer.ts";
import { readOptions } from "../state/reading.ts";
import { limitsOf, lossSetting, type StudioSetup, settingsNow } from "../state/setup.ts";
import { LossCurve } from "./curve.ts";
import { DrawnExample } from "./drawn-example.ts";
import type { RowEvaluation } from "./evaluation.ts";
import type { SavedState } from "./kept-runs.ts";
import { lossFor } from "./loss-targets.ts";
import { Probe } from "./probe.ts";
import type { EpochPoint, StartingModel } from "./protocol.ts";
import { rowsOf } from "./setup-data.ts";
import { PlaneLook, SurfaceProbe } from "./surface.ts";

const ENGINE = "wasm"; // the engine of browsers

/** The threads that pay off for this network, with one processor left to the page. */
function threadsFor(network: Network, batchSize: number, { features, rows }: Dataset): number {
  const worth = chooseThreads({ network, batchSize, features, capacity: rows });
  return Math.max(1, Math.min(worth, processors() - 1));
}

/** Where a run came from and where it goes on. */
export type RunOrigin = {
  readonly id: string; //                         among the kept runs
  readonly model: StartingModel | null; //        that it started from
  readonly changes: readonly RunChange[]; //      of its settings so far
  readonly taught: number; //                     taught steps in its parameters
};

export type OpenRun = Omit<RunOrigin, "taught"> & {
  readonly setup: StudioSetup; //                 as it began, but for the number of epochs
  readonly source: Source;
  readonly rows: TrainAndTest;
  readonly network: Network;
  readonly run: Run;
  readonly probe: Probe;
  readonly modelInfo: Omit<Model, "parameters">;
  readonly curve: LossCurve;
  readonly epochs: EpochPoint[]; //               the run's own records are taken and kept here
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly temperature: number | null; //         of the model that it starts from, until its first step
  readonly surface: PlaneLook | null; // null where the data do not lie in a plane
  evaluation: RowEvaluation | null; // the newest
  readonly drawn: DrawnExample;
};

/**
 * Open `setup` on `source`: at its first step, with the parameters of `model` if given, or at the state of `saved`. A
 * model brings its own layers and activation. Raises InvalidInput.
 */
export async function openStudioRun(
  given: StudioSetup,
  source: Source,
  origin: RunOrigin,
  { model, saved }: { readonly model?: Model | undefined; readonly saved?: SavedState | undefined } = {},
): Promise<OpenRun> {
  const setup = model ? withLayersOf(given, model) : given;
  const { epochs, optimizer, initialization, labelSmoothing, seed } = setup;
  const { learningRate, batchSize, weightDecay } = settingsNow(setup, origin.changes);
  const full = optimizer === "lbfgs"; // all rows a step
  const rows = rowsOf(source, setup);
  const { train, test, heldOut } = rows;
  const scaling = fitScaling(train);
  const inputs = inputsOf(scaling, train.cols);
  const loss = lossFor(setup, train);
  const outputs = train.classes.length * outputsPerTarget(loss);
  const network = defineNetwork([inputs, ...setup.hidden, outputs], setup.activation, setup);
  if (model) checkModel(model, network);
  const from = saved?.run ?? (model && firstState(model, setup));
  const run = await openRun(
    network,
    { train, test },
    {
      epochs,
      ...(full ? {} : { batchSize, learningRate, schedule: "constant", warmupEpochs: 0 }),
      optimizer,
      weightDecay,
      ...limitsOf(setup),
      initialization,
      seed,
      validation: 0,
      patience: null,
      loss,
      labelSmoothing,
      classWeights: "none",
      augment: setup.augment === "none" ? undefined : readAugmentationWord(setup.augment),
      engine: ENGINE,
      threads: threadsFor(network, full ? train.rows : batchSize, train),
      noiseScale: setup.layerNorm ? false : "at times", // an example's norm leaves out its gain and offset
      from,
    },
  );
  const firstRow = train.features.subarray(0, train.cols);
  const exampleFeatures = sessionFeatures({ features: firstRow, cols: train.cols, columns: train.columns }, scaling);
  const { parameters: _, ...trained } = run.model();
  const learned = { loss, targets: train.classes.length };
  return {
    id: origin.id,
    model: origin.model,
    changes: origin.changes,
    setup,
    source,
    rows,
    network,
    run,
    probe: await Probe.open(network, scaling, ENGINE, firstRow, train.columns, learned),
    modelInfo: {
      ...trained,
      trainedOn: {
        name: source.name,
        sha256: source.sha256,
        label: source.table?.labelName ?? null,
        table: rowChoices(setup),
        heldOut: heldOut === null ? null : { fraction: heldOut, seed },
      },
    },
    temperature: model?.temperature ?? null,
    curve: new LossCurve(saved?.curve),
    epochs: [...(saved?.epochs ?? [])],
    evaluation: null,
    surface: surfaceOf(network, scaling, train, setup),
    drawn: new DrawnExample(run.session, exampleFeatures, learningRate / batchSize, origin.taught),
    notes: source.notes ?? [],
    warnings: [
      ...source.warnings,
      ...(source.validation ? ["The validation part is not used here; `deltaprop train` watches it."] : []),
      ...(heldOut === null ? [] : alikeRowsWarning({ train, test }, scaling)),
      ...(model ? scalingWarning(model, trained) : []),
      ...(model?.temperature ? [temperatureSays(model.temperature)] : []),
    ],
  };
}

/** Of what was said of a table that which decides its rows. */
function rowChoices(setup: StudioSetup): RowChoices | undefined {
  const { group, time, missing } = setup.data === "file" ? readOptions(setup) : {};
  const said = Object.entries({ group, time, missing }).filter(([, value]) => value !== undefined);
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

/** The set-up with a model's own layers and loss. */
function withLayersOf(setup: StudioSetup, { network, loss }: Model): StudioSetup {
  const { layers, activation, layerNorm = false, residual = false } = network;
  const learned = loss ? lossSetting(loss) : "";
  return { ...setup, hidden: layers.slice(1, -1), activation, layerNorm, residual, loss: learned };
}

function checkModel(model: Model, { layers }: Network): void {
  const [D, C] = [model.network.layers[0], model.network.layers.at(-1)];
  if (D === layers[0] && C === layers.at(-1)) return;
  const sizes = `the model takes ${D} features and gives ${C} outputs; the data take ${layers[0]} and ${layers.at(-1)}.`;
  throw new InvalidInput("WRONG_COLUMNS", `${sizes} Open the data it was trained on, then drop it again.`);
}

/** The state before the first step, with the parameters of `model` instead of drawn ones. */
function firstState({ network, parameters }: Model, { optimizer }: StudioSetup): RunState {
  const count = parameterCount(network);
  return {
    epoch: 1,
    step: 0,
    parameters,
    states: Array.from(
      { length: optimizer === "lbfgs" ? 0 : OPTIMIZER_STATES[optimizer] },
      () => new Float32Array(count),
    ),
    best: { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters },
    tally: { lossSum: 0, hits: 0 },
    seconds: 0,
    epochs: [],
  };
}

function scalingWarning({ scaling, targetScaling }: Model, now: OpenRun["modelInfo"]): string[] {
  const said: string[] = [];
  const { kind } = now.scaling;
  if (scaling.kind !== kind)
    said.push(
      `The model's inputs were scaled another way (${scaling.kind}) than these data are (${kind}): it may do badly at first.`,
    );
  if (JSON.stringify(targetScaling) !== JSON.stringify(now.targetScaling))
    said.push("The model learned numbers of another mean and deviation than these have: it may do badly at first.");
  return said;
}

const temperatureSays = (temperature: number): string =>
  `The model was calibrated: its outputs are divided by T = ${Number(temperature.toPrecision(4))} before they become probabilities, until the first step. A run that goes on has none.`;

/** The temperature of the parameters as they are: a dropped model's, before any step. */
export function temperatureOf({ run, drawn, temperature }: OpenRun): number | undefined {
  return temperature !== null && run.progress.steps === 0 && drawn.taught === 0 ? temperature : undefined;
}

/** The model with the run's current parameters. */
export function modelOf(open: OpenRun): Model {
  const { modelInfo, run } = open;
  const temperature = temperatureOf(open);
  const parameters = run.session.readParameters() as Float32Array;
  return { ...modelInfo, ...(temperature !== undefined && { temperature }), parameters };
}

/** Null unless the data lie in a plane: drawn there, or numbers in two columns. */
function surfaceOf(
  network: Network,
  scaling: Model["scaling"],
  train: Dataset,
  setup: StudioSetup,
): OpenRun["surface"] {
  const drawn = isPlanar(setup.data) ? setup.features : null;
  if (train.values) return null;
  const plain = train.cols === 2 && !train.image && !train.columns && !(train.features instanceof Uint8Array);
  return drawn || plain ? new PlaneLook(() => SurfaceProbe.open(network, scaling, ENGINE, train, drawn)) : null;
}

export async function closeOpenRun({ run, probe, drawn, surface }: OpenRun): Promise<void> {
  await Promise.all([run.close(), probe.close(), drawn.close(), surface?.close()]);
}
