// The run's record: run.json as `deltaprop train` writes it, with the changes of its settings, and under `studio` the
// set-up, the dropped model and the taught steps.
import { endRecord, planOf, type RunData } from "../../files/run/run-record.ts";
import { readingIn, readOptions } from "../state/reading.ts";
import type { OpenRun } from "./open-run.ts";

/**
 * With a model or taught steps the parameters do not follow from the record alone: `deltaprop verify` refuses it.
 * `file`: the name of a visitor's file or folder.
 */
export async function recordOf(
  { run, source, rows, setup, drawn, epochs, model, changes }: OpenRun,
  file: string | null,
  versions: Readonly<Record<string, string>>,
): Promise<string> {
  const { name, sha256 } = source;
  const counts = { train: rows.train.rows, validation: 0, test: rows.test.rows };
  const place = { name, from: setup.data === "file" ? `./${file ?? name}` : name, dataDir: null, sha256 };
  const data: RunData = { ...place, ...readAs(setup, source, rows.train.task), heldOut: rows.heldOut, rows: counts };
  const trained = await run.result();
  const { learningRate, batchSize, weightDecay } = setup;
  const options = { ...trained.options, learningRate, batchSize, weightDecay }; // as it began
  const plan = { ...planOf({ ...trained, options }, data, versions), ...(changes.length > 0 ? { changes } : {}) };
  const record = { ...endRecord(plan, { ...trained, epochs }), studio: { taught: drawn.taught, model, setup } };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** How the data were read. */
function readAs(
  setup: OpenRun["setup"],
  { table }: OpenRun["source"],
  learned: OpenRun["rows"]["train"]["task"],
): Pick<RunData, "label" | "table" | "reading"> {
  const { label, pictures, task: said, ...rest } = setup.data === "file" ? readOptions(readingIn(setup)) : {};
  const task = learned ?? (said === "classify" ? said : undefined); // one that was found is recorded, too
  const choices = { ...rest, ...(task && { task }) };
  return {
    label: label ?? table?.labelName ?? null,
    ...(Object.keys(choices).length > 0 && { table: choices }),
    ...(pictures && { reading: { pictures } }),
  };
}
