// Node only. Reading a run's folder: model.safetensors, metrics.jsonl, run.json and, before its end, the checkpoint. A
// run never replaces a different one. journal.ts writes these files.
import { createHash } from "node:crypto";
import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { diskFile, readBytes } from "../../data/disk-files.ts";
import type { ReadLimits } from "../../data/file-set.ts";
import { InvalidInput, must } from "../../errors.ts";
import type { Activation } from "../../network/network.ts";
import { EpochHistory } from "../../training/epoch-history.ts";
import type { Model } from "../../training/model.ts";
import { writeDurably } from "../disk.ts";
import { refuseOtherKind } from "../model/kinds.ts";
import { decodeModel, modelPieces } from "../model/model-file.ts";
import { checkHead } from "../model/safetensors.ts";
import { type EpochLog, type ReadCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { type RunRecord, readEpochLines, readRecords, readRunRecord, runIdentity } from "./run-record.ts";

export const MODEL_FILE = "model.safetensors";
export const RUN_FILE = "run.json";
export const MEMBERS_FILE = "members.json"; // of an ensemble, whose runs lie in folders of their own
export const METRICS_FILE = "metrics.jsonl";
export const CHECKPOINT_FILE = "checkpoint.safetensors";
export const PREVIOUS_FILE = `${CHECKPOINT_FILE}.previous`;

// Sizes in bytes: as many as the largest that is written, and no more.
const MOST_HEADER = 100_000_008;
const MOST_MODEL = MOST_HEADER + 8 * 2 ** 28; //      2^28 parameters in float64
const MOST_CHECKPOINT = MOST_HEADER + 36 * 2 ** 28; // four arrays in float64, and the losses and predictions of rows
const MOST_RECORD = 2 ** 28;
const MOST_METRICS = 2 ** 29; //                        what one text holds

const checkSafetensors = (file: string) => (head: Uint8Array, size: number) => void checkHead(head, size, file);

/** The folder of member `k`, from 0, of the ensemble in `folder`. */
export const memberFolder = (folder: string, k: number): string => join(folder, `member-${k + 1}`);

/** The run in `folder`, or undefined if there is none. Raises InvalidInput for a model without a record. */
export async function findRun(folder: string): Promise<RunRecord | undefined> {
  const file = join(folder, RUN_FILE);
  const text = await readIfThere(file, { most: MOST_RECORD });
  if (text !== undefined) return readRunRecord(new TextDecoder().decode(text), file);
  const model = await lstat(join(folder, MODEL_FILE)).catch(() => undefined);
  if (model === undefined) return undefined;
  if (await lstat(join(folder, MEMBERS_FILE)).catch(() => undefined)) {
    const reason = `this is an ensemble. Each of its members is a run, such as ${memberFolder(folder, 0)}: name one of them.`;
    throw new InvalidInput("NO_RUN", reason, { file: folder });
  }
  const reason = "this model has no run.json beside it, so it may be another run's. Choose another --out.";
  throw new InvalidInput("OUT_TAKEN", reason, { file: join(folder, MODEL_FILE) });
}

/** The run in `folder`. Raises InvalidInput if there is none. */
export async function openRunFolder(folder: string): Promise<RunRecord> {
  const found = await findRun(folder);
  if (found && found.arithmetic !== "exact") {
    const reason = "only runs in exact arithmetic can be reproduced or resumed bit for bit.";
    throw new InvalidInput("NOT_PROMISED", reason, { file: join(folder, RUN_FILE), at: "arithmetic" });
  }
  if (found) return found;
  const reason = "this folder holds no run.json. Expected the folder of a run, such as runs/mnist-1.";
  throw new InvalidInput("NO_RUN", reason, { file: folder });
}

/**
 * Raises InvalidInput, naming the differences, unless `found`, the run in `folder`, is the one that `planned`
 * describes.
 */
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

function pickIdentity({ data, layers, activation, precision, start }: Parameters<typeof runIdentity>[0]) {
  const { sha256, label, table, parts } = data;
  const rows = { data: sha256.slice(0, 12), label, ...table, test: parts?.test?.sha256.slice(0, 12) };
  return { ...rows, layers, activation, precision, from: start?.sha256.slice(0, 12) };
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "none").replaceAll('"', "");
}

/** A checkpoint and its file; `damaged`: the error of a newer one. */
export type FoundCheckpoint = ReadCheckpoint & { readonly file: string; readonly damaged: InvalidInput | null };

/** The newest valid checkpoint in `folder`, or undefined without any. Raises InvalidInput if all are damaged. */
export async function findCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  let damaged: InvalidInput | null = null;
  for (const file of [join(folder, CHECKPOINT_FILE), join(folder, PREVIOUS_FILE)]) {
    try {
      const bytes = await readIfThere(file, { most: MOST_CHECKPOINT, check: checkSafetensors(file) });
      if (bytes === undefined) continue;
      return { ...(await readCheckpoint(bytes, file, (log) => readLog(folder, log))), file, damaged };
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      damaged ??= error;
    }
  }
  if (damaged) throw damaged;
  return undefined;
}

/** The epochs of a checkpoint: the first lines of metrics.jsonl, which may have grown since. Raises InvalidInput. */
async function readLog(folder: string, log: EpochLog): Promise<EpochHistory> {
  if (log.epochs === 0) return new EpochHistory();
  const file = join(folder, METRICS_FILE);
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of firstBytes(file, log.bytes)) {
    hash.update(chunk);
    length += chunk.length;
  }
  const same = length === log.bytes && hash.digest("hex") === log.sha256;
  const reason = `its first ${log.bytes} bytes do not have the SHA-256 that the checkpoint beside it says.`;
  if (!same) throw new InvalidInput("DAMAGED", reason, { file, at: "content" });
  const history = new EpochHistory();
  for await (const record of readRecords(firstBytes(file, log.bytes), file)) history.add(record);
  const count = `it holds ${history.count} epochs, the checkpoint beside it says ${log.epochs}.`;
  if (history.count !== log.epochs) throw new InvalidInput("DAMAGED", count, { file, at: "content" });
  return history;
}

/** The first `most` bytes of a plain file, a chunk at a time; none where there is no file. Raises InvalidInput. */
export async function* firstBytes(file: string, most: number): AsyncGenerator<Uint8Array> {
  let left = most;
  const { files, path } = diskFile(file);
  try {
    for await (const chunk of files.chunks(path)) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      yield part;
      if (left === 0) return;
    }
  } catch (error) {
    const known = await knownReading(file, error);
    if (known) throw known;
  }
}

/**
 * The SHA-256 after each epoch of a run, from its record or, if it was killed, from its metrics. Raises InvalidInput.
 */
export async function epochHashes(folder: string, record: RunRecord): Promise<readonly string[]> {
  if (record.status !== "running") return record.epochParametersSha256;
  const file = join(folder, METRICS_FILE);
  const epochs = readEpochLines((await readIfThere(file, { most: MOST_METRICS })) ?? new Uint8Array(0), file);
  return epochs.map(({ parametersSha256 }) => parametersSha256);
}

/** Write one model. Raises EnvironmentFailure. */
export async function saveModel(path: string, model: Model): Promise<void> {
  await writeDurably(path, await modelPieces(model));
}

/**
 * A model from its file, or from a run's folder. `plain`: the file has no Deltaprop metadata, so `assumed` (by default
 * ReLU) stands between its layers. Raises InvalidInput.
 */
export async function loadModel(
  path: string,
  assumed?: Activation,
  order?: readonly string[],
): Promise<{
  readonly model: Model;
  readonly file: string;
  readonly plain: boolean;
  readonly converted?: string | undefined;
}> {
  must(typeof path === "string", "path", "the path of a model or of a run", path);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, MODEL_FILE) : path;
  const check = checkSafetensors(file);
  const bytes = await readIfThere(file, {
    most: MOST_MODEL,
    check(head, size) {
      refuseOtherKind(head, file);
      check(head, size);
    },
  });
  if (bytes === undefined) {
    const reason = isFolder ? "this folder holds no model." : "there is no such file.";
    throw new InvalidInput("FILE_NOT_FOUND", `${reason} Expected a model or the folder of a run.`, { file });
  }
  return { ...(await decodeModel(bytes, file, assumed, order)), file };
}

/** The bytes of a plain file; undefined if there is none. Raises InvalidInput FILE_UNREADABLE or NOT_A_FILE. */
export async function readIfThere(file: string, limits?: ReadLimits): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readBytes(file, limits);
  } catch (error) {
    const known = await knownReading(file, error);
    if (known) throw known;
    return undefined;
  }
}

/** The error of a file of ours for that of a file of data; undefined where there is no file. */
async function knownReading(file: string, error: unknown): Promise<unknown> {
  if (!(error instanceof InvalidInput) || !error.code.startsWith("DATA_")) return error;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return undefined;
  const isFolder = await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return new InvalidInput("NOT_A_FILE", "this is a folder.", { file }, { cause: error });
  return new InvalidInput("FILE_UNREADABLE", error.message, { file }, { cause: error });
}
