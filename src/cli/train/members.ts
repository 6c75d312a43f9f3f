// `train --members K`: K runs that differ in their draws alone, each in a folder of its own, and their ensemble as one
// model beside them. The same command goes on where it was interrupted.
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { must } from "../../errors.ts";
import { writeDurably } from "../../files/disk.ts";
import {
  findCheckpoint,
  findRun,
  loadModel,
  MEMBERS_FILE,
  MODEL_FILE,
  memberFolder,
  refuseOtherRun,
  saveModel,
} from "../../files/run/run-folder.ts";
import { evaluate, valueMetrics } from "../../training/evaluate.ts";
import { joinModels } from "../../training/joined-models.ts";
import type { Model } from "../../training/model.ts";
import { hashOf } from "../../training/training-result.ts";
import { wholeNumber } from "../arguments.ts";
import { asArgument, callOf } from "../call.ts";
import type { DataFlags, MachineFlags } from "../command-options.ts";
import { loadTestRows } from "../inputs.ts";
import { print, printJson } from "../program.ts";
import { flagsAsRecorded } from "../recorded-flags.ts";
import { loss, percent, plural } from "../tables.ts";
import { figureTexts } from "../value-figures.ts";
import { runName } from "./run-place.ts";

export type MembersFlags = DataFlags &
  MachineFlags & {
    readonly members?: number;
    readonly out?: string;
    readonly seed?: number;
    readonly testData?: string | undefined;
    readonly private?: true;
    readonly calibrate?: true | undefined;
    readonly layerNorm?: boolean | undefined;
    readonly json?: true;
    readonly quiet?: true;
  };

export function addMembers(command: Command): void {
  command.addOption(
    new Option(
      "--members <n>",
      "train so many networks that differ in their draws alone, and make their ensemble one model; the same command goes on after an interruption",
    ).argParser(wholeNumber("--members", 2, 1000)),
  );
}

/** Raises InvalidInput where members have no one model. */
export function refuseMembers({ members, private: hidden, calibrate, layerNorm }: MembersFlags): void {
  must(
    !layerNorm,
    "--members",
    "left out with --layer-norm: units of several members would be normalized together",
    members,
  );
  must(!hidden, "--members", "left out with --private: each member would spend ε of its own", members);
  must(!calibrate, "--members", "left out with --calibrate: a temperature is of one model alone", members);
}

/** Train members one after another by `trainOne`, then join and test them. */
export async function trainMembers(
  data: string,
  flags: MembersFlags & { readonly members: number },
  trainOne: (folder: string, member: number) => Promise<void>,
): Promise<void> {
  const { members: K, json, quiet, seed = 1 } = flags;
  const folder = flags.out ?? join("runs", `${runName(data)}-${seed}-members`);
  const folders = Array.from({ length: K }, (_, k) => memberFolder(folder, k));
  for (const [k, place] of folders.entries()) {
    if (!json && !quiet) print(`${k === 0 ? "" : "\n"}member ${k + 1} of ${K}, in ${place}`);
    await trainOne(place, k);
    if (process.exitCode) return; // it said what stopped it
  }
  const loaded = await Promise.all(folders.map((place) => loadModel(place)));
  const model = joinModels(loaded.map((one) => one.model));
  const file = join(folder, MODEL_FILE);
  await saveModel(file, model);
  const members = await Promise.all(
    loaded.map(async ({ model: { parameters } }, k) => ({
      folder: basename(folders[k]!),
      parametersSha256: await hashOf(parameters),
    })),
  );
  const parametersSha256 = await hashOf(model.parameters);
  const about = { members, parametersSha256 };
  await writeDurably(join(folder, MEMBERS_FILE), `${JSON.stringify(about, null, 2)}\n`);
  const { rows, which } = await testRows(data, flags, loaded[0]!.file, model);
  const figures = await figuresOf(model, rows, flags);
  if (json) return printJson({ event: "members", ...about, ...figures.told, model: file });
  if (quiet) return;
  print(`\nensemble of ${plural(K, "member")}, the mean of their outputs`);
  print(`  test     ${figures.text}, on ${which}`);
  print(`  model    ${file}`);
  print(`  sha256   ${parametersSha256} (parameters)`);
  print(`\nNext: ${callOf("test", asArgument(folder), asArgument(flags.testData ?? data))}`);
}

/**
 * Whether `folder` holds the planned run already, complete or with a checkpoint; then `goOn` has dealt with it. Raises
 * InvalidInput for another run.
 */
export async function wentOn(
  planned: Parameters<typeof refuseOtherRun>[2],
  folder: string,
  goOn: () => Promise<void>,
): Promise<boolean> {
  const found = await findRun(folder);
  if (found === undefined) return false;
  refuseOtherRun(folder, found, planned);
  if (found.status === "stopped" || (found.status !== "complete" && !(await findCheckpoint(folder)))) return false;
  await goOn();
  return true;
}

async function testRows(data: string, flags: MembersFlags, member: string, model: Model) {
  const reading = { ...(await flagsAsRecorded(member, data, flags)), json: flags.json, quiet: flags.quiet };
  return loadTestRows(flags.testData ?? data, reading, model);
}

async function figuresOf(model: Model, rows: Parameters<typeof evaluate>[1], machine: MachineFlags) {
  if (model.loss) {
    const told = await valueMetrics(model, rows, machine);
    return { told, text: [...figureTexts(told), `loss ${loss(told.loss)}`].join(", ") };
  }
  const { accuracy, loss: mean, rows: count } = await evaluate(model, rows, machine);
  const text = `accuracy ${percent(accuracy)}, loss ${loss(mean)}`;
  return { told: { testAccuracy: accuracy, testLoss: mean, testRows: count }, text };
}
