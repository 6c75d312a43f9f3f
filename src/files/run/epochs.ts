// The records of a run's epochs read back: from metrics.jsonl, and one by one.
import { InvalidInput } from "../../errors.ts";
import type { EpochRecord } from "../../training/training-result.ts";
import { parseJson } from "../model/json.ts";

const NUMBERS = [
  "epoch",
  "steps",
  "learningRate",
  "trainLoss",
  "trainAccuracy",
  "seconds",
  "examplesPerSecond",
] as const;
const MAYBE = ["validationLoss", "validationAccuracy"] as const;

/** Whether a value read from a file is the record of this epoch. */
export function isEpochRecord(value: unknown, epoch: number): value is EpochRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as EpochRecord;
  const numbers = NUMBERS.every((key) => Number.isFinite(record[key]));
  const maybe = MAYBE.every((key) => record[key] === null || Number.isFinite(record[key]));
  const hash = typeof record.parametersSha256 === "string" && /^[0-9a-f]{64}$/.test(record.parametersSha256);
  return numbers && maybe && hash && typeof record.best === "boolean" && record.epoch === epoch;
}

/** One record a line. A last line without its end, which a crash has torn, is left out. Raises InvalidInput BAD_RUN naming the line. */
export function readEpochs(text: string, file: string): EpochRecord[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, l) => {
    try {
      const record = parseJson(line);
      if (isEpochRecord(record, l + 1)) return record;
    } catch {
      // not JSON: refused below
    }
    throw new InvalidInput("BAD_RUN", `this is not the record of epoch ${l + 1}.`, { file, at: `line ${l + 1}` });
  });
}
