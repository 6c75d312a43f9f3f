// From the record of a run back to what it was made of: its data, found again and compared, its network, its choices.
import { resolve } from "node:path";
import { isNamed } from "../../data/source.ts";
import { DeltapropError, InvalidInput, printable } from "../../errors.ts";
import type { RunData, RunPlan, RunRecord } from "../../files/run/run-record.ts";
import { type Activation, defineNetwork, type Network } from "../../network/network.ts";
import { type Choices, resolveChoices } from "../../training/options.ts";
import { checkParts, type Parts, splitParts } from "../../training/splits.ts";
import { type DataFlags, loadParts } from "../inputs.ts";

/** A run that can be walked: what decides its bits, and its rows. */
export type Repeatable = {
  readonly network: Network;
  readonly parts: Parts;
  readonly plan: Omit<RunPlan, "engine" | "threads" | "precision" | "versions">;
};

/** The rows that `data` names, and the plan of a run on them. Raises InvalidInput. */
export async function planRun(
  data: string,
  flags: DataFlags & { readonly seed?: number },
  networkOf: (D: number, C: number) => Network,
  choicesOf: (rows: number) => Choices,
): Promise<Repeatable> {
  const { source, parts: whole, heldOut } = await loadParts(data, flags);
  const { cols, classes, rows } = whole.train;
  const network = networkOf(cols, classes.length);
  const choices = choicesOf(rows);
  const parts = { ...splitParts(whole, choices), test: whole.test };
  checkParts(network, parts);
  const facts: RunData = {
    ...{ name: source.name, from: isNamed(data) ? data : resolve(data) },
    dataDir: flags.dataDir === undefined ? null : resolve(flags.dataDir),
    ...{ sha256: source.sha256, label: flags.label ?? null, heldOut },
    rows: { train: parts.train.rows, validation: parts.validation?.rows ?? 0, test: whole.test.rows },
  };
  const { layers, activation } = network;
  return { network, parts, plan: { data: facts, layers, activation, options: choices, arithmetic: "exact" } };
}

export type DataAgain = { readonly data?: string | undefined; readonly dataDir?: string | undefined };

/**
 * A recorded run made of its data again: where the record says, or where `data` and `dataDir` say. Raises InvalidInput if they are
 * not there or not the same. `remedy` says how to point to them.
 */
export async function repeatRun(record: RunRecord, { data, dataDir }: DataAgain, remedy: string): Promise<Repeatable> {
  const { label, sha256, heldOut, from } = record.data;
  const word = data ?? from;
  const place = dataDir ?? record.data.dataDir ?? undefined;
  const flags: DataFlags = { ...(label !== null && { label }), ...(place !== undefined && { dataDir: place }) };
  const network = () => defineNetwork(record.layers, record.activation as Activation);
  const found = await planRun(word, { ...flags, seed: record.options.seed }, network, (rows) =>
    resolveChoices(record.options, rows),
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
