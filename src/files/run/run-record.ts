// The record of a run, as texts: run.json, which says exactly how to repeat it, and metrics.jsonl, one line an epoch.
// journal.ts writes the files.
import { InvalidInput } from "../../errors.ts";
import { ACTIVATIONS, activationText, layerOptionsOf } from "../../network/network.ts";
import { isChanges, type RunChange } from "../../training/changes.ts";
import { currentName, currentOptions } from "../../training/old-spellings.ts";
import type { TrainingOptions } from "../../training/options.ts";
import type { EpochRecord, TrainingResult } from "../../training/training-result.ts";
import type { ValueMetrics } from "../../training/value-metrics.ts";
import { parseJson } from "../model/json.ts";
import { isParts, isReading, isStrings, type RunData, wrongChoice } from "./run-data.ts";

export type { RecordedChoices, RecordedPart, RecordedParts, RunData } from "./run-data.ts";

/** All that repeating a run takes: what decides its bits, and the machine it ran on. */
export type RunPlan = {
  readonly data: RunData;
  readonly layers: readonly number[];
  readonly activation: string;
  /** Whether hidden layers normalize; absent where they do not. */
  readonly layerNorm?: boolean | undefined;
  /** The same of residual connections. */
  readonly residual?: boolean | undefined;
  readonly options: TrainingOptions;
  /** The model that it goes on from. */
  readonly start?: RecordedStart | undefined;
  readonly precision: "float32" | "float64";
  /** "exact": every engine sums in the same order, so the run can be reproduced bit for bit. */
  readonly arithmetic: "exact";
  readonly engine: string;
  readonly threads: number;
  /** Processes that shared a step, of `threads` threads on rank 0; left out for a run of one process. */
  readonly ranks?: number | undefined;
  readonly versions: Readonly<Record<string, string>>;
  /** Changes of the options while the run went on; absent where there was none. */
  readonly changes?: readonly RunChange[] | undefined;
  /** Of a run of the studio: what does not follow from the rest. */
  readonly studio?: { readonly taught?: number; readonly model?: object | null } | undefined;
};

/** A starting model: where it lay, and the SHA-256 of its file. */
export type RecordedStart = { readonly from: string; readonly sha256: string };

/** How the run ended; null while it is running, or where it was killed. */
export type RunOutcome = {
  readonly status: "running" | "complete" | "interrupted" | "stopped";
  readonly ending: TrainingResult["stopReason"] | null;
  readonly keptEpoch: number | null;
  readonly seconds: number | null;
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  /** Where numbers or labels were learned. */
  readonly testValues?: ValueMetrics | undefined;
  readonly parametersSha256: string | null;
  /** After epoch 1, 2, … */
  readonly epochParametersSha256: readonly string[];
};

/** run.json. */
export type RunRecord = { readonly format: 1 } & RunPlan & RunOutcome;

/** The plan of the run with this result. */
export function planOf(result: TrainingResult, data: RunData, versions: RunPlan["versions"]): RunPlan {
  const { model, options, engine, threads } = result;
  const { layers } = model.network;
  return {
    data,
    layers,
    activation: activationText(model.network),
    ...layerOptionsOf(model.network),
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
    format: 1,
    ...plan,
    status: "running",
    ending: null,
    keptEpoch: null,
    seconds: null,
    testAccuracy: null,
    testLoss: null,
    parametersSha256: null,
    epochParametersSha256: [],
  };
}

/** The record of a run that has ended, for now or for good. */
export function endRecord(plan: RunPlan, result: TrainingResult): RunRecord {
  const { stopReason, keptEpoch, seconds, test, testValues, parametersSha256, epochs } = result;
  return {
    format: 1,
    ...plan,
    status: statusOf(stopReason),
    ending: stopReason,
    keptEpoch,
    seconds,
    testAccuracy: test?.accuracy ?? null,
    testLoss: test?.loss ?? testValues?.loss ?? null,
    ...(testValues && { testValues }),
    parametersSha256,
    epochParametersSha256: epochs.map((epoch) => epoch.parametersSha256),
  };
}

/** run.json as text, a piece at a time: one hash an epoch, which may be a million. */
export async function* recordText(record: RunRecord, records: AsyncIterable<EpochRecord>): AsyncGenerator<string> {
  const text = JSON.stringify({ ...record, epochParametersSha256: [] }, null, 2);
  const at = text.lastIndexOf("[]"); // the hashes are the last member
  let before = `${text.slice(0, at)}[`;
  let some = false;
  for await (const { parametersSha256 } of records) {
    before += `${some ? "," : ""}\n    "${parametersSha256}"`;
    some = true;
    if (before.length < PIECE) continue;
    yield before;
    before = "";
  }
  yield `${before}${some ? "\n  " : ""}${text.slice(at + 1)}\n`;
}

const PIECE = 2 ** 16; // characters

export function statusOf(ending: TrainingResult["stopReason"]): RunOutcome["status"] {
  return ending === "finished" || ending === "early" || ending === "onEpoch" ? "complete" : ending;
}

/** The part of a plan that decides every bit of the result: runs with equal identities are the same run. */
export function runIdentity(
  plan: Pick<RunPlan, "data" | "layers" | "activation" | "layerNorm" | "residual" | "options" | "precision" | "start">,
): string {
  const { data, layers, activation, options, precision, start } = plan;
  const { sha256, label, heldOut, table, reading, parts: own } = data;
  const parts = [sha256, label, heldOut, layers, activation, sorted(Object.entries(options)), precision];
  const chosen: unknown[] = table === undefined ? [] : [sorted(Object.entries(table))];
  if (reading) chosen.push(reading);
  if (own) chosen.push({ validation: own.validation?.sha256, test: own.test?.sha256 });
  if (start) chosen.push({ start: start.sha256 });
  if (plan.layerNorm || plan.residual) chosen.push(layerOptionsOf(plan));
  return JSON.stringify([...parts, ...chosen]);
}

/** An identity with the option names of version 0.1, by their names today; any other text unchanged. */
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

/** What an option meant before records had it. */
const BEFORE: Partial<TrainingOptions> = { schedule: "constant", warmupEpochs: 0 };

/** run.json read back; identity and status are checked. Raises InvalidInput. */
export function readRunRecord(text: string, file: string): RunRecord {
  let reason = "this is not the run.json of a Deltaprop run.";
  try {
    const record = parseJson(text) as RunRecord;
    const {
      format,
      status,
      data,
      layers,
      engine,
      threads,
      ranks = 1,
      versions,
      epochParametersSha256: hashes,
    } = record;
    const statuses = ["running", "complete", "interrupted", "stopped"];
    const known = format === 1 && statuses.includes(status) && Array.isArray(layers);
    const texts = [data.sha256, data.from, data.label ?? "", data.dataDir ?? "", engine, ...Object.values(versions)];
    const chosen = (data.reading === undefined || isReading(data.reading)) && isParts(data.parts ?? {});
    const { from = "", sha256 = "" } = record.start ?? {};
    const followed = record.changes === undefined || isChanges(record.changes);
    const whole =
      known &&
      chosen &&
      followed &&
      Array.isArray(hashes) &&
      isStrings([...texts, ...hashes, from, sha256]) &&
      [threads, ranks].every(Number.isInteger);
    const wrong = wrongChoice(data.table);
    if (wrong !== undefined) reason = wrong;
    else if (whole && agrees(record)) {
      const current = { ...record, options: { ...BEFORE, ...currentOptions(record.options) } };
      runIdentity(current);
      return current;
    }
  } catch {
    // not JSON, or not a record: refused below
  }
  throw new InvalidInput("BAD_RUN", reason, { file, at: "content" });
}

/** Whether the parts of a record fit each other: the same for every command that reads one. */
function agrees(record: RunRecord): boolean {
  const { status, ending, data, layers, activation, precision, engine, parametersSha256 } = record;
  const counts = [data.rows.train, data.rows.validation, data.rows.test];
  return (
    (status === "running" ||
      (ending !== null && statusOf(ending) === status && typeof parametersSha256 === "string")) &&
    counts.every((count) => Number.isSafeInteger(count) && count >= 0) &&
    layers.length >= 2 &&
    layers.every((size) => Number.isSafeInteger(size) && size >= 1) &&
    activation.split(",").every((name) => (ACTIVATIONS as readonly string[]).includes(name)) &&
    [record.layerNorm, record.residual].every((on) => on === undefined || on === true) &&
    precision === enginePrecision(engine)
  );
}

/** metrics.jsonl: one JSON object a line for each epoch. */
export function metricsLine(epoch: EpochRecord): string {
  return `${JSON.stringify(epoch)}\n`;
}

const EPOCH_NUMBERS = ["epoch", "steps", "learningRate", "seconds", "examplesPerSecond"] as const;
const EPOCH_NULLABLE = ["trainLoss", "trainAccuracy", "validationLoss", "validationAccuracy"] as const;

/** Whether a value read from a file is the record of `epoch`. */
export function isEpochRecord(value: unknown, epoch: number): value is EpochRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as EpochRecord;
  const numbers = EPOCH_NUMBERS.every((key) => Number.isFinite(record[key]));
  const nullable = EPOCH_NULLABLE.every((key) => record[key] === null || Number.isFinite(record[key]));
  const hash = typeof record.parametersSha256 === "string" && /^[0-9a-f]{64}$/.test(record.parametersSha256);
  const { noise, epsilon } = record;
  const measured = noise === undefined || (typeof noise === "object" && noise !== null && isNoise(noise));
  const spent = epsilon === undefined ? record.trainLoss !== null : Number.isFinite(epsilon); // a private run's
  return numbers && nullable && hash && measured && spent && typeof record.best === "boolean" && record.epoch === epoch;
}

function isNoise({ rows, trace, squaredGradient, scale, standardError }: NonNullable<EpochRecord["noise"]>): boolean {
  return (
    [rows, trace, squaredGradient].every(Number.isFinite) &&
    [scale, standardError].every((value) => value === null || Number.isFinite(value))
  );
}

/**
 * metrics.jsonl read back. A last line without its end, torn by a crash, is left out. Raises InvalidInput naming the
 * line.
 */
export function readEpochs(text: string, file: string): EpochRecord[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line, l) => readEpoch(line, l + 1, file));
}

/** As readEpochs, from bytes, a line at a time: a million epochs are no single text. */
export function readEpochLines(bytes: Uint8Array, file: string): EpochRecord[] {
  const epochs: EpochRecord[] = [];
  const decoder = new TextDecoder();
  let at = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
    epochs.push(readEpoch(decoder.decode(bytes.subarray(at, end)), epochs.length + 1, file));
    at = end + 1;
  }
  return epochs;
}

/** As readEpochLines, one after another from chunks of the file. */
export async function* readRecords(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<EpochRecord> {
  const decoder = new TextDecoder();
  let epoch = 1;
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield readEpoch(line, epoch++, file);
  }
}

function readEpoch(line: string, epoch: number, file: string): EpochRecord {
  try {
    const record = parseJson(line);
    if (isEpochRecord(record, epoch)) return record;
  } catch {
    // not JSON: refused below
  }
  throw new InvalidInput("BAD_RUN", `this is not the record of epoch ${epoch}.`, { file, at: `line ${epoch}` });
}
