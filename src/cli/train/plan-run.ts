// Plans a run from its data and options, for a new run or from the record of an earlier one.
import { resolve } from "node:path";
import { isNamed } from "../../data/source.ts";
import { DeltapropError, InvalidInput, printable } from "../../errors.ts";
import type { RunData, RunPlan, RunRecord } from "../../files/run/run-record.ts";
import { type Activation, defineNetwork, type Network } from "../../network/network.ts";
import type { TrainingOptions } from "../../training/options.ts";
import { type PlannedTraining, planTraining } from "../../training/plan-training.ts";
import type { DataFlags } from "../command-options.ts";
import { loadSplits } from "../inputs.ts";

/** A checked run, and its part of the record. */
export type PlannedRun = {
  readonly training: PlannedTraining;
  readonly plan: Omit<RunPlan, "engine" | "threads" | "precision" | "versions">;
};

/** Load `data` and plan a run on it. Raises InvalidInput. */
export async function planRun(
  data: string,
  flags: DataFlags & { readonly seed?: number },
  networkOf: (D: number, C: number) => Network,
  given: Partial<TrainingOptions>,
): Promise<PlannedRun> {
  const { source, splits: loaded } = await loadSplits(data, flags);
  const { cols, classes } = loaded.train;
  const training = planTraining(networkOf(cols, classes.length), loaded, given);
  const { network, splits, options } = training;
  const facts: RunData = {
    name: source.name,
    from: isNamed(data) ? data : resolve(data),
    dataDir: flags.dataDir === undefined ? null : resolve(flags.dataDir),
    sha256: source.sha256,
    label: flags.label ?? null,
    heldOut: loaded.heldOut,
    rows: { train: splits.train.rows, validation: splits.validation?.rows ?? 0, test: loaded.test.rows },
  };
  const { layers, activation } = network;
  return { training, plan: { data: facts, layers, activation, options, arithmetic: "exact" } };
}

export type DataPlace = { readonly data?: string | undefined; readonly dataDir?: string | undefined };

/**
 * Plan a recorded run again, on its data: found where the record says, or where `data` and `dataDir` say. Raises
 * InvalidInput if they are missing or have other bytes; `remedy` names the option that points to them.
 */
export async function planRepeat(record: RunRecord, { data, dataDir }: DataPlace, remedy: string): Promise<PlannedRun> {
  const { label, sha256, heldOut, from } = record.data;
  const word = data ?? from;
  const place = dataDir ?? record.data.dataDir ?? undefined;
  const { seed } = record.options;
  const flags = { seed, ...(label !== null && { label }), ...(place !== undefined && { dataDir: place }) };
  const network = () => defineNetwork(record.layers, record.activation as Activation);
  const found = await planRun(word, flags, network, record.options).catch((error: unknown) => {
    if (error instanceof InvalidInput && error.file === undefined)
      throw new InvalidInput("BAD_RUN", error.reason, { file: "run.json", at: "content" }, { cause: error });
    if (data !== undefined || !(error instanceof DeltapropError) || error.file === undefined) throw error;
    const reason = `${error.reason} The record of the run names it. ${remedy}`;
    throw new InvalidInput(error.code, reason, { file: error.file, at: error.at }, { cause: error });
  });
  const same = found.plan.data.sha256 === sha256 && found.plan.data.heldOut === heldOut;
  if (!same) {
    const reason = `these data differ from the run's: SHA-256 ${found.plan.data.sha256}, recorded ${printable(sha256)}. ${remedy}`;
    throw new InvalidInput("OTHER_DATA", reason, { file: word });
  }
  return found;
}
