// What a run leaves beside its model: run.json, which says exactly how to repeat it, and metrics.jsonl, one line an epoch. Texts
// only; durable.ts writes them.
import { InvalidInput } from "../errors.ts";
import type { Choices } from "../training/options.ts";
import type { Trained } from "../training/record.ts";
import { parseJson } from "./json.ts";

/** Where the rows came from. `heldOut` is the share taken as test part where the source brings none. */
export type RunData = {
  readonly name: string;
  readonly sha256: string;
  readonly label: string | null;
  readonly heldOut: number | null;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
};

/** run.json: every option, and everything needed to see that a repetition gave the same bits. */
export type RunRecord = {
  readonly format: 1;
  readonly data: RunData;
  readonly layers: readonly number[];
  readonly activation: string;
  readonly options: Choices;
  readonly precision: "float32" | "float64";
  readonly engine: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly ending: Trained["ending"];
  readonly keptEpoch: number;
  readonly seconds: number;
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  readonly parametersSha256: string;
  readonly epochParametersSha256: readonly string[]; // after epoch 1, 2, …
};

export function runRecord(trained: Trained, data: RunData, versions: Readonly<Record<string, string>>): RunRecord {
  const { model, choices, engine, threads, ending, keptEpoch, seconds, test, parametersSha256, epochs } = trained;
  return {
    format: 1,
    data,
    ...{ layers: model.network.layers, activation: model.network.activation, options: choices },
    precision: precisionOf(engine),
    ...{ engine, threads, versions, ending, keptEpoch, seconds },
    ...{ testAccuracy: test?.accuracy ?? null, testLoss: test?.loss ?? null, parametersSha256 },
    epochParametersSha256: epochs.map((epoch) => epoch.parametersSha256),
  };
}

/** The part of a record that decides every bit of the result: two runs with equal identities are the same run. */
export function runIdentity(
  record: Pick<RunRecord, "data" | "layers" | "activation" | "options" | "precision">,
): string {
  const { data, layers, activation, options, precision } = record;
  const { sha256, label, heldOut } = data;
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sha256, label, heldOut, layers, activation, sorted, precision]);
}

export function precisionOf(engine: string): RunRecord["precision"] {
  return engine === "reference-float64" ? "float64" : "float32";
}

/** run.json's text read back as far as its identity and ending; raises InvalidInput if it is not ours. */
export function readRunRecord(text: string, file: string): RunRecord {
  try {
    const record = parseJson(text) as RunRecord;
    if (record.format === 1 && typeof record.ending === "string" && typeof record.data.sha256 === "string") {
      runIdentity(record);
      return record;
    }
  } catch {
    // not JSON, or not a record: refused below
  }
  throw new InvalidInput("BAD_RUN", "this is not the run.json of a Deltaprop run.", { file, at: "content" });
}

/** metrics.jsonl: one JSON object a line for each epoch. */
export function metricsLines({ epochs }: Trained): string {
  return epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join("");
}
