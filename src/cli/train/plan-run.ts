// From the record of a run back to what it was made of: its data, found again and compared, its network, its options.
import { resolve } from "node:path";
import { isNamed } from "../../data/source.ts";
import { DeltapropError, InvalidInput, printable } from "../../errors.ts";
import type { RunData, RunPlan, RunRecord } from "../../files/run/run-record.ts";
import { type Activation, defineNetwork, type Network } from "../../network/network.ts";
import { resolveOptions, type TrainingOptions } from "../../training/options.ts";
import { checkSplits, holdOutValidation, type Splits } from "../../training/splits.ts";
import { type DataFlags, loadSplits } from "../inputs.ts";

/** A run that can be walked: what decides its bits, and its rows. */
export type PlannedRun = {
  readonly network: Network;
  readonly splits: Splits;
  readonly plan: Omit<RunPlan, "engine" | "threads" | "precision" | "versions">;
};

/** The rows that `data` names, and the plan of a run on them. Raises InvalidInput. */
export async function planRun(
  data: string,
  flags: DataFlags & { readonly seed?: number },
  networkOf: (D: number, C: number) => Network,
  optionsOf: (rows: number) => TrainingOptions,
): Promise<PlannedRun> {
  const { source, splits: whole, heldOut } = await loadSplits(data, flags);
  const { cols, classes, rows } = whole.train;
  const network = networkOf(cols, classes.length);
  const options = optionsOf(rows);
  const splits = { ...holdOutValidation(whole, options), test: whole.test };
  checkSplits(network, splits);
  const facts: RunData = {
    ...{ name: source.name, from: isNamed(data) ? data : resolve(data) },
    dataDir: flags.dataDir === undefined ? null : resolve(flags.dataDir),
    ...{ sha256: source.sha256, label: flags.label ?? null, heldOut },
    rows: { train: splits.train.rows, validation: splits.validation?.rows ?? 0, test: whole.test.rows },
  };
  const { layers, activation } = network;
  return { network, splits, plan: { data: facts, layers, activation, options: options, arithmetic: "exact" } };
}

export type DataPlace = { readonly data?: string | undefined; readonly dataDir?: string | undefined };

/**
 * A recorded run made of its data again: where the record says, or where `data` and `dataDir` say. Raises InvalidInput if they are
 * not there or not the same. `remedy` says how to point to them.
 */
export async function planRepeat(record: RunRecord, { data, dataDir }: DataPlace, remedy: string): Promise<PlannedRun> {
  const { label, sha256, heldOut, from } = record.data;
  const word = data ?? from;
  const place = dataDir ?? record.data.dataDir ?? undefined;
  const flags: DataFlags = { ...(label !== null && { label }), ...(place !== undefined && { dataDir: place }) };
  const network = () => defineNetwork(record.layers, record.activation as Activation);
  const found = await planRun(word, { ...flags, seed: record.options.seed }, network, (rows) =>
    resolveOptions(record.options, rows),
  ).catch((error: unknown) => {
    if (error instanceof InvalidInput && error.file === undefined)
      throw new InvalidInput("BAD_RUN", error.message, { file: "run.json", at: "content" }, { cause: error });
    if (data !== undefined || !(error instanceof DeltapropError) || error.file === undefined) throw error;
    const reason = `${error.message} The record of the run names it. ${remedy}`;
    throw new InvalidInput(error.code, reason, { file: error.file, at: error.at }, { cause: error });
  });
  const same = found.plan.data.sha256 === sha256 && found.plan.data.heldOut === heldOut;
  if (!same) {
    const reason = `these are not the data of the run: SHA-256 ${found.plan.data.sha256}, recorded ${printable(sha256)}. ${remedy}`;
    throw new InvalidInput("OTHER_DATA", reason, { file: word });
  }
  return found;
}
