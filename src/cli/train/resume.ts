// `deltaprop train --resume FOLDER`: resumes a run from its newest valid checkpoint, bit for bit, with the options of
// its record.
import type { Command } from "commander";
import { chooseEngine } from "../../engines/registry.ts";
import { InvalidInput, printable } from "../../errors.ts";
import { Journal } from "../../files/run/journal.ts";
import { type FoundCheckpoint, findCheckpoint, loadModel, openRunFolder } from "../../files/run/run-folder.ts";
import { currentIdentity, enginePrecision, type RunRecord, runIdentity } from "../../files/run/run-record.ts";
import { hashOf } from "../../training/training-result.ts";
import { asArgument, callOf } from "../call.ts";
import { type DataFlags, type MachineFlags, roomOf } from "../command-options.ts";
import { loadData } from "../inputs.ts";
import { print, printJson, versions, warn } from "../program.ts";
import { readingWords, recordedFlags } from "../recorded-flags.ts";
import { type ReporterFlags, reporterFor } from "./console.ts";
import { type PlanFlags, planRepeat } from "./plan-run.ts";
import { runToFolder } from "./run-to-folder.ts";

type Flags = PlanFlags &
  MachineFlags &
  ReporterFlags & { readonly checkpointMinutes: number; readonly noiseScale?: true };

// change no bit
const FREE =
  "resume from engine threads ranks dataDir validationData testData memory cache strict checkpointMinutes noiseScale json quiet".split(
    " ",
  );

export async function resumeRun(folder: string, data: string | undefined, flags: Flags, command: Command) {
  for (const { attributeName, long } of command.options.map((o) => ({
    attributeName: o.attributeName(),
    long: o.long,
  })))
    if (!FREE.includes(attributeName) && command.getOptionValueSource(attributeName) === "cli")
      throw new InvalidInput("FIXED_OPTION", `${long} comes from the record of the run. Leave it out with --resume.`);
  await continueRun(folder, data, flags);
}

/** The same without a look at the other flags, which the caller has compared with the record. */
export async function continueRun(folder: string, data: string | undefined, flags: Flags): Promise<void> {
  const record = await openRunFolder(folder);
  if (record.status === "complete") {
    if (data !== undefined) await refuseOtherData(folder, data, record, flags);
    return printComplete(folder, record, flags);
  }
  if (record.status === "stopped") {
    const reason = "this run ended for good: training diverged. Train another with a smaller learning rate.";
    throw new InvalidInput("RUN_ENDED", reason, { file: folder });
  }
  if (record.options.private && flags.noiseScale)
    throw new InvalidInput(
      "CONFLICTING_OPTION",
      "a private run measures no gradients of its rows. Leave --noise-scale out.",
    );
  const { engine: asked, threads, checkpointMinutes: minutes } = flags;
  const engine = asked === "auto" && record.precision === "float64" ? "reference-float64" : asked;
  const precision = enginePrecision(chooseEngine(engine).name);
  if (precision !== record.precision) {
    const reason = `it is of a run in ${record.precision}; engine ${engine} computes in ${precision}, which gives different bits.`;
    throw new InvalidInput("FIXED_OPTION", reason, { file: folder });
  }
  const journal = await Journal.open(folder); // before the checkpoint is read, so that no other process replaces it
  try {
    const from = await checkpointOf(folder, record);
    const remedy = "Name the data before --resume, or its folder with --data-dir.";
    const { training, plan, about } = await planRepeat(folder, record, { ...flags, data }, remedy);
    const whole = { ...plan, precision, versions: versions() };
    const room = roomOf(flags);
    const { noiseScale } = flags;
    const job = { training, plan: whole, engine, threads, room, minutes, live: true, from, noiseScale };
    const dataDir = flags.dataDir ?? plan.data.dataDir ?? undefined;
    const testData = flags.testData ?? plan.data.parts?.test?.from;
    const named = { data: data ?? plan.data.from, dataDir, testData, reading: readingWords(plan.data), about };
    await runToFolder(job, journal, reporterFor(flags, plan.data.rows.train, named));
  } finally {
    await journal.close();
  }
}

/**
 * The newest good checkpoint, with a warning where a newer one is damaged; undefined if the run was stopped before its
 * first.
 */
async function checkpointOf(folder: string, record: RunRecord): Promise<FoundCheckpoint | undefined> {
  const found = await findCheckpoint(folder);
  if (found && currentIdentity(found.run) !== runIdentity(record)) {
    const reason = "this checkpoint is of another run than the run.json beside it.";
    throw new InvalidInput("BAD_CHECKPOINT", reason, { file: found.file });
  }
  if (found?.damaged) {
    const { code, message } = found.damaged; // the message begins with the file and the place
    warn(`${code} ${message} Resuming from ${found.file}.`);
  }
  return found;
}

/** Data named for a run that is complete: they cannot change it, and other data than its own are refused. */
async function refuseOtherData(folder: string, data: string, { data: own }: RunRecord, { dataDir }: DataFlags) {
  const place = dataDir ?? own.dataDir ?? undefined;
  const { sha256 } = await loadData(data, { ...recordedFlags(own), dataDir: place });
  if (sha256 === own.sha256) return;
  const anew = callOf("train", asArgument(data), ...(own.label === null ? [] : ["--label", own.label]));
  const reason = `this run is complete, and these are other data than its own, ${printable(own.name)}: a run cannot go on with other rows. Train on them with \`${anew}\`, or test its model on them with \`${callOf("test", asArgument(folder), asArgument(data))}\`.`;
  throw new InvalidInput("OTHER_DATA", reason, { file: data });
}

/** For a complete run: compare its model with the record, and print that nothing is left to do. */
async function printComplete(folder: string, record: RunRecord, { json, quiet }: ReporterFlags): Promise<void> {
  const { model, file } = await loadModel(folder);
  const parametersSha256 = await hashOf(model.parameters);
  if (parametersSha256 !== record.parametersSha256)
    throw new InvalidInput("DAMAGED", "this model is not the one that run.json records.", { file });
  if (json) printJson({ event: "complete", model: file, parametersSha256, out: folder });
  else if (!quiet) {
    print(`this run is complete: ${printable(file)}, SHA-256 of its parameters ${parametersSha256}`);
    print("Nothing is left to do. To train longer, or with other options, start another run without --resume.");
  }
}
