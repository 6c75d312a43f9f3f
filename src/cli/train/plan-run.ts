// Plans a run from its data and options, for a new run or from the record of an earlier one.
import { resolve } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { isNamed } from "../../data/source.ts";
import type { TrainAndTest } from "../../data/split.ts";
import { DeltapropError, InvalidInput, must, printable } from "../../errors.ts";
import type { RunData, RunPlan, RunRecord } from "../../files/run/run-record.ts";
import { type Activation, defineNetwork, type Network } from "../../network/network.ts";
import type { TrainingOptions } from "../../training/options.ts";
import { type PlannedTraining, planTraining } from "../../training/plan-training.ts";
import type { DataFlags } from "../command-options.ts";
import { loadSplits, tooFewRows } from "../inputs.ts";
import { plural } from "../tables.ts";

/** A checked run, and its part of the record. */
export type PlannedRun = {
  readonly training: PlannedTraining;
  readonly plan: Omit<RunPlan, "engine" | "threads" | "precision" | "versions">;
};

/**
 * Load `data` and plan a run on it. `accept` sees the data's SHA-256 and held-out share first, and may raise. Raises
 * InvalidInput.
 */
export async function planRun(
  data: string,
  flags: DataFlags & { readonly seed?: number },
  networkOf: (D: number, C: number) => Network,
  given: Partial<TrainingOptions>,
  accept: (sha256: string, heldOut: number | null) => void = () => {},
): Promise<PlannedRun> {
  const { source, splits: loaded } = await loadSplits(data, flags);
  accept(source.sha256, loaded.heldOut);
  const { cols, classes } = loaded.train;
  const network = networkOf(cols, classes.length);
  refuseMisfits(network, given, loaded.train, data);
  const training = plannedTraining(network, loaded, given, data);
  const { splits, options } = training;
  const facts: RunData = {
    name: source.name,
    from: isNamed(data) ? data : resolve(data),
    dataDir: flags.dataDir === undefined ? null : resolve(flags.dataDir),
    sha256: source.sha256,
    label: flags.label ?? null,
    encoding: flags.encoding,
    sheet: flags.sheet,
    heldOut: loaded.heldOut,
    rows: { train: splits.train.rows, validation: splits.validation?.rows ?? 0, test: loaded.test.rows },
  };
  const { layers, activation } = network;
  return { training, plan: { data: facts, layers, activation, options, arithmetic: "exact" } };
}

/** Options against the data, in the words of the command line. */
function refuseMisfits(
  { layers }: Network,
  { classWeights }: Partial<TrainingOptions>,
  { cols, classes }: Dataset,
  file: string,
): void {
  const names = classes.length > 8 ? `${classes.slice(0, 8).join(", ")}, …` : classes.join(", ");
  const [D, C] = [layers[0]!, layers.at(-1)!];
  must(D === cols, "the first number of --layers", `${cols}, as the data have ${plural(cols, "feature")}`, D, "", {
    file,
  });
  const outputs = `${classes.length}, as the data have ${plural(classes.length, "class", "classes")} (${printable(names)})`;
  must(C === classes.length, "the last number of --layers", outputs, C, "", { file });
  if (!Array.isArray(classWeights)) return;
  const expected = `${plural(classes.length, "number")}, one a class (${printable(names)})`;
  must(classWeights.length === classes.length, "--class-weights", expected, classWeights.length, "", { file });
}

function plannedTraining(network: Network, data: TrainAndTest, given: Partial<TrainingOptions>, file: string) {
  try {
    return planTraining(network, data, given);
  } catch (error) {
    throw tooFewRows(error, data.train.rows, `${given.validation ?? 0.1} of them for validation`, file);
  }
}

export type DataPlace = { readonly data?: string | undefined; readonly dataDir?: string | undefined };

/**
 * Plan a recorded run again, on its data: found where the record says, or where `data` and `dataDir` say. Raises
 * InvalidInput if they are missing or have other bytes; `remedy` names the option that points to them.
 */
export async function planRepeat(record: RunRecord, { data, dataDir }: DataPlace, remedy: string): Promise<PlannedRun> {
  const { label, encoding, sheet, sha256, heldOut, from } = record.data;
  const word = data ?? from;
  const place = dataDir ?? record.data.dataDir ?? undefined;
  const { seed } = record.options;
  const flags = { seed, label: label ?? undefined, encoding, sheet, dataDir: place };
  const network = () => defineNetwork(record.layers, record.activation as Activation);
  let accepted = false; // then what is wrong is in the record
  const accept = (found: string, share: number | null) => {
    accepted = found === sha256 && share === heldOut;
    if (accepted) return;
    const reason = `these data differ from the run's: SHA-256 ${found}, recorded ${printable(sha256)}. ${remedy}`;
    throw new InvalidInput("OTHER_DATA", reason, { file: word });
  };
  return planRun(word, flags, network, record.options, accept).catch((error: unknown) => {
    const misfit = error instanceof InvalidInput && (error.file === undefined || accepted);
    if (misfit) throw new InvalidInput("BAD_RUN", error.reason, { file: "run.json", at: "content" }, { cause: error });
    const known = error instanceof DeltapropError && error.file !== undefined && error.code !== "OTHER_DATA";
    if (data !== undefined || !known) throw error;
    const reason = `${error.reason} The record of the run names it. ${remedy}`;
    throw new InvalidInput(error.code, reason, { file: error.file, at: error.at }, { cause: error });
  });
}
