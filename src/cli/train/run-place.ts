// Where a new run goes: --out, or the first of runs/NAME-SEED, runs/NAME-SEED-2, … that no other run has taken.
import { basename, join } from "node:path";
import { EnvironmentFailure, InvalidInput } from "../../errors.ts";
import { makeFolder } from "../../files/disk.ts";
import { Journal } from "../../files/run/journal.ts";
import { findCheckpoint, findRun, refuseOtherRun } from "../../files/run/run-folder.ts";
import { type RunPlan, type RunRecord, runIdentity } from "../../files/run/run-record.ts";
import { note } from "../program.ts";

type Planned = Omit<RunPlan, "engine" | "threads">;

/** A locked folder for the run; `found`: this same run, complete or diverged, which its repeat replaces. */
export type RunPlace = { readonly journal: Journal; readonly found: RunRecord | undefined };

/**
 * Lock the folder for `planned`: `out`, or the first free one under runs/. Raises InvalidInput where `out` holds
 * another run, or where the folder holds this same run, interrupted.
 */
export async function openRunPlace(planned: Planned, out: string | undefined): Promise<RunPlace> {
  if (out !== undefined) return openPlace(out, planned);
  const usual = join("runs", `${runName(planned.data.name)}-${planned.options.seed}`);
  for (let k = 1; ; k++) {
    const folder = k === 1 ? usual : `${usual}-${k}`;
    if (await takenByOther(folder, planned)) continue;
    try {
      const place = await openPlace(folder, planned);
      if (k > 1) note(`${usual} holds another run, so this one goes to ${folder}. --out chooses a folder.`);
      return place;
    } catch (error) {
      if (!(await takenMeanwhile(error, folder, planned))) throw error;
    }
  }
}

/** Whether `folder` holds a run, or what may be one, that is not `planned`. */
async function takenByOther(folder: string, planned: Planned): Promise<boolean> {
  try {
    const found = await findRun(folder);
    return found !== undefined && runIdentity(found) !== runIdentity(planned);
  } catch (error) {
    if (error instanceof InvalidInput) return true; // a model without a record, or a record that cannot be read
    throw error;
  }
}

/** Whether another process has begun another run in `folder` since it was looked at. */
async function takenMeanwhile(error: unknown, folder: string, planned: Planned): Promise<boolean> {
  if (!(error instanceof InvalidInput || (error instanceof EnvironmentFailure && error.code === "FOLDER_IN_USE")))
    return false;
  const same = await findRun(folder).then(
    (found) => found !== undefined && runIdentity(found) === runIdentity(planned),
    () => false,
  );
  return !same;
}

async function openPlace(folder: string, planned: Planned): Promise<RunPlace> {
  await makeFolder(folder);
  const journal = await Journal.open(folder); // first, so that a read-only folder is refused before training
  try {
    const found = await findRun(folder);
    if (found) await refuseToReplace(folder, found, planned);
    return { journal, found };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** Raises InvalidInput unless `planned` is the run in `folder`, and has not been interrupted there. */
async function refuseToReplace(folder: string, found: RunRecord, planned: Planned): Promise<void> {
  refuseOtherRun(folder, found, planned);
  if (found.status === "complete" || found.status === "stopped") return;
  const checkpoint = await findCheckpoint(folder);
  if (!checkpoint) return;
  const { epoch, step } = checkpoint.state;
  const reason = `this run was interrupted in epoch ${epoch} after ${step} of its steps. Resume it with --resume ${folder}, choose another --out, or remove the folder.`;
  throw new InvalidInput("OUT_TAKEN", reason, { file: folder });
}

/** A data set's name as part of a folder's name. */
export function runName(name: string): string {
  const base = basename(name).replace(/(\.(csv|tsv|txt|npy|idx|gz))+$/i, "");
  return base.replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") || "data";
}
