// What a run leaves beside its model: run.json, which says exactly how to repeat it, and metrics.jsonl, one line an epoch. Texts
// only; journal.ts writes them.
import { InvalidInput } from "../../errors.ts";
import { currentName, currentOptions } from "../../training/old-spellings.ts";
import type { TrainingOptions } from "../../training/options.ts";
import type { EpochRecord, TrainingResult } from "../../training/training-result.ts";
import { parseJson } from "../model/json.ts";

/** Where the rows came from. `heldOut` is the share taken as test part where the source brings none. */
export type RunData = {
  readonly name: string;
  readonly from: string; //            a named set's name, or the full path of a file or folder
  readonly dataDir: string | null; //  where the files of a named set were, if that was said
  readonly sha256: string;
  readonly label: string | null;
  readonly heldOut: number | null;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
};

/** What decides every bit of a run, and on what it runs: all that is needed to repeat it. */
export type RunPlan = {
  readonly data: RunData;
  readonly layers: readonly number[];
  readonly activation: string;
  readonly options: TrainingOptions;
  readonly precision: "float32" | "float64";
  readonly arithmetic: "exact"; //    the sums of every engine alike; nothing else is promised to come out again
  readonly engine: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
};

/** How it went. While the run is under way, or if it was killed, nothing is known of its end. */
export type RunOutcome = {
  readonly status: "running" | "complete" | "interrupted" | "stopped";
  readonly ending: TrainingResult["stopReason"] | null;
  readonly keptEpoch: number | null;
  readonly seconds: number | null;
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  readonly parametersSha256: string | null;
  readonly epochParametersSha256: readonly string[]; // after epoch 1, 2, …
};

/** run.json. */
export type RunRecord = { readonly format: 1 } & RunPlan & RunOutcome;

/** The plan of a run that has been walked. */
export function planOf(trained: TrainingResult, data: RunData, versions: RunPlan["versions"]): RunPlan {
  const { model, options, engine, threads } = trained;
  const { layers, activation } = model.network;
  return {
    data,
    layers,
    activation,
    options,
    precision: enginePrecision(engine),
    arithmetic: "exact",
    engine,
    threads,
    versions,
  };
}

/** The record of a run at its start. */
export function startRecord(plan: RunPlan): RunRecord {
  return {
    ...{ format: 1, ...plan, status: "running", ending: null, keptEpoch: null, seconds: null },
    ...{ testAccuracy: null, testLoss: null, parametersSha256: null, epochParametersSha256: [] },
  };
}

/** The record of a run that has ended, for now or for good. */
export function endRecord(plan: RunPlan, trained: TrainingResult): RunRecord {
  const { stopReason, keptEpoch, seconds, test, parametersSha256, epochs } = trained;
  return {
    ...{ format: 1, ...plan, status: statusOf(stopReason), ending: stopReason, keptEpoch, seconds },
    ...{ testAccuracy: test?.accuracy ?? null, testLoss: test?.loss ?? null, parametersSha256 },
    epochParametersSha256: epochs.map((epoch) => epoch.parametersSha256),
  };
}

export function statusOf(ending: TrainingResult["stopReason"]): RunOutcome["status"] {
  return ending === "finished" || ending === "early" ? "complete" : ending;
}

/** The part of a plan that decides every bit of the result: two runs with equal identities are the same run. */
export function runIdentity(plan: Pick<RunPlan, "data" | "layers" | "activation" | "options" | "precision">): string {
  const { data, layers, activation, options, precision } = plan;
  const { sha256, label, heldOut } = data;
  return JSON.stringify([sha256, label, heldOut, layers, activation, sorted(Object.entries(options)), precision]);
}

/** An identity in which version 0.1 named the options, by their names today; any other text as it is. */
export function currentIdentity(identity: string): string {
  if (!identity.includes('["rule",')) return identity;
  const parts = parseJson(identity) as unknown[];
  const named = (parts[5] as [string, unknown][]).map(([name, value]) => [currentName(name), value] as const);
  return JSON.stringify(parts.with(5, sorted(named)));
}

function sorted(options: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  return options.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

export function enginePrecision(engine: string): RunPlan["precision"] {
  return engine === "reference-float64" ? "float64" : "float32";
}

/** run.json's text read back as far as its identity and status; raises InvalidInput if it is not ours. */
export function readRunRecord(text: string, file: string): RunRecord {
  try {
    const record = parseJson(text) as RunRecord;
    const { format, status, data, layers, engine, threads, versions, epochParametersSha256: hashes } = record;
    const statuses = ["running", "complete", "interrupted", "stopped"];
    const known = format === 1 && statuses.includes(status) && Array.isArray(layers);
    const texts = [data.sha256, data.from, data.label ?? "", data.dataDir ?? "", engine, ...Object.values(versions)];
    if (known && Array.isArray(hashes) && isStrings([...texts, ...hashes]) && Number.isInteger(threads)) {
      const current = { ...record, options: currentOptions(record.options) };
      runIdentity(current);
      return current;
    }
  } catch {
    // not JSON, or not a record: refused below
  }
  throw new InvalidInput("BAD_RUN", "this is not the run.json of a Deltaprop run.", { file, at: "content" });
}

/** metrics.jsonl: one JSON object a line for each epoch. */
export function metricsLine(epoch: EpochRecord): string {
  return `${JSON.stringify(epoch)}\n`;
}

function isStrings(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}
