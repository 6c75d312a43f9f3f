// Node only. Writing the folder of a run in training, by one process at a time. Every file but metrics.jsonl is written
// durably. metrics.jsonl grows by a line an epoch, and its new lines are on the disk before the checkpoint that counts
// on them: a checkpoint states how many bytes of it are its own, and their SHA-256.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Network } from "../../network/network.ts";
import type { Model } from "../../training/model.ts";
import type { RunState } from "../../training/run-state.ts";
import type { EpochRecord, TrainingResult } from "../../training/training-result.ts";
import { placeDurably, removeTemporaries, temporaryOf, writeDurably, writeFailure } from "../disk.ts";
import { modelPieces } from "../model/model-file.ts";
import { checkpointPieces, type EpochLog } from "./checkpoint.ts";
import { lockFolder } from "./lock.ts";
import { CHECKPOINT_FILE, firstBytes, METRICS_FILE, MODEL_FILE, PREVIOUS_FILE, RUN_FILE } from "./run-folder.ts";
import {
  endRecord,
  metricsLine,
  type RunPlan,
  type RunRecord,
  readRecords,
  recordText,
  runIdentity,
  startRecord,
} from "./run-record.ts";

export class Journal {
  readonly folder: string;
  readonly #release: () => Promise<void>;
  #newestIsGood = true; // whether checkpoint.safetensors, if there is one, becomes the previous one
  #metrics: string; //     the file that lines are added to
  #epochs = 0; //          its lines
  #bytes = 0; //           of these lines
  #hash = createHash("sha256"); // of these bytes

  private constructor(folder: string, release: () => Promise<void>) {
    this.folder = folder;
    this.#metrics = join(folder, METRICS_FILE);
    this.#release = release;
  }

  /**
   * Lock `folder`, which exists, and remove temporary files. Raises EnvironmentFailure if it is locked or not writable.
   */
  static async open(folder: string): Promise<Journal> {
    const release = await lockFolder(folder);
    try {
      await removeTemporaries(folder);
    } catch (cause) {
      await release();
      throw writeFailure(folder, cause, "Nothing was started.");
    }
    return new Journal(folder, release);
  }

  /**
   * Write the record of a running run. Of metrics.jsonl the lines that `log` counts stay, or none. `damaged`: the
   * newest checkpoint is, and is not kept.
   */
  async start(plan: RunPlan, log?: EpochLog, damaged = false): Promise<void> {
    this.#newestIsGood = !damaged;
    await this.#writeRecord(startRecord(plan));
    if (log && log.bytes > 0) await this.#keepLines(log);
    else {
      await writeDurably(this.#metrics, "");
      this.#forget();
    }
  }

  /** For the repeat of a complete run: its metrics.jsonl is replaced at the end, so new lines are written beside it. */
  startApart(): void {
    this.#metrics = temporaryOf(this.#metrics);
  }

  /** Save the state: the lines of the new epochs first, then the checkpoint. Returns the checkpoint's file. */
  async save(network: Network, plan: RunPlan, state: RunState): Promise<string> {
    const path = join(this.folder, CHECKPOINT_FILE);
    await this.append(state.epochs.slice(this.#epochs - (state.earlier?.count ?? 0)));
    const log = { epochs: this.#epochs, bytes: this.#bytes, sha256: this.#hash.copy().digest("hex") };
    const pieces = await checkpointPieces({ network, run: runIdentity(plan), state }, log);
    const previous = this.#newestIsGood ? join(this.folder, PREVIOUS_FILE) : undefined;
    await writeDurably(path, pieces, { previous });
    this.#newestIsGood = true;
    return path;
  }

  /** Add the lines of the next epochs, synced. */
  async append(epochs: readonly EpochRecord[]): Promise<void> {
    const lines = Buffer.from(epochs.map(metricsLine).join(""));
    if (lines.length === 0) return;
    try {
      const { O_RDWR, O_CREAT, O_NONBLOCK = 0 } = constants;
      const file = await open(this.#metrics, O_RDWR | O_CREAT | O_NONBLOCK);
      try {
        await file.truncate(this.#bytes); // what a failed save may have left
        for (let at = 0; at < lines.length; )
          at += (await file.write(lines, at, lines.length - at, this.#bytes + at)).bytesWritten;
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw writeFailure(join(this.folder, METRICS_FILE), cause, "The checkpoint before it is whole.");
    }
    this.#hash.update(lines);
    this.#bytes += lines.length;
    this.#epochs += epochs.length;
  }

  /**
   * Write the model, then run.json with the outcome: last, so that the files it names exist. The lines of all epochs
   * have been appended. Returns the model's file.
   */
  async end(plan: RunPlan, trained: TrainingResult, model: Model): Promise<string> {
    const path = join(this.folder, MODEL_FILE);
    const record = endRecord(plan, { ...trained, epochs: [] });
    await writeDurably(path, await modelPieces(model));
    const metrics = join(this.folder, METRICS_FILE);
    if (this.#metrics !== metrics && this.#epochs > 0) await placeDurably(this.#metrics, metrics);
    this.#metrics = metrics;
    const lines = firstBytes(metrics, this.#bytes);
    await writeDurably(join(this.folder, RUN_FILE), recordText(record, readRecords(lines, metrics)));
    if (record.status !== "interrupted") await this.clear();
    return path;
  }

  /** Remove the checkpoints of a run that cannot be resumed. */
  async clear(): Promise<void> {
    for (const file of [CHECKPOINT_FILE, PREVIOUS_FILE]) await unlink(join(this.folder, file)).catch(() => {});
  }

  async close(): Promise<void> {
    const placed = this.#metrics === join(this.folder, METRICS_FILE);
    if (!placed) await unlink(this.#metrics).catch(() => {});
    await this.#release();
  }

  async #writeRecord(record: RunRecord): Promise<void> {
    await writeDurably(join(this.folder, RUN_FILE), `${JSON.stringify(record, null, 2)}\n`);
  }

  #forget(): void {
    this.#hash = createHash("sha256");
    this.#bytes = 0;
    this.#epochs = 0;
  }

  /** Go on behind the lines of `log`, which were read and compared before. */
  async #keepLines({ epochs, bytes }: EpochLog): Promise<void> {
    this.#forget();
    for await (const chunk of firstBytes(this.#metrics, bytes)) this.#hash.update(chunk);
    this.#bytes = bytes;
    this.#epochs = epochs;
    await truncate(this.#metrics, bytes).catch((cause: unknown) => {
      throw writeFailure(this.#metrics, cause, "Nothing was started.");
    });
  }
}
