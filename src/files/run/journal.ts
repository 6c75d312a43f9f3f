// Node only. Writing a run's folder while the run goes on, by one process at a time. Every file but metrics.jsonl is written durably:
// metrics.jsonl grows by a line an epoch, can be made again from a checkpoint, and is written anew at the end.
import { appendFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Network } from "../../network/network.ts";
import type { Model } from "../../training/model.ts";
import type { RunState } from "../../training/run-state.ts";
import type { EpochRecord, TrainingResult } from "../../training/training-result.ts";
import { removeTemporaries, writeDurably } from "../durable.ts";
import { encodeModel } from "../model/model-file.ts";
import { writeFailure } from "../write-failure.ts";
import { encodeCheckpoint } from "./checkpoint.ts";
import { lockFolder } from "./lock.ts";
import { CHECKPOINT_FILE, METRICS_FILE, MODEL_FILE, PREVIOUS_FILE, RUN_FILE } from "./run-folder.ts";
import { endRecord, metricsLine, type RunPlan, type RunRecord, runIdentity, startRecord } from "./run-record.ts";

export class Journal {
  readonly folder: string;
  readonly #release: () => Promise<void>;
  #newestIsGood = true; // whether checkpoint.safetensors, if it is there, is worth keeping as the previous one
  #epochs = 0; //          lines of metrics.jsonl

  private constructor(folder: string, release: () => Promise<void>) {
    this.folder = folder;
    this.#release = release;
  }

  /** Hold `folder`, which exists, and clear what killed writers left. Raises EnvironmentFailure if it is held or cannot be written. */
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

  /** Say what is about to run, and that it stands after `epochs`. `damaged`: the newest checkpoint is, and must not replace the other. */
  async start(plan: RunPlan, epochs: readonly EpochRecord[] = [], damaged = false): Promise<void> {
    this.#newestIsGood = !damaged;
    await this.#writeRecord(startRecord(plan));
    await this.#writeMetrics(epochs);
  }

  /** Save where the run stands: the checkpoint first, then the lines of the epochs that are new. Returns the checkpoint's file. */
  async save(network: Network, plan: RunPlan, state: RunState): Promise<string> {
    const path = join(this.folder, CHECKPOINT_FILE);
    const bytes = await encodeCheckpoint({ network, run: runIdentity(plan), state });
    await writeDurably(path, bytes, this.#newestIsGood ? { previous: join(this.folder, PREVIOUS_FILE) } : {});
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

  /** Write the model and how the run ended; run.json last, so that what it says is there. Returns the model's file. */
  async end(plan: RunPlan, trained: TrainingResult, model: Model): Promise<string> {
    const path = join(this.folder, MODEL_FILE);
    const record = endRecord(plan, trained);
    await writeDurably(path, await encodeModel(model));
    await this.#writeMetrics(trained.epochs);
    await this.#writeRecord(record);
    if (record.status !== "interrupted") await this.clear();
    return path;
  }

  /** Remove the checkpoints: the run has ended for good. */
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
