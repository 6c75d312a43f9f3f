// `deltaprop verify RUN`: trains again from the record alone and compares the parameters after every epoch, bit for
// bit.
import type { Command } from "commander";
import { InvalidInput, NumericalStop, printable } from "../errors.ts";
import { epochHashes, loadModel, openRunFolder } from "../files/run/run-folder.ts";
import { type RunRecord, statusOf } from "../files/run/run-record.ts";
import { type PlannedTraining, planTraining } from "../training/plan-training.ts";
import type { Run } from "../training/run.ts";
import type { RunState } from "../training/run-state.ts";
import { openPlanned } from "../training/trainer.ts";
import {
  Diverged,
  type EpochRecord,
  hashOf,
  type TrainEvent,
  type TrainingResult,
} from "../training/training-result.ts";
import { addMachine, addMemory, addParts, type MachineFlags, roomOf } from "./command-options.ts";
import { print, printJson } from "./program.ts";
import { plural, teamText } from "./tables.ts";
import { type DataPlace, planRepeat } from "./train/plan-run.ts";

type Flags = MachineFlags & DataPlace & { readonly json?: true };

export function registerVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("train a run again from its record, and compare the parameters after every epoch, bit for bit")
    .argument("<run>", "a run's folder")
    .option("--data <data>", "where its data are now, if not where run.json says")
    .option("--data-dir <folder>", "where the files of a named set are");
  addParts(command);
  command.option("--from <run>", "where the model is now that the run went on from");
  addMachine(command);
  addMemory(command);
  command
    .option("--json", "one JSON object a line instead of text")
    .addHelpText(
      "after",
      "\nExit code 0: reproduced bit for bit. 4: not reproduced; the first epoch that differs is named.",
    )
    .action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const record = await openRunFolder(folder);
  const expected = await epochHashes(folder, record);
  refuseUnpromised(record, expected.length, folder);
  const remedy = "Point to them with --data or --data-dir.";
  const { training } = await planRepeat(folder, record, flags, remedy);
  const reporter = flags.json ? jsonReporter : textReporter;
  const changes = record.changes ?? [];
  const open = (plan: PlannedTraining, from?: RunState): Promise<Run> =>
    openPlanned(plan, {
      engine: engineOf(record, flags.engine),
      threads: flags.threads,
      room: roomOf(flags),
      takeFeatures: changes.length === 0, // each change opens the run again, on the same rows
      from,
      onEvent: (event) => {
        if (event.event === "start" && !from) reporter.start(record, event);
        else if (event.event === "epoch") compareEpoch(event, expected, folder, reporter);
      },
    });
  let run = await open(training);
  try {
    for (const { epoch, step, options } of changes) {
      await trainTo(run, epoch, step);
      const state = run.state();
      await run.close();
      const { network, splits } = training;
      run = await open(planTraining(network, splits, { ...run.options, ...options }, training.basis), state);
    }
    await trainTo(run, expected.length + 1, 0).catch((error: unknown) => {
      if (!(error instanceof Diverged) || record.status !== "stopped") throw error;
    });
    const complete = statusOf(record.ending ?? "interrupted") === "complete";
    const undecided = complete && run.progress.ended === null && run.options.optimizer === "lbfgs";
    if (undecided) await run.train({ steps: 1 }); // it ends by finding no further step
    if (complete) await compareEnd(folder, record, await run.result());
    reporter.end(expected.length, record.parametersSha256, folder);
  } finally {
    await run.close();
  }
}

/** Train until `step` steps of `epoch` are done; the records on the way were compared, and are needed no more. */
async function trainTo(run: Run, epoch: number, step: number): Promise<void> {
  for (;;) {
    const { epoch: at, step: done, stepsPerEpoch, ended } = run.progress;
    const steps = (at < epoch ? stepsPerEpoch : step) - done;
    if (ended !== null || at > epoch || steps <= 0) return;
    await run.train({ steps });
    run.takeEpochs();
  }
}

/** A record in float64 is repeated in float64; otherwise any engine does. */
function engineOf({ precision }: RunRecord, asked: string): string {
  return asked === "auto" && precision === "float64" ? "reference-float64" : asked;
}

function refuseUnpromised({ arithmetic, studio, options }: RunRecord, epochs: number, file: string): void {
  const byHand = studio?.taught ? "it was taught by hand in the studio" : undefined;
  const drawn = options.private && "it is private, and its draws came from the system's generator";
  const why =
    drawn ?? byHand ?? (studio?.model ? "it started from a model that was dropped into the studio" : undefined);
  if (why) {
    const reason = `this run cannot be repeated from its record: ${why}. deltaprop test FILE.safetensors DATA tests its model.`;
    throw new InvalidInput("NOT_PROMISED", reason, { file });
  }
  if (arithmetic !== "exact")
    throw new InvalidInput("NOT_PROMISED", "only runs in exact arithmetic can be reproduced bit for bit.", { file });
  if (epochs === 0) throw new InvalidInput("NOTHING_TO_VERIFY", "no epoch of this run has ended.", { file });
}

/** Raises NumericalStop at the first epoch that differs. */
function compareEpoch(
  { epoch, parametersSha256: got }: EpochRecord,
  expected: readonly string[],
  file: string,
  reporter: VerifyReporter,
) {
  const recorded = expected[epoch - 1];
  reporter.epoch(epoch, expected.length, got, got === recorded);
  if (got === recorded) return;
  const reason = `the parameters after epoch ${epoch} differ from the record: SHA-256 ${got}, recorded ${recorded}.`;
  throw new NumericalStop("NOT_REPRODUCED", reason, { file });
}

/**
 * The end of a complete run: the model that was kept, its test figures, and the model file itself. Raises
 * NumericalStop.
 */
async function compareEnd(folder: string, record: RunRecord, again: TrainingResult): Promise<void> {
  const { model, file } = await loadModel(folder);
  const rows: [what: string, got: unknown, recorded: unknown, file: string][] = [
    ["the ending", again.stopReason, record.ending, folder],
    ["the SHA-256 of the kept parameters", again.parametersSha256, record.parametersSha256, folder],
    ["the test accuracy", again.test?.accuracy ?? null, record.testAccuracy, folder],
    ["the test loss", again.test?.loss ?? again.testValues?.loss ?? null, record.testLoss, folder],
    ["the test's figures", JSON.stringify(again.testValues), JSON.stringify(record.testValues), folder],
    ["the temperature", again.model.temperature, model.temperature, file],
    ["the SHA-256 of the model's parameters", await hashOf(model.parameters), record.parametersSha256, file],
  ];
  for (const [what, got, recorded, file] of rows)
    if (got !== recorded)
      throw new NumericalStop("NOT_REPRODUCED", `${what} is ${got}, recorded ${recorded}.`, { file });
}

type VerifyReporter = {
  start(record: RunRecord, now: Extract<TrainEvent, { event: "start" }>): void;
  epoch(epoch: number, of: number, sha256: string, same: boolean): void;
  end(epochs: number, sha256: string | null, folder: string): void;
};

const MOST_LINES = 20; // epochs that get a line; of a longer run every k-th, and each that differs

const textReporter: VerifyReporter = {
  start: ({ data, engine, threads, ranks, versions }, now) => {
    print(`training again on ${printable(data.from)}, as run.json says`);
    print(`  then   ${printable(engine)}, ${teamText(threads, ranks)}, Node ${printable(versions.node ?? "unknown")}`);
    print(`  now    ${now.engine}, ${teamText(now.threads, now.ranks)}, Node ${process.version}\n`);
  },
  epoch: (epoch, of, sha256, same) => {
    const every = Math.ceil(of / MOST_LINES);
    if (same && epoch % every !== 0 && epoch !== 1 && epoch !== of) return;
    print(`epoch ${String(epoch).padStart(String(of).length)}/${of}  ${same ? "same" : "DIFFERENT"}  ${sha256}`);
  },
  end: (epochs, sha256) => {
    print(
      `\nreproduced bit for bit: the parameters after ${plural(epochs, "epoch")}${sha256 === null ? "" : ", the model and its figures"}`,
    );
  },
};

const jsonReporter: VerifyReporter = {
  start: ({ data }, { engine, threads, ranks }) =>
    printJson({ event: "start", data: data.from, engine, threads, ...(ranks !== undefined && { ranks }) }),
  epoch: (epoch, _, parametersSha256, same) => printJson({ event: "epoch", epoch, parametersSha256, same }),
  end: (epochs, parametersSha256, run) => printJson({ event: "verified", epochs, parametersSha256, run }),
};
