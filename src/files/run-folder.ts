// Node only. A run's folder: model.safetensors, metrics.jsonl and run.json, and the rule that a run never replaces a different one.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { EnvironmentFailure, InvalidInput } from "../errors.ts";
import type { Model } from "../training/model.ts";
import type { Trained } from "../training/record.ts";
import { makeFolder, writeDurably } from "./durable.ts";
import { decodeModel, encodeModel } from "./model.ts";
import { metricsLines, type RunRecord, readRunRecord, runIdentity } from "./run.ts";

export const MODEL_FILE = "model.safetensors";
const RUN_FILE = "run.json";
const METRICS_FILE = "metrics.jsonl";

/** What already lies in `folder`: its run, or undefined if there is none. Raises InvalidInput if other things are in the way. */
export async function findRun(folder: string): Promise<RunRecord | undefined> {
  const file = join(folder, RUN_FILE);
  const text = await readIfThere(file);
  if (text !== undefined) return readRunRecord(text.toString("utf8"), file);
  if ((await readIfThere(join(folder, MODEL_FILE))) === undefined) return undefined;
  const reason = "this model has no run.json beside it, so it may be another run's. Choose another --out.";
  throw new InvalidInput("OUT_TAKEN", reason, { file: join(folder, MODEL_FILE) });
}

/** Raises InvalidInput if `found`, the run in `folder`, is not the run that `planned` describes. The message says what differs. */
export function refuseOtherRun(folder: string, found: RunRecord, planned: Parameters<typeof runIdentity>[0]): void {
  if (runIdentity(found) === runIdentity(planned)) return;
  const before = { ...found.options, ...pickIdentity(found) };
  const now: Record<string, unknown> = { ...planned.options, ...pickIdentity(planned) };
  const changes = Object.entries(before)
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(now[key]))
    .map(([key, value]) => `${key} ${short(value)}, now ${short(now[key])}`);
  const reason = `this folder holds a different run (${changes.join("; ")}). Choose another --out, or remove the folder.`;
  throw new InvalidInput("OUT_TAKEN", reason, { file: folder });
}

function pickIdentity({ data, layers, activation, precision }: Parameters<typeof runIdentity>[0]) {
  return { data: data.sha256.slice(0, 12), label: data.label, layers, activation, precision };
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "none").replaceAll('"', "");
}

/** Write the three files; run.json last, so that a folder with a run.json is whole. */
export async function saveRun(folder: string, trained: Trained, model: Model, record: RunRecord): Promise<string> {
  await makeFolder(folder);
  const path = join(folder, MODEL_FILE);
  await writeDurably(path, await encodeModel(model));
  await writeDurably(join(folder, METRICS_FILE), metricsLines(trained));
  await writeDurably(join(folder, RUN_FILE), `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

/** Write one model. Raises EnvironmentFailure. */
export async function saveModel(path: string, model: Model): Promise<void> {
  await writeDurably(path, await encodeModel(model));
}

/** A model from its file, or from a run's folder. `plain`: the file has no Deltaprop metadata. Raises InvalidInput. */
export async function loadModel(
  path: string,
): Promise<{ readonly model: Model; readonly file: string; readonly plain: boolean }> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, MODEL_FILE) : path;
  const bytes = await readIfThere(file);
  if (bytes === undefined) {
    const reason = isFolder ? "this folder holds no model." : "there is no such file.";
    throw new InvalidInput("FILE_NOT_FOUND", `${reason} Expected a model or the folder of a run.`, { file });
  }
  return { ...(await decodeModel(bytes, file)), file };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EISDIR") throw new InvalidInput("NOT_A_FILE", "this is a folder.", { file }, { cause });
    throw new EnvironmentFailure("READ_FAILED", `could not read: ${message}.`, { file }, { cause });
  }
}
