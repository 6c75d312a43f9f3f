// The run's record: run.json as `deltaprop train` writes it, with the changes of its settings, and under `studio` the
// set-up, the dropped model and the taught steps.
import { endRecord, planOf } from "../../files/run/run-record.ts";
import type { OpenRun } from "./open-run.ts";

/** With a model or taught steps the parameters do not follow from the record alone: `deltaprop verify` refuses it. */
export async function recordOf(
  { run, source, rows, setup, drawn, epochs, model, changes }: OpenRun,
  versions: Readonly<Record<string, string>>,
): Promise<string> {
  const { name, sha256 } = source;
  const counts = { train: rows.train.rows, validation: 0, test: rows.test.rows };
  const data = { name, from: name, dataDir: null, sha256, label: null, heldOut: rows.heldOut, rows: counts };
  const trained = await run.result();
  const { learningRate, batchSize, weightDecay } = setup;
  const options = { ...trained.options, learningRate, batchSize, weightDecay }; // as it began
  const plan = { ...planOf({ ...trained, options }, data, versions), ...(changes.length > 0 ? { changes } : {}) };
  const record = { ...endRecord(plan, { ...trained, epochs }), studio: { taught: drawn.taught, model, setup } };
  return `${JSON.stringify(record, null, 2)}\n`;
}
