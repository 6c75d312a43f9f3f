// Node only. Writing the folder of a run in training, by one process at a time. Every file but metrics.jsonl is written
// durably. metrics.jsonl grows by a line an epoch, and its new lines are on the disk before the checkpoint that counts
// on them: a checkpoint states how many bytes of it are its own, and their SHA-256.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Network } from "../../network/network.ts";
import type { Model } from "../../training/model.ts";
import type { RunState } from "../../training/run-state.ts";
import type { EpochRecord, TrainingResult } from "../../training/training-result.ts";
import { removeTemporaries, writeDurably, writeFailure } from "../disk.ts";
import { encodeModel } from "../model/model-file.ts";
import { checkpointPieces } from "./checkpoint.ts";
import { lockFolder } from "./lock.ts";
import { CHECKPOINT_FILE, METRICS_FILE, MODEL_FILE, PREVIOUS_FILE, RUN_FILE } from "./run-folder.ts";
import { endRecord, metricsLine, type RunPlan, type RunRecord, runIdentity, startRecord } from "./run-record.ts";

const PIECE = 4096; // lines written at once

export class Journal {
  readonly folder: string;
  readonly #release: () => Promise<void>;
  #newestIsGood = true; // whether checkpoint.safetensors, if there is one, becomes the previous one
  #epochs = 0; //          lines of metrics.jsonl
  #bytes = 0; //           of these lines
  #hash = createHash("sha256"); // of these bytes

  private constructor(folder: string, release: () => Promise<void>) {
    this.folder = folder;
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
   * Write the record of a running run and the lines of `epochs`. `damaged`: the newest checkpoint is, and is not kept.
   */
  async start(plan: RunPlan, epochs: readonly EpochRecord[] = [], damaged = false): Promise<void> {
    this.#newestIsGood = !damaged;
    await this.#writeRecord(startRecord(plan));
    await this.#writeMetrics(epochs);
  }

  /** Save the state: the lines of the new epochs first, then the checkpoint. Returns the checkpoint's file. */
  async save(network: Network, plan: RunPlan, state: RunState): Promise<string> {
    const path = join(this.folder, CHECKPOINT_FILE);
    await this.#append(state.epochs);
    const log = { epochs: this.#epochs, bytes: this.#bytes, sha256: this.#hash.copy().digest("hex") };
    const pieces = await checkpointPieces({ network, run: runIdentity(plan), state }, log);
    const previous = this.#newestIsGood ? join(this.folder, PREVIOUS_FILE) : undefined;
    await writeDurably(path, pieces, { previous });
    this.#newestIsGood = true;
    return path;
  }

  async #append(epochs: readonly EpochRecord[]): Promise<void> {
    const lines = Buffer.from(epochs.slice(this.#epochs).map(metricsLine).join(""));
    if (lines.length === 0) return;
    const metrics = join(this.folder, METRICS_FILE);
    try {
      const { O_RDWR, O_CREAT, O_NONBLOCK = 0 } = constants;
      const file = await open(metrics, O_RDWR | O_CREAT | O_NONBLOCK);
      try {
        await file.truncate(this.#bytes); // what a failed save may have left
        for (let at = 0; at < lines.length; )
          at += (await file.write(lines, at, lines.length - at, this.#bytes + at)).bytesWritten;
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw writeFailure(metrics, cause, "The checkpoint before it is whole.");
    }
    this.#hash.update(lines);
    this.#bytes += lines.length;
    this.#epochs = epochs.length;
  }

  /**
   * Write the model, then run.json with the outcome: last, so that the files it names exist. Returns the model's file.
   */
  async end(plan: RunPlan, trained: TrainingResult, model: Model): Promise<string> {
    const path = join(this.folder, MODEL_FILE);
    const record = endRecord(plan, trained);
    await writeDurably(path, await encodeModel(model));
    await this.#writeMetrics(trained.epochs);
    await this.#writeRecord(record);
    if (record.status !== "interrupted") await this.clear();
    return path;
  }

  /** Remove the checkpoints of a run that cannot be resumed. */
  async clear(): Promise<void> {
    for (const file of [CHECKPOINT_FILE, PREVIOUS_FILE]) await unlink(join(this.folder, file)).catch(() => {});
  }

  close(): Promise<void> {
    return this.#release();
  }

  async #writeRecord(record: RunRecord): Promise<void> {
    await writeDurably(join(this.folder, RUN_FILE), `${JSON.stringify(record, null, 2)}\n`);
  }

  async #writeMetrics(epochs: readonly EpochRecord[]): Promise<void> {
    this.#hash = createHash("sha256");
    this.#bytes = 0;
    await writeDurably(join(this.folder, METRICS_FILE), this.#pieces(epochs));
    this.#epochs = epochs.length;
  }

  *#pieces(epochs: readonly EpochRecord[]): Generator<string> {
    for (let from = 0; from < epochs.length; from += PIECE) {
      const lines = epochs
        .slice(from, from + PIECE)
        .map(metricsLine)
        .join("");
      this.#hash.update(lines);
      this.#bytes += Buffer.byteLength(lines);
      yield lines;
    }
  }
}
