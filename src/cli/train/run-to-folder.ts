// Trains a planned run, from its first step or from a checkpoint, and writes its folder: checkpoints, metrics, model,
// record.
import type { Journal } from "../../files/run/journal.ts";
import { type FoundCheckpoint, findCheckpoint } from "../../files/run/run-folder.ts";
import { type RecordedChoices, type RecordedParts, type RunPlan, statusOf } from "../../files/run/run-record.ts";
import { log } from "../../numerics/exp-log.ts";
import { EpochHistory } from "../../training/epoch-history.ts";
import type { DataPart, RowChoices, TrainedOn } from "../../training/model.ts";
import type { PlannedTraining } from "../../training/plan-training.ts";
import type { Run } from "../../training/run.ts";
import type { RunState } from "../../training/run-state.ts";
import { openPlanned } from "../../training/trainer.ts";
import { Diverged, type TrainEvent, type TrainingResult } from "../../training/training-result.ts";
import { callOf } from "../call.ts";
import { printError, warn } from "../program.ts";
import { gracefully, ShutdownRequest, saving } from "../shutdown.ts";
import type { Reporter } from "./console.ts";

export type RunJob = {
  readonly training: PlannedTraining; // its features are taken
  readonly plan: Omit<RunPlan, "engine" | "threads" | "ranks">;
  readonly engine: string;
  readonly threads: number | undefined;
  readonly room: number; //              bytes of rows in memory
  readonly minutes: number; //           between two checkpoints; 0: one after every step
  readonly live: boolean; //             whether the folder is written during the run, or only at its end
  readonly from?: FoundCheckpoint | undefined;
  readonly noiseScale?: boolean | undefined;
};

/**
 * Train and write the folder. Rethrows whatever stopped the run, after printing the last valid checkpoint and how to
 * resume.
 */
export async function runToFolder(job: RunJob, journal: Journal, reporter: Reporter): Promise<void> {
  const { training, plan: given, engine, threads, room, from, live, noiseScale } = job;
  const { network } = training;
  let saved = from && checkpointLine(from.file, from.state, journal.folder);
  const unfinished = () => saved ?? "nothing had been saved yet.";
  const trainAndWrite = async (signal: AbortSignal, heed: () => void): Promise<void> => {
    reporter.start(given.data, network, given.options);
    const history = from?.history ?? new EpochHistory();
    const onEvent = (event: TrainEvent) => {
      if (event.event === "epoch") history.add(event);
      heed(); // not before: the initial weights of a large network are one long computation
      reporter.event(event);
    };
    const run = await openPlanned(training, {
      engine,
      threads,
      room,
      onEvent,
      noiseScale,
      from: from?.state,
      takeFeatures: true,
    });
    const { engine: used, threads: team, ranks } = run.session;
    const plan = { ...given, engine: used, threads: team, ...(ranks > 1 && { ranks }) };
    const save = async (): Promise<void> => {
      await journal.append(run.takeEpochs());
      const state = run.state();
      if (!live || !state.parameters.every(Number.isFinite)) return; // the next step raises Diverged
      const file = await saving(() => journal.save(network, plan, state));
      saved = checkpointLine(file, state, journal.folder);
    };
    try {
      if (live) await journal.start(plan, from?.log, from?.damaged !== null && from !== undefined);
      else journal.startApart();
      await journal.append(run.takeEpochs()); // of a checkpoint that holds them itself
      const failure = await trainAndSave(run, job.minutes, signal, save);
      const trained = failure?.kept ?? (await run.result());
      reporter.pause();
      await journal.append(run.takeEpochs());
      const keep = live || statusOf(trained.stopReason) === "complete";
      // the data's sum would tell whether a guessed row was among them
      const model = given.options.private ? trained.model : { ...trained.model, trainedOn: trainedOn(given) };
      reporter.end(trained, history, keep ? await journal.end(plan, trained, model) : null, journal.folder);
      warnOfHighLoss(trained, history);
      if (failure) throw failure;
      if (process.stdout.errored) process.stderr.write(`${unfinished()}\n`); // the line was lost
      signal.throwIfAborted();
    } finally {
      reporter.pause();
      await run.close();
    }
  };
  try {
    await gracefully(trainAndWrite, unfinished, true);
  } catch (error) {
    if (live && !(error instanceof Diverged) && !(error instanceof ShutdownRequest))
      await printLastCheckpoint(journal.folder);
    throw error;
  }
}

const SHORT_MS = 200; // no save after an epoch that ends sooner than this after the last save
const SHARE = 10; //     nor sooner than ten times as long as that save took: saving takes a tenth of the time at most

/**
 * Train to the end or to an abort, with a save after every epoch that is not very short, every `minutes`, and at the
 * end. Returns the error of a run that diverged.
 */
async function trainAndSave(
  run: Run,
  minutes: number,
  signal: AbortSignal,
  save: () => Promise<void>,
): Promise<Diverged | undefined> {
  try {
    let rested = 0;
    let late = performance.now() + 60_000 * minutes;
    const due = {
      get aborted() {
        return signal.aborted || performance.now() > late; // no timer: there may be a million epochs
      },
    };
    for (;;) {
      const { step, stepsPerEpoch } = run.progress;
      await run.train(minutes === 0 ? { steps: 1, signal } : { steps: stepsPerEpoch - step, signal: due });
      const now = performance.now();
      const over = run.progress.ended !== null || signal.aborted;
      if (minutes > 0 && !over && run.progress.step === 0 && now < rested) continue;
      await save();
      if (over) return undefined;
      rested = performance.now() + Math.max(SHORT_MS, SHARE * (performance.now() - now));
      late = performance.now() + 60_000 * minutes;
    }
  } catch (error) {
    if (error instanceof Diverged) return error;
    throw error;
  }
}

function trainedOn({ data, options }: RunJob["plan"]): TrainedOn {
  const { name, sha256, label, heldOut, table, parts } = data;
  const held = heldOut === null ? null : { fraction: heldOut, seed: options.seed };
  return { name, sha256, label, heldOut: held, table: rowChoices(table ?? {}), parts: parts && namedParts(parts) };
}

/** Of what was said of a table that which decides its rows; undefined where nothing does. */
function rowChoices({ encoding, sheet, missing, group, time }: RecordedChoices): RowChoices | undefined {
  const given = Object.entries({ encoding, sheet, missing, group, time }).filter(([, value]) => value !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** Without their places on this machine. */
function namedParts({ validation, test }: RecordedParts): TrainedOn["parts"] {
  const pick = ({ name, sha256 }: DataPart): DataPart => ({ name, sha256 });
  return { validation: validation && pick(validation), test: test && pick(test) };
}

/** A loss above ln C that has fallen is one of too few steps, which adviceOn names. */
function warnOfHighLoss({ stopReason, model }: TrainingResult, { count, losses, last }: EpochHistory): void {
  const loss = last?.trainLoss ?? 0; // 0 of a private run, which has none
  const rose = count > 1 && loss >= losses[0]!;
  const whole = statusOf(stopReason) === "complete";
  if (model.loss === undefined && whole && rose && loss > log(model.classes.length))
    warn("the loss ended above that of guessing, ln C. A smaller learning rate usually helps.");
}

/** After a failure: the newest checkpoint that can be read whole. */
async function printLastCheckpoint(folder: string): Promise<void> {
  const found = await findCheckpoint(folder).catch(() => undefined);
  printError(found ? checkpointLine(found.file, found.state, folder) : `no checkpoint can be read in ${folder}.`);
}

function checkpointLine(file: string, { epoch, step }: RunState, folder: string): string {
  return `saved: ${file}, epoch ${epoch}, ${step} steps of it done. To go on: ${callOf("train", "--resume", folder)}`;
}
