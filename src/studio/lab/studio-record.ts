// The run's record: run.json as `deltaprop train` writes it, and under `studio` the set-up and the taught steps.
import { endRecord, planOf } from "../../files/run/run-record.ts";
import type { OpenRun } from "./open-run.ts";

/** `taught` > 0: taught steps are in the parameters, which then do not follow from the rest of the record. */
export async function recordOf(
  { run, source, rows, setup, drawn }: OpenRun,
  versions: Readonly<Record<string, string>>,
): Promise<string> {
  const { name, sha256 } = source;
  const counts = { train: rows.train.rows, validation: 0, test: rows.test.rows };
  const data = { name, from: name, dataDir: null, sha256, label: null, heldOut: rows.heldOut, rows: counts };
  const trained = await run.result();
  const record = { ...endRecord(planOf(trained, data, versions), trained), studio: { taught: drawn.taught, setup } };
  return `${JSON.stringify(record, null, 2)}\n`;
}
