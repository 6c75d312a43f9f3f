// What the page is told of a run when it opens.
import { canShare } from "../../engines/worker-host.ts";
import { SOFTMAX } from "../../network/losses.ts";
import { parameterCount } from "../../network/network.ts";
import { settingsNow } from "../state/setup.ts";
import { centeringOf } from "./centering.ts";
import type { OpenRun } from "./open-run.ts";
import type { GivenFile, PlayerProgress, RunDescription } from "./protocol.ts";
import { foundColumns, nameOfFiles } from "./survey.ts";

/** `files`: that the data came from. `resumed`: from a kept state. */
export function describeRun(
  { id, setup, source, rows, network, run, modelInfo, warnings, notes, model, changes, surface }: OpenRun,
  files: readonly GivenFile[],
  progress: PlayerProgress,
  resumed: boolean,
): RunDescription {
  const { train, test } = rows;
  return {
    id,
    setup: { ...setup, ...settingsNow(setup, changes) },
    name: source.name,
    sha256: source.sha256,
    task: train.task ?? "classify",
    loss: modelInfo.loss ?? SOFTMAX,
    targetScaling: modelInfo.targetScaling ?? null,
    classes: train.classes,
    cols: train.cols,
    featureNames: train.featureNames ?? null,
    image: train.image ?? null,
    picture: train.picture ?? null,
    table: foundColumns(source),
    file: setup.data === "file" ? nameOfFiles(files) : null,
    centered: setup.data === "digits" ? "frame" : setup.data === "file" ? centeringOf(train) : "mass",
    plane: surface !== null,
    rows: { train: train.rows, test: test.rows },
    layers: network.layers,
    parameters: parameterCount(network),
    stepsPerEpoch: run.progress.stepsPerEpoch,
    engine: run.session.engine,
    threads: run.session.threads,
    isolated: canShare(),
    warnings,
    notes,
    resumed,
    model,
    changes,
    progress,
  };
}
