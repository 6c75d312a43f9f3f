// Node only. Writing the folder of a run in training, by one process at a time. Every file but metrics.jsonl is written
// durably: metrics.jsonl grows by a line an epoch, can be restored from a checkpoint, and is written anew at the end.
import { appendFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Network } from "../../network/network.ts";
import type { Model } from "../../training/model.ts";
import type { RunState } from "../../training/run-state.ts";
import type { EpochRecord, TrainingResult } from "../../training/training-result.ts";
import { removeTemporaries, writeDurably, writeFailure } from "../disk.ts";
import { encodeModel } from "../model/model-file.ts";
import { encodeCheckpoint } from "./checkpoint.ts";
import { lockFolder } from "./lock.ts";
import { CHECKPOINT_FILE, METRICS_FILE, MODEL_FILE, PREVIOUS_FILE, RUN_FILE } from "./run-folder.ts";
import { endRecord, metricsLine, type RunPlan, type RunRecord, runIdentity, startRecord } from "./run-record.ts";

export class Journal {
  readonly folder: string;
  readonly #release: () => Promise<void>;
  #newestIsGood = true; // whether checkpoint.safetensors, if there is one, becomes the previous one
  #epochs = 0; //          lines of metrics.jsonl

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

  /** Save the state: the checkpoint first, then the lines of the new epochs. Returns the checkpoint's file. */
  async save(network: Network, plan: RunPlan, state: RunState): Promise<string> {
    const path = join(this.folder, CHECKPOINT_FILE);
    const bytes = await encodeCheckpoint({ network, run: runIdentity(plan), state });
    const previous = this.#newestIsGood ? join(this.folder, PREVIOUS_FILE) : undefined;
    await writeDurably(path, bytes, { previous });
    this.#newestIsGood = true;
    const lines = state.epochs.slice(this.#epochs).map(metricsLine).join("");
    const metrics = join(this.folder, METRICS_FILE);
    if (lines !== "")
      await appendFile(metrics, lines).catch((cause: unknown) => {
        throw writeFailure(metrics, cause, "The checkpoint holds what is missing.");
      });
    this.#epochs = state.epochs.length;
    return path;
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
    await writeDurably(join(this.folder, METRICS_FILE), epochs.map(metricsLine).join(""));
    this.#epochs = epochs.length;
  }
}
