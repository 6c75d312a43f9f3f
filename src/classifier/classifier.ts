// A trained model that answers: warm, by name, one row at once or many in the background.
import type { Dataset } from "../data/dataset.ts";
import { FORWARD_ROWS, type Forward, openForward } from "../engines/forward.ts";
import { EnvironmentFailure } from "../errors.ts";
import { encodeModel } from "../files/model/model-file.ts";
import { encodeModelJson } from "../files/model/model-json.ts";
import type { Network } from "../network/network.ts";
import { evaluate, type Machine, predict, worthATeam } from "../training/evaluate.ts";
import type { Metrics } from "../training/metrics.ts";
import { checkModel, columnCount, type Model, mustClassify } from "../training/model.ts";
import type { EpochRecord, StopReason, TrainingResult } from "../training/training-result.ts";
import { type Answer, type Answers, answersBy, collectAnswers } from "./answer.ts";
import { type InputRow, listRows, type ManyRows, RowReader } from "./row-input.ts";

/** Engine and threads of a classifier. Neither changes a bit of its answers. */
export type ClassifierMachine = Pick<Machine, "engine" | "threads">;

/** What can be given up. */
export type Abortable = {
  /** An abort rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * A classifier: what `fit` and `load` give. It keeps one small piece of memory with its parameters, so an answer costs
 * its arithmetic and little more. For another thread send `model`, a plain value, and call `classifierOf` there.
 */
export class Classifier {
  /** The model as a plain value: for structuredClone, postMessage and every function that takes a Model. */
  readonly model: Model;
  /** A record for each epoch of the training; empty for a loaded model. */
  readonly history: readonly EpochRecord[];
  /** Why the training ended; null for a loaded model. */
  readonly stopReason: StopReason | null;
  /** The epoch, from 1, whose parameters the model holds (0: the initial ones); null for a loaded model. */
  readonly bestEpoch: number | null;
  /** Metrics of the test split; null without one. */
  readonly test: Metrics | null;
  readonly #machine: ClassifierMachine;
  readonly #reader: RowReader;
  readonly #answer: (logits: ArrayLike<number>) => Answer;
  #forward: Forward | undefined;
  #closed = false;

  /** Use `fit`, `load` or `classifierOf`. Raises InvalidInput for what is no model. */
  constructor(model: Model, machine: ClassifierMachine = {}, trained?: TrainingResult) {
    checkModel(model);
    mustClassify(model, "a classifier");
    this.model = model;
    this.history = trained?.epochs ?? [];
    this.stopReason = trained?.stopReason ?? null;
    this.bestEpoch = trained?.keptEpoch ?? null;
    this.test = trained?.test ?? null;
    this.#machine = machine;
    this.#reader = new RowReader(model);
    this.#answer = answersBy(model);
  }

  /** C names, in class order. */
  get classes(): readonly string[] {
    return this.model.classes;
  }

  /** D names of the columns, where the data had them. */
  get columns(): readonly string[] | undefined {
    return this.model.featureNames;
  }

  /** Layer sizes and activation. */
  get network(): Network {
    return this.model.network;
  }

  /** Take the memory now, so that the first answer is as fast as the next: `fit` and `load` have done so. */
  warm(): this {
    this.#open(1);
    return this;
  }

  /**
   * Label and probabilities of one row, at once: D values as they are in the data (scaling is done here), or an object
   * with a value under each column's name, whose other keys are ignored. Of a table with words they are texts, booleans
   * and dates, too, and null is a missing value. Raises InvalidInput.
   */
  predict(row: InputRow): Answer {
    const forward = this.#open(1);
    this.#reader.write(row, forward.input(0), "the row");
    forward.run(1);
    return this.#answer(forward.logits(0));
  }

  /**
   * Labels and probabilities of many rows: rows as `predict` takes them, or one typed array [n×D]. The event loop gets
   * a turn every 20 ms; threads are started from 4e11 operations on. Raises InvalidInput, or the signal's reason.
   */
  async predictMany(rows: ManyRows, { signal }: Abortable = {}): Promise<Answers> {
    signal?.throwIfAborted();
    const { network } = this.model;
    const list = listRows(rows, columnCount(this.model));
    const { threads } = this.#machine;
    const team = threads === undefined ? worthATeam(network, list.length) : threads > 1 && list.length > FORWARD_ROWS;
    if (team) return this.#predictInTeam(list, signal);
    const forward = this.#open(list.length === 1 ? 1 : FORWARD_ROWS);
    const { answers, add } = collectAnswers(this.model, list.length);
    await forward.each(list.length, (i, input) => this.#reader.write(list[i]!, input, `row ${i + 1}`), add, signal);
    return answers;
  }

  /**
   * Metrics on labelled data: accuracy, mean cross-entropy, confusion, and precision, recall and F1 of each class.
   * Columns and classes are matched by name; weights of rows are not used. Raises InvalidInput, or the signal's
   * reason.
   */
  async evaluate(data: Dataset, { signal }: Abortable = {}): Promise<Metrics> {
    return evaluate(this.model, data, { ...this.#machine, signal });
  }

  /** The bytes of a safetensors file, for `load`; every number as it is. `save` of deltaprop/node writes the file. */
  toBytes(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeModel(this.model);
  }

  /**
   * What JSON.stringify writes and `fromJSON` reads: decimals that give every number back (−0 as 0). At most 2²⁴
   * parameters.
   */
  toJSON(): unknown {
    return JSON.parse(encodeModelJson(this.model));
  }

  /** Give the memory back. `model` stays; the next answer raises SESSION_CLOSED. */
  close(): void {
    this.#closed = true;
    this.#forward = undefined;
  }

  /** `using model = await load(…)` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `await using model = await load(…)` closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Memory for passes of `rows` rows; once it has grown it stays. */
  #open(rows: number): Forward {
    if (this.#closed) throw new EnvironmentFailure("SESSION_CLOSED", "this classifier was closed; open a new one.");
    const { network, parameters } = this.model;
    if (!this.#forward || this.#forward.rows < rows)
      this.#forward = openForward(network, parameters, rows, this.#machine.engine);
    return this.#forward;
  }

  /** All rows scaled here, then a session with threads of its own, which pays for long passes alone. */
  async #predictInTeam(list: readonly InputRow[], signal: AbortSignal | undefined): Promise<Answers> {
    const { network, parameters, classes } = this.model;
    const D = network.layers[0]!;
    const features = new Float32Array(list.length * D);
    list.forEach((row, i) => {
      this.#reader.write(row, features.subarray(i * D, (i + 1) * D), `row ${i + 1}`);
    });
    const scaled: Model = { network, parameters, classes, scaling: { kind: "none" } };
    const answer = await predict(scaled, features, { ...this.#machine, signal });
    return { labels: Array.from(answer.classes, (c) => classes[c]!), probabilities: answer.probabilities, classes };
  }
}

/** A classifier of a plain model, e.g. one that another thread has sent. Raises InvalidInput for what is no model. */
export function classifierOf(model: Model, machine: ClassifierMachine = {}): Classifier {
  return new Classifier(model, machine);
}
